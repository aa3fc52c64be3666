"""Asks after the last copy, for those who watch its age, and for a copy under way."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.backups.models import Backup
from portal.extensions import db

# A run says at least every minute that it lives; one that has been silent for so long is dead.
SILENCE = timedelta(minutes=10)
# A copy each night, and half a day for it to be late.
TOO_OLD = timedelta(hours=36)


def last_finished() -> Backup | None:
    """The newest copy that was made to its end; None when there is none yet."""
    query = select(Backup).where(Backup.finished_at.is_not(None))
    return db.session.scalar(query.order_by(Backup.finished_at.desc()).limit(1))


def age(now: datetime) -> timedelta | None:
    """How long ago the newest copy began: what was written since is in no copy."""
    found = last_finished()
    return None if found is None else now - found.started_at


def is_overdue(newest: Backup | None, now: datetime) -> bool:
    """Whether more would be lost with this machine than what was written since last night."""
    return newest is None or now - newest.started_at > TOO_OLD


def is_running(now: datetime) -> bool:
    """Whether a copy is being made, so that no object it still has to fetch may be removed."""
    query = select(Backup.id).where(Backup.finished_at.is_(None), Backup.seen_at > now - SILENCE)
    return db.session.scalar(query.limit(1)) is not None
