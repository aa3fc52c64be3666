"""Finds the rows of black squares by which a separator sheet is known without its code."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanning.page import Pixels
from scanning.separators import PITCH_MM, SQUARE_MM

_LONG_SIDE = 600  # pixels: a sheet at 50 dots per inch
# Of the picture's long side: the sheet fills it, or two thirds of it on a photograph.
_SIDES = (0.5 * SQUARE_MM / 297, 1.5 * SQUARE_MM / 297)
_ENOUGH = 5  # of nine in a row: a corner may be torn off or folded over


def has_squares(grey: Pixels) -> bool:
    """Whether five black squares of one size stand in a row, each a square apart from the next."""
    squares = _squares(_dark(grey))
    return any(
        _count_on(squares, squares[a], squares[b]) >= _ENOUGH
        for a in range(len(squares))
        for b in range(len(squares))
        if a != b and _is_next(squares[a], squares[b])
    )


def _dark(grey: Pixels) -> Pixels:
    """1 where it is darker than half of the paper around; paper is sought wider than a square."""
    factor = _LONG_SIDE / max(grey.shape)
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    reach = 2 * round(_SIDES[1] * _LONG_SIDE) + 1
    paper = cv2.dilate(cv2.medianBlur(small, 5), np.ones((reach, reach), np.uint8))
    return (small.astype(np.uint16) * 2 < paper).astype(np.uint8)


def _squares(dark: Pixels) -> NDArray[np.float64]:
    """Middle and side of whatever is solid and as high as wide, at most a sheetful."""
    _, _, stats, middles = cv2.connectedComponentsWithStats(dark, connectivity=4)
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    least, most = (share * _LONG_SIDE for share in _SIDES)
    side = np.sqrt(area)
    # A square that leans by 15 degrees fills two thirds of the box around it.
    solid = area > 0.6 * width * height
    even = (width < 1.35 * height) & (height < 1.35 * width)
    fits = solid & even & (side >= least) & (side <= most)
    fits[0] = False  # the paper
    return np.column_stack([middles[fits], side[fits]])[:100]


def _is_next(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    apart = float(np.hypot(*(other[:2] - one[:2])))
    return _alike(one[2], other[2]) and abs(apart / one[2] - PITCH_MM / SQUARE_MM) < 0.35


def _alike(one: float, other: float) -> bool:
    return 0.75 < one / other < 1.33


def _count_on(
    squares: NDArray[np.float64], one: NDArray[np.float64], other: NDArray[np.float64]
) -> int:
    """How many follow each other without a gap from `one` on, in the direction of `other`."""
    step, place, found = other[:2] - one[:2], other[:2], 2
    while True:
        apart = np.hypot(*(squares[:, :2] - (place + step)).T)
        nearest = int(apart.argmin())
        if apart[nearest] > 0.25 * one[2] or not _alike(one[2], squares[nearest][2]):
            return found
        # The step is taken anew: a photograph draws the far end of a row together.
        step, place, found = squares[nearest][:2] - place, squares[nearest][:2], found + 1
