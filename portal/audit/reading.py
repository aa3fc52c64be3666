"""Reads the log as it lies there, also where somebody has spoilt it: one bad row hides no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Text, cast, select

from portal.audit import chain
from portal.audit.models import AuditEvent, AuditSeal
from portal.extensions import db

Found = TypeVar("Found")
SPOILT = (ValueError, TypeError, AttributeError)

# The detail as text: what is hashed must not depend on how a program reads JSON.
COLUMNS = tuple(
    cast(AuditEvent.detail, Text).label("detail") if name == "detail" else getattr(AuditEvent, name)
    for name in chain.FIELDS
)


@dataclass(frozen=True)
class Seal:
    """One seal; `readable` is false where only its number is left of it."""

    sequence: int
    event_id: int
    digest: bytes
    hash: bytes
    sealed_at: datetime
    readable: bool = True


@dataclass(frozen=True)
class Line:
    """What of a line is compared with its seal."""

    digest: bytes
    at: datetime


def lines(ids: Sequence[int]) -> dict[int, Line | None]:
    """Lines by their numbers; None for one that cannot be read."""

    def read(some: Sequence[int]) -> dict[int, Line | None]:
        query = select(*COLUMNS).where(AuditEvent.id.in_(some))
        rows = db.session.execute(query)
        return {row.id: Line(chain.digest(row._asdict()), row.at) for row in rows}

    return _careful(read, ids)


def digests(ids: Sequence[int]) -> dict[int, bytes | None]:
    """The fingerprints of lines by their numbers; None for one that cannot be read."""
    return {number: line.digest if line else None for number, line in lines(ids).items()}


def times(ids: Sequence[int]) -> dict[int, datetime | None]:
    """When lines say they were written; None for what is no time."""

    def read(some: Sequence[int]) -> dict[int, datetime | None]:
        query = select(AuditEvent.id, AuditEvent.at).where(AuditEvent.id.in_(some))
        return {row[0]: row[1] for row in db.session.execute(query)}

    return _careful(read, ids)


def seals(first: int, last: int) -> list[Seal]:
    """The seals with these numbers, in their order."""
    query = select(AuditSeal.sequence).where(AuditSeal.sequence.between(first, last))
    numbers = list(db.session.scalars(query.order_by(AuditSeal.sequence)))
    found = _careful(_seals, numbers)
    return [found[number] or _remains(number) for number in numbers]


def _seals(numbers: Sequence[int]) -> dict[int, Seal | None]:
    query = select(
        AuditSeal.sequence,
        AuditSeal.event_id,
        AuditSeal.digest,
        AuditSeal.hash,
        AuditSeal.sealed_at,
    ).where(AuditSeal.sequence.in_(numbers))
    found = {row[0]: Seal(*row) for row in db.session.execute(query)}
    if any(seal.sealed_at is None or len(seal.hash) != 32 for seal in found.values()):
        raise ValueError("a seal is not one")
    return {**found}


def _remains(sequence: int) -> Seal:
    query = select(AuditSeal.event_id).filter_by(sequence=sequence)
    event_id = db.session.scalar(query)
    return Seal(sequence, event_id or 0, b"", b"", datetime.max.replace(tzinfo=UTC), readable=False)


def _careful(
    read: Callable[[Sequence[int]], dict[int, Found | None]], ids: Sequence[int]
) -> dict[int, Found | None]:
    """Read many rows at once; where that fails, halve until the spoilt ones stand alone."""
    if not ids:
        return {}
    try:
        return read(ids)
    except SPOILT:
        if len(ids) == 1:
            return {ids[0]: None}
        half = len(ids) // 2
        return _careful(read, ids[:half]) | _careful(read, ids[half:])
