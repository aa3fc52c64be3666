"""Slows down guessing; counted in the database so that every process sees every try."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Insert, case, delete, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from portal import clock
from portal.accounts.models import Throttle
from portal.db import transaction
from portal.errors import TooMany
from portal.extensions import db

KEPT_FOR = timedelta(hours=24)


def spend(key: str, *, most: int, seconds: int) -> None:
    """Count one try of `key`; raises TooMany when there were `most` in the last `seconds`.

    The count is committed at once: a refused try must not be forgotten by a rollback. The window
    begins with its first try and is not prolonged by refused ones, so nobody is shut out for ever.
    """
    with transaction(alone=True) as session:
        tries = session.scalar(_counted(_kept(key), clock.now(), timedelta(seconds=seconds)))
    if tries is None or tries > most:
        raise TooMany(seconds)


def forgive(key: str) -> None:
    """Start counting anew after a success."""
    with transaction(alone=True) as session:
        session.execute(update(Throttle).filter_by(key=_kept(key)).values(tries=0))


def give_back(key: str) -> None:
    """Uncount one try that turned out to be none: others at the same address need their own."""
    with transaction(alone=True) as session:
        session.execute(
            update(Throttle)
            .where(Throttle.key == _kept(key), Throttle.tries > 0)
            .values(tries=Throttle.tries - 1)
        )


def erase(*keys: str) -> None:
    """Forget what was counted of somebody, inside the caller's transaction."""
    kept = [_kept(key) for key in keys]
    db.session.execute(delete(Throttle).where(Throttle.key.in_(kept)))


def forget_old() -> None:
    """Drop windows nobody needs any more; part of the sweep."""
    before = clock.now() - KEPT_FOR
    db.session.execute(delete(Throttle).where(Throttle.window_start < before))


def _counted(key: str, now: datetime, window: timedelta) -> Insert:
    """One statement that counts, so that of many tries at the same moment none is lost."""
    dialect = db.engine.dialect.name
    moment = literal(now, Throttle.window_start.type)  # within a case nobody tells its type
    first = (sqlite if dialect == "sqlite" else postgresql).insert(Throttle)
    is_over = or_(Throttle.window_start <= now - window, Throttle.window_start > now)
    return (
        first.values(key=key, window_start=now, tries=1)
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "window_start": case((is_over, moment), else_=Throttle.window_start),
                "tries": case((is_over, 1), else_=Throttle.tries + 1),
            },
        )
        .returning(Throttle.tries)
    )


def _kept(key: str) -> str:
    """The kind of the key, and a digest of the rest: people type passwords into name fields."""
    kind, _, rest = key.partition(":")
    return f"{kind}:{sha256(rest.encode()).hexdigest()}"
