"""Reads a page again of which the reader passed over a part: tables it took for drawings.

Tesseract drops whole blocks where a ring or the rules of a table run into the words, and says
nothing. The letters that stand on a page outside of every word it gave show what is missing. Such a
page is read once more without rings, and if need be without rules too, and the fullest reading is
kept. A page that was read whole costs no second call.
"""

from collections.abc import Callable

import cv2
import numpy as np

from scanning.image.glyphs import middle_height
from scanning.image.rules import without_rules
from scanning.image.seals import without_rings
from scanning.page import Pixels, Word

Read = Callable[[Pixels], list[Word]]

_INK = 160
_LEAST_LETTERS = 30
_TRUSTED = 0.25  # confidence from which a word counts as read
_WORTH_A_LOOK = 0.015  # share of letters unread; of pages that were read whole 0 to 0.013
_BETTER = 1.01


def look_again(page: Pixels, words: list[Word], read: Read) -> list[Word]:
    """The best of up to three readings; `page` is what the words were read from."""
    unread = _unread(page, words)
    for without in (without_rings, without_rules):
        if unread < _WORTH_A_LOOK:
            break
        cleared = without(page)
        if cleared is page:
            continue
        page, others = cleared, read(cleared)
        still_unread = _unread(page, others)
        # Without its rules a table may fall apart: surer words alone do not make up for that.
        if still_unread <= unread and _worth(others) > _BETTER * _worth(words):
            words, unread = others, still_unread
    return words


def _unread(page: Pixels, words: list[Word]) -> float:
    """The share of letters that no word covers."""
    boxes = _letters(page)
    covered = np.zeros(page.shape, np.uint8)
    rows, columns = page.shape
    for word in words:
        if word.confidence >= _TRUSTED:
            left, top, right, bottom = word.box
            start = (int(left * columns) - 2, int(top * rows) - 2)
            cv2.rectangle(covered, start, (int(right * columns) + 2, int(bottom * rows) + 2), 1, -1)
    if not len(boxes):
        return 0.0
    left, top, width, height = boxes.T
    return float((covered[top + height // 2, left + width // 2] == 0).mean())


def _letters(page: Pixels) -> Pixels:
    """Left, top, width and height of what is as large as a letter; none on a page of hardly any."""
    ink = cv2.morphologyEx(
        (page < _INK).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    _, _, width, height, area = stats.T
    middle = middle_height(width, height, _LEAST_LETTERS)
    if middle is None:
        return np.empty((0, 4), np.int32)
    letter = (height >= 0.6 * middle) & (height <= 2.2 * middle) & (area >= 2 * middle)
    letter &= (width >= 0.25 * middle) & (width <= 8 * middle)
    letter[0] = False
    letters: Pixels = stats[letter, :4]
    return letters


def _worth(words: list[Word]) -> float:
    """How much was read, and how surely."""
    return sum(word.confidence**2 * sum(map(str.isalnum, word.text)) for word in words)
