"""Paints out grains: dots on the glass of a copier, which are read as stops, tones and dots."""

from dataclasses import dataclass

import cv2
import numpy as np

from scanning.image.glyphs import middle_height
from scanning.page import Pixels

# Lengths are in heights of the page's middle letter unless they say otherwise.
_INK = 200
_JOINED = np.ones((5, 5), np.uint8)  # pixels: halves of a letter whose stroke has broken stay one
_GRAIN = 0.4
_MARKS_OVER, _MARKS_UNDER, _BESIDE, _STOP_BEHIND = 0.75, 0.5, 0.5, 0.8
_LEAST_LETTERS = 50
_LEAST_GRAINS = 30  # a clean page has a few strays, and is left alone


@dataclass(frozen=True)
class _Pieces:
    """Connected pieces of ink; number 0 is the paper."""

    labels: Pixels
    left: Pixels
    top: Pixels
    width: Pixels
    height: Pixels
    area: Pixels


def without_grains(page: Pixels) -> Pixels:
    """The page without dots that stand where no letter could need one; `page` is at 200 dpi."""
    pieces = _pieces_of(page)
    middle = middle_height(pieces.width, pieces.height, _LEAST_LETTERS)
    if middle is None:
        return page
    small = np.maximum(pieces.width, pieces.height) <= _GRAIN * middle
    small &= pieces.width < 2 * pieces.height  # dashes of lists stand alone too
    small[0] = False
    numbers = np.flatnonzero(small)
    column = pieces.left[numbers] + pieces.width[numbers] // 2
    row = pieces.top[numbers] + pieces.height[numbers] // 2
    grains = numbers[_near_letters(pieces, middle)[row, column] == 0]
    if grains.size < _LEAST_GRAINS:
        return page
    is_grain = np.zeros(len(pieces.left), dtype=bool)
    is_grain[grains] = True
    cleaned = page.copy()
    cleaned[is_grain[pieces.labels]] = 255
    return cleaned


def _pieces_of(page: Pixels) -> _Pieces:
    ink = cv2.morphologyEx((page < _INK).astype(np.uint8), cv2.MORPH_CLOSE, _JOINED)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return _Pieces(labels, *(stats[:, column] for column in range(5)))


def _near_letters(pieces: _Pieces, middle: float) -> Pixels:
    """1 where a letter may have a mark, and where a stop or a dash may follow one."""
    letter = (pieces.height >= 0.5 * middle) & (pieces.height <= 3 * middle)
    letter &= (pieces.width <= 12 * middle) & (pieces.area >= middle)
    letter[0] = False
    near = np.zeros(pieces.labels.shape, np.uint8)
    for i in np.flatnonzero(letter):
        left, top = int(pieces.left[i]), int(pieces.top[i])
        right, bottom = left + int(pieces.width[i]), top + int(pieces.height[i])
        over, under = int(_MARKS_OVER * middle), int(_MARKS_UNDER * middle)
        edge = int(0.15 * middle)
        cv2.rectangle(near, (left - edge, top - over), (right + edge, bottom + under), 1, -1)
        before, behind = int(_BESIDE * middle), int(_STOP_BEHIND * middle)
        cv2.rectangle(near, (left - before, top), (right + behind, bottom + 2 * edge), 1, -1)
    return near
