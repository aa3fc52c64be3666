"""Paints out what is read as text but is none: leaders of dots, black borders, holes, grains."""

import cv2
import numpy as np

from scanning.page import Pixels

# All measures are pixels at 200 dots per inch, the size at which pages are read.
_DOT = 6  # a full stop of 13 points is 3 or 4 wide
_DOT_GAP = 8  # dots of a leader stand closer than marks over neighbouring letters
_LEADER_DOTS = 6
_FEW_DOTS = 20_000
_GRAIN_AREA = 1
_BORDER = 60
_HOLE = (32, 70)  # punched holes are 5 to 6 mm wide, torn ones larger


def clean(page: Pixels) -> Pixels:
    """The page without them; `page` is grey at 200 dpi, paper white and ink nearly black."""
    ink = (page < 200).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, width, height, area = (stats[:, i] for i in range(5))
    unwanted = area <= _GRAIN_AREA
    unwanted |= _borders(left, top, width, height, page.shape)
    unwanted |= (
        (np.minimum(width, height) >= _HOLE[0])
        & (np.maximum(width, height) <= _HOLE[1])
        & (area >= 0.7 * width * height)
    )
    dots = (width <= _DOT) & (height <= _DOT) & (area > _GRAIN_AREA)
    dots[0] = unwanted[0] = False  # the paper
    unwanted |= _leaders(dots, labels, stats)
    cleaned = page.copy()
    cleaned[unwanted[labels]] = 255
    return cleaned


def _borders(
    left: Pixels, top: Pixels, width: Pixels, height: Pixels, shape: tuple[int, ...]
) -> Pixels:
    """Long dark things that touch an edge of the picture: lids, tables, the next sheet."""
    touches = (left == 0) | (top == 0) | (left + width == shape[1]) | (top + height == shape[0])
    borders: Pixels = touches & (np.maximum(width, height) >= _BORDER)
    return borders


def _leaders(dots: Pixels, labels: Pixels, stats: Pixels) -> Pixels:
    """Dots that stand in rows of many: what forms print for writing on."""
    is_leader = np.zeros(dots.size, dtype=bool)
    numbers = np.flatnonzero(dots)
    if numbers.size < _LEADER_DOTS:
        return is_leader
    rows = cv2.morphologyEx(
        dots.astype(np.uint8)[labels], cv2.MORPH_CLOSE, np.ones((1, _DOT_GAP + 1), np.uint8)
    )
    # Short labels take half the time; dots so few cannot run out of them.
    labelled = cv2.CV_16U if numbers.size < _FEW_DOTS else cv2.CV_32S
    _, row_labels, row_stats, _ = cv2.connectedComponentsWithStats(
        rows, connectivity=8, ltype=labelled
    )
    across = stats[numbers, cv2.CC_STAT_LEFT] + stats[numbers, cv2.CC_STAT_WIDTH] // 2
    down = stats[numbers, cv2.CC_STAT_TOP] + stats[numbers, cv2.CC_STAT_HEIGHT] // 2
    row_of = row_labels[down, across]
    crowded = np.bincount(row_of, minlength=len(row_stats)) >= _LEADER_DOTS
    flat = row_stats[:, cv2.CC_STAT_HEIGHT] <= _DOT + 2
    crowded[0] = False
    is_leader[numbers[(crowded & flat)[row_of]]] = True
    return is_leader
