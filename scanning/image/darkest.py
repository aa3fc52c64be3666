"""Keeps the darkest ink of a part of a page: print under a seal or a pen that was copied grey."""

from collections.abc import Iterator

import cv2
import numpy as np

from scanning.page import Pixels

_INK = 150  # of paper's 255
_SOFT = 40
_OPENED = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
# How far from the page's own black towards white, each in the way that reads most at that depth.
_HARD, _THICK, _SLOPE = (0.3, 0.2, 0.42), (0.3, 0.42), (0.1, 0.2, 0.3)


def black_of(flat: Pixels) -> float:
    """How dark the print of a page is: its darker ink, for edges of letters are paler."""
    ink = flat[::3, ::3]
    ink = ink[ink < _INK]
    return float(np.percentile(ink, 15)) if ink.size else 0.0


def darkest_of(part: Pixels, black: float) -> Iterator[Pixels]:
    """Pictures of the part with less and more of what is paler; at 300 dots per inch."""

    def level(depth: float) -> float:
        return black + depth * (255 - black)

    for depth in _HARD[:1]:
        yield _softened(part < level(depth))
    for depth in _THICK:
        yield _softened(_thick(part < level(depth)))
    for depth in _SLOPE:
        steep = (part.astype(np.float32) - (level(depth) - _SOFT)) * (255 / (2 * _SOFT))
        yield np.clip(steep, 0, 255).astype(np.uint8)
    for depth in _HARD[1:]:
        yield _softened(part < level(depth))


def _thick(ink: Pixels) -> Pixels:
    """Without strokes of a hair's breadth: pens and rings are thinner than bold letters."""
    dots = ink.astype(np.uint8)
    opened = cv2.morphologyEx(dots, cv2.MORPH_OPEN, _OPENED)
    thick: Pixels = ink & (cv2.dilate(opened, np.ones((3, 3), np.uint8)) > 0)
    return thick


def _softened(ink: Pixels) -> Pixels:
    return cv2.GaussianBlur(np.where(ink, 0, 255).astype(np.uint8), (3, 3), 0.8)
