"""Brings a page to the size that reads best."""

import cv2

from scanning.page import Pixels

_MOST_ENLARGED = 12_000_000  # pixels; A3 at 200 dpi has 8 million
READING_DPI = 200  # measured: as right as 300 and a seventh faster


def to_dpi(pixels: Pixels, dpi: int, wanted: int) -> Pixels:
    """The picture at `wanted` dots per inch; unchanged when it is already within 5 %.

    Enlarged it gets no larger than a sheet may be, so it may stay below `wanted`.
    """
    height, width = pixels.shape[:2]
    factor = wanted / dpi
    if factor > 1:  # a file may claim any resolution: that must not make it larger than a sheet
        factor = max(1.0, min(factor, (_MOST_ENLARGED / (width * height)) ** 0.5))
    if 0.95 <= factor <= 1.05:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
