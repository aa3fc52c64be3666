"""Which way is up: rows tell lying from standing, marks over the letters tell up from down."""

import math
from dataclasses import dataclass

import numpy as np

from scanning.image.deskew import skew_of
from scanning.image.glyphs import Glyphs, components_of, find_glyphs
from scanning.page import Pixels

_SURE_GAP = 0.7  # between the two directions; measured 1.35 to 3.85 on the right side
_FEW_MARKS = 10  # added to both counts, so that papers with hardly a mark are judged by rows alone
_SURE_MARKS = 0.2  # measured 0.38 to 0.93 upright, the negative upside down
_ENOUGH_MARKS = 25


@dataclass(frozen=True)
class Lie:
    """How the page lies: degrees to turn clockwise, whether that is sure, what lean is left."""

    turn: int
    is_sure: bool
    skew: float
    glyphs: Glyphs


def lie_of(ink: Pixels) -> Lie:
    """Measured on the ink of the page."""
    pieces = components_of(ink)
    lying, standing = _look(find_glyphs(pieces)), _look(find_glyphs(pieces.turned()))
    turn, view = (0, lying) if lying.weight >= standing.weight else (90, standing)
    balance = (view.over - view.under) / max(_ENOUGH_MARKS, view.over + view.under)
    gap = abs(lying.weight - standing.weight)
    is_sure = view.rows > 0 and gap >= _SURE_GAP and abs(balance) >= _SURE_MARKS
    return Lie(turn + 180 if balance < 0 else turn, is_sure, view.skew, view.glyphs)


@dataclass(frozen=True)
class _View:
    """The page looked at in one direction."""

    glyphs: Glyphs
    skew: float
    rows: float
    over: int
    under: int

    @property
    def weight(self) -> float:
        """How much this looks like lines of letters with marks, on a scale of logarithms.

        Two witnesses: tables and lists have columns as sharp as rows, and there the marks decide.
        """
        return math.log(self.rows + 1) + math.log(self.over + self.under + _FEW_MARKS)


def _look(glyphs: Glyphs) -> _View:
    skew, rows = skew_of(glyphs.letters)
    over, under = count_marks(glyphs)
    return _View(glyphs, skew, rows, over, under)


def count_marks(glyphs: Glyphs) -> tuple[int, int]:
    """How many marks stand close over a letter, and how many under one.

    Vietnamese has tone marks and hats over its letters and only one dot under them; dot leaders
    and grains stand beside letters, so they count for neither.
    """
    column, top, bottom = glyphs.marks.T
    reach = max(2, int(0.6 * glyphs.height))
    far = np.full(column.size, reach + 1)
    to_letter_below, to_letter_above = far.copy(), far.copy()
    last_row = glyphs.letters.shape[0] - 1
    for step in range(reach, 0, -1):
        to_letter_below[glyphs.letters[np.minimum(bottom + step - 1, last_row), column] > 0] = step
        to_letter_above[glyphs.letters[np.maximum(top - step, 0), column] > 0] = step
    return int((to_letter_below < to_letter_above).sum()), int(
        (to_letter_above < to_letter_below).sum()
    )
