"""Finds what could be letters and their marks, for measuring how the page lies."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanning.image.light import flatten
from scanning.image.resize import to_dpi
from scanning.image.turn import turn_quarters
from scanning.page import Pixels

DPI = 150  # at 100 the marks of small print melt into their letters; 200 shows no more


@dataclass(frozen=True)
class Glyphs:
    """Components of ink by size."""

    letters: Pixels  # 1 where a body of a letter stands
    marks: NDArray[np.int32]  # a row per small mark: middle column, top row, bottom row
    height: int  # of the middle letter
    count: int  # of letters, or of words where their letters touch
    ink: float  # share of the page that is dark


def ink_of(grey: Pixels, dpi: int) -> Pixels:
    """1 where there is ink, at 150 dots per inch."""
    return (flatten(to_dpi(grey, dpi, DPI), DPI) < 165).astype(np.uint8)


@dataclass(frozen=True)
class Components:
    """Connected pieces of ink; counted once, looked at in two directions."""

    labels: Pixels
    stats: Pixels  # left, top, width, height, area
    ink: float

    def turned(self) -> "Components":
        """As they lie when the page is turned clockwise by a quarter."""
        left, top, width, height, area = self.stats.T
        stats = np.stack([self.labels.shape[0] - top - height, left, height, width, area], axis=1)
        return Components(turn_quarters(self.labels, 90), stats, self.ink)


def components_of(ink: Pixels) -> Components:
    """All pieces of the ink; number 0 is the paper."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return Components(labels, stats, float(ink.mean()))


def find_glyphs(pieces: Components) -> Glyphs:
    """Sort the pieces by size; rules, frames, pictures and grains are left out."""
    left, top, width, height, area = pieces.stats.T
    plausible = (height >= 0.04 * DPI) & (height < 0.35 * DPI) & (width >= 2) & (width < 0.4 * DPI)
    plausible[0] = False  # the paper
    middle = int(np.median(height[plausible])) if plausible.any() else 0
    letter = (height >= 0.7 * middle) & (height <= 2.5 * middle) & (width <= 6 * middle)
    letter[0] = False
    mark = (np.maximum(width, height) < 0.75 * middle) & (area >= 3) & ~letter
    mark[0] = False
    places = np.stack([left + width // 2, top, top + height], axis=1)[mark]
    letters = letter.astype(np.uint8)[pieces.labels]
    return Glyphs(letters, places, middle, int(letter.sum()), pieces.ink)


def middle_height(width: Pixels, height: Pixels, least: int) -> float | None:
    """Of the pieces that may be letters at 200 dots per inch; None where they are fewer.

    The first piece is the paper.
    """
    plausible = (height >= 8) & (height < 70) & (width >= 2) & (width < 80)
    plausible[0] = False
    return float(np.median(height[plausible])) if plausible.sum() >= least else None
