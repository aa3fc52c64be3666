"""Gives each committed line of the log its place in the chain; one sealer at a time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, insert, select, text

from portal.audit import chain, reading
from portal.audit.models import AuditEvent, AuditSeal
from portal.extensions import db

log = logging.getLogger("portal.audit")

BATCH = 1000  # known to the proof as well: a full batch says that more was waiting
LOCK = 4_711_338
# A line commits within moments of taking its number, so older numbers need not be looked through;
# now and then we look much further back, for a transaction that lived longer than any should.
NEAR = timedelta(minutes=3)
FAR = timedelta(days=1)


@dataclass(frozen=True)
class End:
    """The last seal."""

    sequence: int
    hash: bytes
    sealed_at: datetime | None


def end() -> End:
    """Where the chain ends now."""
    query = select(AuditSeal.sequence, AuditSeal.hash, AuditSeal.sealed_at)
    row = db.session.execute(query.order_by(AuditSeal.sequence.desc()).limit(1)).first()
    return End(*row) if row else End(0, chain.GENESIS, None)


def hash_at(sequence: int) -> bytes | None:
    """The hash of one seal; None where there is none."""
    return db.session.scalar(select(AuditSeal.hash).filter_by(sequence=sequence))


def waiting(at: datetime, *, back: timedelta = NEAR, most: int = BATCH) -> list[int]:
    """The numbers of lines without a seal; those committed out of order are among them."""
    floor = db.session.scalar(
        select(AuditSeal.event_id)
        .where(AuditSeal.sealed_at < at - back)
        .order_by(AuditSeal.sealed_at.desc())
        .limit(1)
    )
    return list(db.session.scalars(unsealed(AuditEvent.id > (floor or 0)).limit(most)))


def unsealed(where: ColumnElement[bool]) -> Select[Any]:
    """The numbers of lines without a seal, in their order."""
    sealed = exists().where(AuditSeal.event_id == AuditEvent.id)
    return select(AuditEvent.id).where(where, ~sealed).order_by(AuditEvent.id)


def seal(at: datetime, *, back: timedelta = NEAR) -> int:
    """Seal one batch inside the caller's transaction; returns how many lines it was."""
    if not _alone():
        return 0
    ids = waiting(at, back=back)
    found = reading.digests(ids)
    last = end()
    sequence, previous, rows = last.sequence, last.hash, []
    for number in ids:
        digest = found.get(number)
        if digest is None:
            log.error("line %s of the log cannot be read and gets no seal", number)
            continue
        sequence += 1
        previous = chain.link(previous, sequence, at, digest)
        rows.append(
            {
                "sequence": sequence,
                "event_id": number,
                "digest": digest,
                "hash": previous,
                "sealed_at": at,
            }
        )
    if rows:
        db.session.execute(insert(AuditSeal), rows)
    return len(rows)


def oldest_waiting(ids: Sequence[int]) -> datetime | None:
    """When the first of these lines was written."""
    return db.session.scalar(select(func.min(AuditEvent.at)).where(AuditEvent.id.in_(ids)))


def _alone() -> bool:
    """SQLite lets one writer in anyway; PostgreSQL is asked for a lock that ends with us."""
    if db.session.get_bind().dialect.name == "sqlite":
        return True
    return bool(db.session.scalar(text(f"SELECT pg_try_advisory_xact_lock({LOCK})")))
