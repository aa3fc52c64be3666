"""Parts a stack of pages into papers; pure, so that any order of pages can be tried."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from scanning.errors import Refused
from scanning.separators import Target

BY_SEPARATOR, BY_CODE, BY_TITLE, BY_FIRST_PAGE = "separator", "code", "title", "first_page"

Page = TypeVar("Page")


@dataclass(frozen=True)
class Side:
    """What a page says of where it belongs."""

    number: int
    is_blank: bool = False
    is_separator: bool = False
    target: Target | None = None  # of the separator, or of a label of ours on the paper itself
    code: str | None = None  # another code of ours
    is_titled: bool = False

    @property
    def own_code(self) -> object:
        """What tells this paper from the next by our codes."""
        return self.target or self.code


@dataclass(frozen=True)
class Part:
    """Pages of one paper, and what told that it begins; `target` as a separator or label says."""

    pages: tuple[int, ...]
    started_by: str
    target: Target | None
    behind: int | None = None  # the separator before its first page


@dataclass(frozen=True)
class Parted:
    """Every page of the stack, each in exactly one place."""

    parts: tuple[Part, ...]
    blanks: tuple[int, ...]
    separators: tuple[int, ...]


def part(sides: Sequence[Side], *, keep_blanks: bool = False, two_sided: bool = False) -> Parted:
    """A new paper begins behind a separator, at another code of ours, at a title, and at the start.

    Of several separators in a row the last one counts, also when nobody can read it: then nobody
    knows where the paper behind it belongs. With `two_sided` page 2 is the back of page 1, so the
    back of a separator is no paper even where blanks are kept.
    """
    walk = _Walk()
    for side in sides:
        if side.is_separator:
            walk.separators.append(side.number)
            walk.pending = side
        elif side.is_blank and not (keep_blanks and not (two_sided and walk.is_back(side))):
            walk.blanks.append(side.number)
        else:
            walk.take(side)
    return Parted(tuple(walk.parts), tuple(walk.blanks), tuple(walk.separators))


@dataclass
class _Walk:
    """How far the stack has been gone through."""

    parts: list[Part] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)
    separators: list[int] = field(default_factory=list)
    pending: Side | None = None
    code: object = None  # of the paper that lies open

    def is_back(self, side: Side) -> bool:
        return (
            side.number % 2 == 0
            and bool(self.separators)
            and self.separators[-1] == side.number - 1
        )

    def take(self, side: Side) -> None:
        started_by = self._started_by(side)
        if started_by is None:
            last = self.parts[-1]
            self.parts[-1] = replace(last, pages=(*last.pages, side.number))
            return
        named = self.pending.target if self.pending else side.target
        behind = self.pending.number if self.pending else None
        self.parts.append(Part((side.number,), started_by, named, behind))
        self.pending, self.code = None, side.own_code

    def _started_by(self, side: Side) -> str | None:
        if self.pending:
            return BY_SEPARATOR
        if side.own_code is not None and self.parts and side.own_code != self.code:
            return BY_CODE
        if side.is_titled:
            return BY_TITLE
        return None if self.parts else BY_FIRST_PAGE


def collate(fronts: Sequence[Page], backs: Sequence[Page]) -> list[Page]:
    """Sheets of a one-sided feeder in order: fronts 1, 3, 5 and the turned stack's 6, 4, 2."""
    if len(fronts) != len(backs):
        detail = f"{len(fronts)} mặt trước, {len(backs)} mặt sau"
        raise Refused("unequal_stacks", detail)
    return [page for sheet in zip(fronts, reversed(backs), strict=True) for page in sheet]


@dataclass(frozen=True)
class Sheets:
    """How many leaves of paper went through the feeder, and how many it should have been."""

    found: int
    expected: int | None
    is_side_missing: bool  # an odd number of pages from leaves with two sides

    @property
    def is_as_expected(self) -> bool:
        """Whether nothing is known to be missing or too much."""
        return not self.is_side_missing and self.expected in (None, self.found)


def sheets_of(pages: int, *, two_sided: bool, expected: int | None = None) -> Sheets:
    """Separators and blanks are leaves too: this is what the feeder counts."""
    per_sheet = 2 if two_sided else 1
    return Sheets(math.ceil(pages / per_sheet), expected, pages % per_sheet > 0)
