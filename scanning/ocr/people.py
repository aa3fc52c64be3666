"""Finds people whom no label names: in a sentence behind "ông (bà)", in the first row of a list.

Who is meant is guessed from where he stands, so such a value always comes back for review.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from scanning.ocr.lines import Line, Piece
from scanning.ocr.names import FEWEST, MOST, begins_like_a_name
from scanning.page import Word

_ADDRESSED = re.compile(r"\b(?:ong \(ba\)|ong/ba|ong ba|ong|ba)(?=\s|$)")
_TABLE_HEAD = re.compile(r"^\W*(?:stt|tt|so tt)\b")
_NAME_COLUMN = re.compile(r"\b(?:ho va ten|ho ten|ho,? chu dem,? ten)\b")
_FIRST_ROW = re.compile(r"^\W*0?1\W+(?=[^\W\d])")
_DAY = re.compile(r"\b\d{1,2}/\d{1,2}/\d{4}\b")
_COLUMN_GAP = 0.03  # of the page's width
_FARTHEST = 4  # lines from the head of a table to its first row


def is_table_head(line: Line) -> bool:
    """Whether the words of a line name columns, so that nothing follows them."""
    return bool(_TABLE_HEAD.search(line.folded))


def people_of(lines: Sequence[Line]) -> Iterator[tuple[str, Piece]]:
    """Names of fields with their values; the first of a name is the likeliest."""
    yield from _in_list(lines)
    yield from _in_sentences(lines)


def _in_list(lines: Sequence[Line]) -> Iterator[tuple[str, Piece]]:
    for number, head in enumerate(lines):
        if not is_table_head(head) or not _NAME_COLUMN.search(head.folded):
            continue
        for row in lines[number + 1 : number + 1 + _FARTHEST]:
            start = _FIRST_ROW.match(row.folded)
            name = _name(row, start.end()) if start else None
            if name is not None:
                yield "full_name", name
                if day := _DAY.search(row.text):
                    yield "date_of_birth", row.piece(*day.span())
                return


def _in_sentences(lines: Sequence[Line]) -> Iterator[tuple[str, Piece]]:
    """A name may begin on the next line, or go on there."""
    for line, following in zip_longest(lines, lines[1:]):
        goes_on = following is not None and following.page == line.page
        below = following.words if following and goes_on else ()
        for addressed in _ADDRESSED.finditer(line.folded):
            behind = line.piece(addressed.end(), len(line.text)).words
            if name := _name_in([*behind, *below]):
                yield "full_name", _joined(line.page, name)


def _name(line: Line, start: int) -> Piece | None:
    words = _name_in(line.piece(start, len(line.text)).words)
    return _joined(line.page, words) if words else None


def _joined(page: int, words: tuple[Word, ...]) -> Piece:
    return Piece(page, " ".join(word.text for word in words), words)


def _name_in(words: Sequence[Word]) -> tuple[Word, ...] | None:
    """The words at the beginning that make a name, without the stop behind the last."""
    name: list[Word] = []
    for word in words[: MOST + 1]:
        bare = word.text.rstrip(",.;:")
        if not bare.isalpha() or not bare.istitle() or (name and _is_far(name[-1], word)):
            break
        name.append(Word(bare, word.box, word.confidence, word.line, word.block))
        if bare != word.text:
            break
    is_one = FEWEST <= len(name) <= MOST and begins_like_a_name(name[0].text)
    return tuple(name) if is_one else None


def _is_far(word: Word, following: Word) -> bool:
    """Whether the next word of a line stands in another column."""
    return word.line == following.line and following.box[0] - word.box[2] > _COLUMN_GAP
