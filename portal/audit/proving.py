"""Proves the log: each line against its seal, the seals to each other, all to the checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.audit import chain, reading, sealing
from portal.audit.checkpoints import Book, Checkpoint
from portal.audit.models import AuditEvent, AuditSeal
from portal.audit.reading import Line, Seal
from portal.extensions import db

AT_ONCE = 2000
WINDOW = 20_000
SEALED_WITHIN = timedelta(seconds=60)
# Between writing and sealing lie seconds; the clocks of two machines may differ by some minutes.
PAST_ENOUGH = timedelta(minutes=30)
PROVEN_WITHIN = timedelta(minutes=5)
AHEAD = timedelta(hours=1)
MOST_NAMED = 20


class Proof:
    """One walk along the log; `findings` says each thing that is wrong, in one line."""

    def __init__(self, book: Book, now: datetime, *, times_are_played: bool = False) -> None:
        """`times_are_played`: a demonstration writes a year in a minute, so lines may be old."""
        self.book = book
        self.now = now
        self.times_are_played = times_are_played
        self.marks: dict[int, Checkpoint] = {}
        self.rows = 0
        self.waiting = 0
        self._follows: bytes | None = chain.GENESIS
        self._expected = 1
        self._calls = _Calls()
        self._agreed = 0
        self._unproven_since: datetime | None = None
        self._refuted: tuple[Checkpoint, int] | None = None

    def findings(self) -> Iterator[str]:
        """Everything that is not as it was written; nothing when all is well.

        The checkpoints are read first: whatever is written meanwhile can only lie behind them.
        """
        yield from self._read_book()
        ends_at = sealing.end().sequence
        for first in range(1, ends_at + 1, AT_ONCE):
            db.session.rollback()  # a walk of minutes must not hold an old picture all the while
            yield from self._stretch(first, min(first + AT_ONCE - 1, ends_at))
        yield from self._outside(ends_at)
        yield from self._unsealed()

    @property
    def newest(self) -> Checkpoint | None:
        """The furthest checkpoint."""
        return self.marks[max(self.marks)] if self.marks else None

    def _read_book(self) -> Iterator[str]:
        for found in self.book.read():
            if isinstance(found, str):
                yield found
                continue
            known = self.marks.setdefault(found.sequence, found)
            if known.hash != found.hash:
                yield (
                    f"the checkpoints of {known.at} and {found.at} tell two stories of "
                    f"seal {found.sequence}"
                )

    def _stretch(self, first: int, last: int) -> Iterator[str]:
        seals = reading.seals(first, last)
        found = reading.lines([seal.event_id for seal in seals])
        for seal in seals:
            yield from self._gap(seal.sequence)
            yield from self._line(seal, found)
            yield from self._place(seal)
            yield from self._date(seal, found.get(seal.event_id))
            self._compare(seal)
            self._expected = seal.sequence + 1
            self._follows = seal.hash if seal.readable else None
            self.rows += 1
        yield from self._gap(last + 1)
        self._expected = last + 1

    def _gap(self, reached: int) -> Iterator[str]:
        if reached <= self._expected:
            return
        yield f"gone from the log: seal {_span(self._expected, reached - 1)} with what it sealed"
        self._follows = None  # what comes next cannot be told to follow

    def _line(self, seal: Seal, found: dict[int, Line | None]) -> Iterator[str]:
        place = _name(seal)
        if not seal.readable:
            yield f"{place} has a seal that was changed: it cannot be read"
        elif seal.event_id not in found:
            yield f"{place} was deleted"
        elif not ((line := found[seal.event_id]) and line.digest == seal.digest):
            yield f"{place} was changed"

    def _place(self, seal: Seal) -> Iterator[str]:
        if self._follows is None or not seal.readable:
            return
        if chain.link(self._follows, seal.sequence, seal.sealed_at, seal.digest) != seal.hash:
            yield (
                f"{_name(seal)} does not follow the one before it: lines were put in, or into "
                "another order"
            )

    def _date(self, seal: Seal, line: Line | None) -> Iterator[str]:
        """A line that bears an old time, but was not there when the log was sealed before."""
        if not seal.readable or self.times_are_played:
            return
        self._calls.note(seal)
        before = self._calls.before
        if line is not None and before is not None and line.at < before - PAST_ENOUGH:
            yield (
                f"{_name(seal)} says {_when(line.at)}, but was not there at {_when(before)}: "
                "it was put in later, or a clock was wrong"
            )

    def _compare(self, seal: Seal) -> None:
        mark = self.marks.get(seal.sequence)
        if mark is None:
            if self._unproven_since is None and seal.readable:
                self._unproven_since = seal.sealed_at
        elif seal.hash.hex() == mark.hash:
            self._agreed, self._unproven_since = seal.sequence, None
        elif self._refuted is None:
            self._refuted = mark, self._agreed

    def _outside(self, ends_at: int) -> Iterator[str]:
        """What the checkpoints say that the chain alone cannot."""
        newest = self.newest
        is_cut = newest is not None and newest.sequence > ends_at
        if newest is not None and is_cut:
            yield (
                f"the log ends at seal {ends_at}, but the checkpoint of {newest.at} proves "
                f"seal {newest.sequence}: its tail was cut off"
            )
        since = self._unproven_since
        if self._refuted is not None:
            mark, agreed = self._refuted
            yield (
                f"seal {mark.sequence} is not what the checkpoint of {mark.at} proves: behind "
                f"seal {agreed} the log was written anew"
            )
        elif since is not None and since < self.now - PROVEN_WITHIN and not is_cut:
            yield f"no checkpoint proves what was sealed since {_when(since)}: is a worker running?"

    def _unsealed(self) -> Iterator[str]:
        late = list(db.session.scalars(sealing.unsealed(AuditEvent.id < 1).limit(AT_ONCE)))
        if db.session.scalar(select(AuditSeal.sequence).where(AuditSeal.sequence < 1).limit(1)):
            yield "there are seals before the first: they were put in"
        highest = db.session.scalar(select(func.max(AuditEvent.id))) or 0
        for first in range(1, highest + 1, WINDOW):
            db.session.rollback()
            within = AuditEvent.id.between(first, first + WINDOW - 1)
            ids = list(db.session.scalars(sealing.unsealed(within)))
            self.waiting += len(ids)
            late += [number for number, at in reading.times(ids).items() if self._is_late(at)]
        if late:
            yield (
                f"no seal on lines {_spans(late)}, older than {SEALED_WITHIN.seconds} s: put in "
                "past the sealer, or no worker is running"
            )

    def _is_late(self, written: datetime | None) -> bool:
        return written is None or not -AHEAD < self.now - written < SEALED_WITHIN


class _Calls:
    """When the sealer came by before: whatever was written until then got its seal by then."""

    def __init__(self) -> None:
        self.before: datetime | None = None
        self._at: datetime | None = None
        self._rows = 0

    def note(self, seal: Seal) -> None:
        if seal.sealed_at == self._at:
            self._rows += 1
            return
        # A round that ended with a full batch may have been killed with more still waiting.
        finished = self._rows % sealing.BATCH != 0
        self.before = self._at if finished else None
        self._at, self._rows = seal.sealed_at, 1


def _name(seal: Seal) -> str:
    return f"line {seal.event_id} (seal {seal.sequence})"


def _spans(numbers: Sequence[int]) -> str:
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    named = ", ".join(_span(first, last) for first, last in spans[:MOST_NAMED])
    more = len(spans) - MOST_NAMED
    return f"{named} and {more} more stretches" if more > 0 else named


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
