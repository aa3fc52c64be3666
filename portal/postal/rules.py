"""What must hold before an envelope is sealed, handed over or brought again; pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.calendar.rules import Calendar

MOST_INVITATIONS = 2
DAYS_BETWEEN_INVITATIONS = 2


@dataclass(frozen=True)
class PaperCount:
    """One paper of a dossier as far as the seal is concerned.

    `is_scanned` is False where the law does not ask for a picture; `scanned` counts pages that
    are not blank, for the back of a sheet is no page the clerk counted. `unread` are files still
    being read, `broken` files that could not be (each with its reason).
    """

    id: str
    title: str
    is_required: bool = True
    is_present: bool = False
    is_shown_only: bool = False
    is_scanned: bool = True
    declared: int | None = None
    scanned: int = 0
    unread: tuple[str, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()

    @property
    def is_enclosed(self) -> bool:
        """Whether the paper goes into the envelope."""
        return self.is_present and not self.is_shown_only

    @property
    def differs(self) -> bool:
        """Whether the pages scanned are not the pages counted."""
        return self.is_enclosed and self.is_scanned and (self.declared or 0) != self.scanned


class GapKind(enum.StrEnum):
    """What keeps an envelope open; only a difference of pages can be overridden, with a reason."""

    NOTHING_ENCLOSED = "nothing_enclosed"
    MISSING = "missing"
    NOT_TICKED = "not_ticked"
    NO_COUNT = "no_count"
    UNREAD = "unread"
    BROKEN = "broken"
    PAGES_DIFFER = "pages_differ"


@dataclass(frozen=True)
class Gap:
    """One thing that keeps an envelope open, said so that the clerk knows what to do."""

    kind: GapKind
    paper: str
    sentence: str


@dataclass(frozen=True)
class Total:
    """The sum of a tally: papers and pages in the envelope, pages to scan and pages scanned."""

    papers: int
    pages: int
    declared: int
    scanned: int

    @property
    def sentence(self) -> str:
        """“khai 11 trang, đã quét 10 trang”."""
        return f"khai {self.declared} trang, đã quét {self.scanned} trang"


def total(papers: Sequence[PaperCount]) -> Total:
    """Add up a tally."""
    enclosed = [paper for paper in papers if paper.is_enclosed]
    scannable = [paper for paper in papers if paper.is_scanned and not paper.is_shown_only]
    return Total(
        papers=len(enclosed),
        pages=sum(paper.declared or 0 for paper in enclosed),
        declared=sum(paper.declared or 0 for paper in enclosed if paper.is_scanned),
        scanned=sum(paper.scanned for paper in scannable),
    )


def gaps(papers: Sequence[PaperCount]) -> tuple[Gap, ...]:
    """Everything that keeps the envelope open, in the order of the papers."""
    found = [gap for paper in papers for gap in _gaps_of(paper)]
    if not any(paper.is_enclosed for paper in papers):
        sentence = "Chưa có giấy tờ nào trong phong bì. Đánh dấu giấy tờ đã nhận rồi lưu kiểm đếm."
        found.insert(0, Gap(GapKind.NOTHING_ENCLOSED, "", sentence))
    return tuple(found)


def _gaps_of(paper: PaperCount) -> list[Gap]:
    name = f"«{paper.title}»"
    if not paper.is_present and paper.scanned:
        why = f"{name} có {paper.scanned} trang quét nhưng chưa đánh dấu đã nhận."
        return [Gap(GapKind.NOT_TICKED, paper.id, why)]
    if not paper.is_present:
        missing = Gap(GapKind.MISSING, paper.id, f"Còn thiếu giấy tờ bắt buộc {name}.")
        return [missing] if paper.is_required else []
    found = [
        Gap(GapKind.UNREAD, paper.id, f"Tệp “{file}” của {name} đang được đọc, đợi đọc xong.")
        for file in paper.unread
    ]
    found += [
        Gap(
            GapKind.BROKEN,
            paper.id,
            f"Tệp “{file}” của {name} không đọc được: {why}. Bỏ tệp này rồi quét lại.",
        )
        for file, why in paper.broken
    ]
    if paper.is_enclosed and not paper.declared:
        found.append(Gap(GapKind.NO_COUNT, paper.id, f"Chưa ghi số trang của {name}."))
    elif paper.differs and not found:
        numbers = f"khai {paper.declared} trang, đã quét {paper.scanned} trang"
        found.append(Gap(GapKind.PAGES_DIFFER, paper.id, f"{name}: {numbers}."))
    return found


def only_pages_differ(found: Sequence[Gap]) -> bool:
    """Whether a reason from the clerk may close the envelope all the same."""
    return bool(found) and all(gap.kind is GapKind.PAGES_DIFFER for gap in found)


def next_invitation(last: date, failures: int, calendar: Calendar) -> date | None:
    """The first day of the next attempt, or None when the result goes back to the agency.

    Circular 17/2017, Article 5: two invitations at least, two working days apart.
    """
    if failures >= MOST_INVITATIONS:
        return None
    day = last
    for _step in range(DAYS_BETWEEN_INVITATIONS):
        day = calendar.next_working_day(day)
    return day


@dataclass(frozen=True)
class Count:
    """Papers of one dossier as counted on one side of the table."""

    originals: int
    copies: int
    pages: int


def count_difference(given: Count, taken: Count) -> str:
    """What the two counts disagree on, or "" when they agree."""
    words = (
        ("bản chính", given.originals, taken.originals),
        ("bản sao", given.copies, taken.copies),
        ("trang", given.pages, taken.pages),
    )
    return "; ".join(
        f"bưu điện ghi {gave} {what}, cơ quan đếm {took}"
        for what, gave, took in words
        if gave != took
    )
