"""Which way is up: rows tell lying from standing, marks over the letters tell up from down."""

from dataclasses import dataclass

import numpy as np

from scanning.image.deskew import skew_of
from scanning.image.glyphs import Glyphs, find_glyphs
from scanning.image.turn import turn_quarters
from scanning.page import Pixels

_SURE_ROWS = 1.25  # rows against columns; measured 1.13 (a table) to 12 on the right side
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
    lying, standing = find_glyphs(ink), find_glyphs(turn_quarters(ink, 90))
    (skew, rows), (other_skew, other_rows) = skew_of(lying.letters), skew_of(standing.letters)
    turn, glyphs = 0, lying
    if other_rows > rows:
        turn, glyphs, skew, rows, other_rows = 90, standing, other_skew, other_rows, rows
    over, under = count_marks(glyphs)
    balance = (over - under) / max(_ENOUGH_MARKS, over + under)
    is_sure = rows >= _SURE_ROWS * other_rows > 0 and abs(balance) >= _SURE_MARKS
    return Lie(turn + 180 if balance < 0 else turn, is_sure, skew, glyphs)


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
