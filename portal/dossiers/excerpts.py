"""Finds typed words on a page that was read: in its text, and in their places on its picture.

Pure: it is given the text and the words, and looks nothing up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vietnam import folding

AROUND = 9  # words of context on each side: one or two lines of a form
_TOKEN = re.compile(r"\S+")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Piece:
    """A stretch of an excerpt; `is_hit` where it is what was looked for."""

    text: str
    is_hit: bool


def excerpt(text: str, typed: str, *, around: int = AROUND) -> tuple[Piece, ...]:
    """The first place where the typed words stand, with their neighbours; empty if nowhere."""
    tokens = _TOKEN.findall(text)
    hits = _hits([folding.words(token) for token in tokens], typed)
    if not hits:
        return ()
    first = min(hits)
    start, end = max(0, first - around), min(len(tokens), first + 2 * around)
    pieces = _joined([(tokens[at], at in hits) for at in range(start, end)])
    if start > 0:
        pieces.insert(0, Piece("… ", is_hit=False))
    if end < len(tokens):
        pieces.append(Piece(" …", is_hit=False))
    return tuple(pieces)


def boxes(words: Sequence[dict[str, Any]], typed: str) -> tuple[Box, ...]:
    """Where the typed words stand on the picture, as fractions of the upright page.

    Neighbours on one line share one box, so that a phrase is marked as a whole.
    """
    hits = sorted(_hits([folding.words(str(word.get("text", ""))) for word in words], typed))
    found: list[Box] = []
    for before, at in zip([-2, *hits], hits, strict=False):
        box = _box(words[at]["box"])
        is_same_line = at == before + 1 and words[at].get("line") == words[before].get("line")
        if is_same_line and found:
            found[-1] = _around(found[-1], box)
        else:
            found.append(box)
    return tuple(found)


def _hits(page: Sequence[tuple[str, ...]], typed: str) -> set[int]:
    """The tokens that belong to the phrase if it stands there, else those of any typed word."""
    wanted = folding.words(typed)
    if not wanted:
        return set()
    flat = [(word, at) for at, token in enumerate(page) for word in token]
    phrase = {
        at
        for start in range(len(flat) - len(wanted) + 1)
        if _stands(flat[start : start + len(wanted)], wanted)
        for _, at in flat[start : start + len(wanted)]
    }
    return phrase or {at for word, at in flat if any(word.startswith(part) for part in wanted)}


def _stands(here: Sequence[tuple[str, int]], wanted: tuple[str, ...]) -> bool:
    """The phrase word for word; its last word may still be unfinished."""
    found = [word for word, _ in here]
    return found[:-1] == list(wanted[:-1]) and found[-1].startswith(wanted[-1])


def _joined(marked: Iterable[tuple[str, bool]]) -> list[Piece]:
    """Neighbours of one kind become one piece, so that a phrase is marked as a whole."""
    pieces: list[Piece] = []
    for text, is_hit in marked:
        if pieces and pieces[-1].is_hit == is_hit:
            pieces[-1] = Piece(f"{pieces[-1].text} {text}", is_hit)
            continue
        if pieces and is_hit:
            pieces[-1] = Piece(pieces[-1].text + " ", is_hit=False)
        lead = " " if pieces and not is_hit else ""
        pieces.append(Piece(lead + text, is_hit))
    return pieces


def _box(raw: Sequence[float]) -> Box:
    left, top, right, bottom = (float(edge) for edge in raw)
    return left, top, right, bottom


def _around(first: Box, second: Box) -> Box:
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )
