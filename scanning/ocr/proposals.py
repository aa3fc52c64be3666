"""Proposes which paper of a procedure's list a scanned one is; unsure, it says nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vietnam.folding import words

BY_SEPARATOR, BY_TITLE, BY_TEXT = "separator", "title", "text"

_LEAST = 0.65
_AHEAD = 0.12  # of the second best: two papers of like names are for a person to tell apart
_TOP_LINES = 14
_HEADING_LINES = 3
_TEXT_WORDS = 90  # after the heading: what a form's name leaves open stands in its first sentences
_LONG = 4  # words: a shorter name found in running text says nothing
_TEXT_TRUST = 0.75
# Above every heading of an agency's paper, and of no help in telling papers apart.
_NATION = (words("Cộng hòa xã hội chủ nghĩa Việt Nam"), words("Độc lập - Tự do - Hạnh phúc"))
_PARTING = re.compile(r"[,;:/]|\bhoặc\b|\bvà\b|\bví dụ\b|\bthay\b")

# Names that half of all papers could bear.
_ANYTHING = frozenset(
    words(name)
    for name in ("giấy tờ", "văn bản", "bản sao", "bản chính", "bản gốc", "tài liệu", "hồ sơ")
)

Words = tuple[str, ...]


@dataclass(frozen=True)
class Component:
    """A paper that a procedure asks for, by the number it has in the procedure's list."""

    id: str
    title: str


@dataclass(frozen=True)
class Paper:
    """What is known of a scanned paper: its text, and what its separator says."""

    text: str
    title: str | None = None
    component: str | None = None


@dataclass(frozen=True)
class Proposal:
    """For a person to confirm."""

    component: str
    confidence: float
    reason: str  # separator, title or text


def propose(components: Sequence[Component], paper: Paper) -> Proposal | None:
    """The component a paper most likely is; None where nothing or more than one fits well.

    What its separator names wins, for that is a person's word.
    """
    if paper.component is not None:
        known = any(component.id == paper.component for component in components)
        return Proposal(paper.component, 1.0, BY_SEPARATOR) if known else None
    headings, start = _headings(paper), words(paper.text)[: 3 * _TEXT_WORDS]
    ranked = sorted(
        ((*_likeness(component.title, headings, start), component.id) for component in components),
        reverse=True,
    )
    if not ranked or ranked[0][0] < _LEAST:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _AHEAD:
        return None
    score, reason, component_id = ranked[0]
    return Proposal(component_id, round(min(score, 0.98), 2), reason)


def _headings(paper: Paper) -> list[Words]:
    """The title with none, one or two of the lines in capitals that go on with it."""
    lines = [line.strip() for line in paper.text.splitlines() if line.strip()][:_TOP_LINES]
    capitals = [words(line) if _is_capital(line) else () for line in lines]
    title = words(paper.title or "")
    if title:
        return _runs(capitals[capitals.index(title) :]) if title in capitals else [title]
    found = [
        run
        for first, line in enumerate(capitals)
        if len(line) > 1
        for run in _runs(capitals[first:])
    ]
    return [run for run in found if not any(nation[:3] == run[:3] for nation in _NATION)]


def _is_capital(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def _runs(lines: list[Words]) -> list[Words]:
    runs: list[Words] = []
    for line in lines[:_HEADING_LINES]:
        if not line:
            break
        runs.append((*(runs[-1] if runs else ()), *line))
    return runs


def _likeness(title: str, headings: list[Words], start: Words) -> tuple[float, str]:
    """From 0 to 1, and by what; the best of all names that a component's title lists."""
    best = (0.0, BY_TEXT)
    for name in _names(title):
        for heading in headings:
            best = max(best, (_by_heading(name, heading, start), BY_TITLE))
        if not headings and len(name) >= _LONG:
            in_text = _TEXT_TRUST * _share(name, start[:_TEXT_WORDS]) ** 3
            best = max(best, (in_text, BY_TEXT))
    return best


def _names(title: str) -> list[Words]:
    """What a paper may be called: without remarks in brackets, each of several, and the remarks."""
    plain, remarks = re.sub(r"\([^)]*\)", " ", title), re.findall(r"\(([^)]*)\)", title)
    parts = [plain, *_PARTING.split(plain)]
    parts += [part for remark in remarks for part in _PARTING.split(remark)]
    names = dict.fromkeys(words(part) for part in parts)
    return [name for name in names if len(name) > 1 and name not in _ANYTHING]


def _by_heading(name: Words, heading: Words, start: Words) -> float:
    """How much of the heading is in the name, and of the name in the heading and what follows."""
    said = _share(heading, name)
    # A form is often headed by half of its name; the other half is in its first sentences.
    rest = max(_share(name, heading), 0.9 * _share(name, _after(heading, start)))
    return said**2 * (0.35 + 0.65 * rest)


def _after(heading: Words, start: Words) -> Words:
    for place in range(len(start) - len(heading) + 1):
        if start[place : place + len(heading)] == heading:
            return start[place : place + len(heading) + _TEXT_WORDS]
    return start[:_TEXT_WORDS]


def _share(wanted: Words, text: Words) -> float:
    """The share of words that stand in the text beside the neighbour they have here."""
    if len(wanted) == 1:
        return float(wanted[0] in text)
    pairs = set(pairwise(text))
    beside = [pair in pairs for pair in pairwise(wanted)]
    found = [a or b for a, b in zip([False, *beside], [*beside, False], strict=True)]
    return sum(found) / len(wanted)
