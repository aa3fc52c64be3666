"""Judges a page as a clerk would: is it sharp, light, whole, and large enough to read?"""

import cv2
import numpy as np

from scanning.image.glyphs import Glyphs
from scanning.page import Pixels

LOW_DPI = 150  # under it the marks of ordinary print are two pixels high
_BARE_LETTERS = 4
_ENOUGH_LETTERS = 50
_BARE_INK = 0.004  # a page number, a signature, a few grains
_EDGE_INCHES = 0.04


def is_bare(glyphs: Glyphs) -> bool:
    """Too few letters to tell by them how the page lies or how light it is, and no picture."""
    return glyphs.count < _BARE_LETTERS and glyphs.ink < _BARE_INK


def problems_of(upright: Pixels, dpi: int, glyphs: Glyphs) -> tuple[str, ...]:
    """What a clerk should look at; `upright` is the straightened page in grey."""
    low, paper = (float(x) for x in np.percentile(upright[::3, ::3], (0.05, 75)))
    found = {
        "low_resolution": dpi < LOW_DPI,
        "too_dark": paper < 110,
        "too_light": paper - low < 45,  # of 255: pencil-grey print on white
        "blurred": _is_blurred(upright, dpi, paper - low, glyphs),
        "cut_off": _is_cut_off(glyphs),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def _is_blurred(grey: Pixels, dpi: int, contrast: float, glyphs: Glyphs) -> bool:
    """Whether even the sharpest strokes rise slowly, measured against the page's own contrast."""
    if contrast < 20 or glyphs.count < _ENOUGH_LETTERS:
        return False
    steps = cv2.absdiff(grey[::3, 2::3], grey[::3, :-2:3])
    # Among the edges of letters, which are about as many pixels as their ink.
    steepest = float(np.percentile(steps, 100 - 10 * min(0.5, glyphs.ink)))
    # From paper to ink within about a hundredth of an inch: two pixels at 200 dpi.
    return steepest / contrast < 0.5 * min(1.0, 200 / dpi)


def _is_cut_off(glyphs: Glyphs) -> bool:
    """Whether several letters touch one edge of the picture."""
    letters = glyphs.letters
    strip = max(1, int(_EDGE_INCHES * 150 / 2))
    edges = (letters[:strip], letters[-strip:], letters[:, :strip], letters[:, -strip:])
    return any(_runs(np.any(edge, axis=0 if edge.shape[0] == strip else 1)) >= 6 for edge in edges)


def _runs(row: Pixels) -> int:
    return int((np.diff(row.astype(np.int8)) == 1).sum())
