"""Slows down guessing; counted in the database so that every process sees every try."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from portal import clock
from portal.accounts.models import Throttle
from portal.db import transaction
from portal.errors import TooMany
from portal.extensions import db


def spend(key: str, *, most: int, seconds: int) -> None:
    """Count one try of `key`; raises TooMany when there were `most` in the last `seconds`.

    The count is committed at once: a refused try must not be forgotten by a rollback.
    """
    now = clock.now()
    with transaction() as session:
        row = session.scalar(select(Throttle).filter_by(key=key).with_for_update())
        if row is None:
            row = Throttle(key=key, window_start=now, tries=0)
            session.add(row)
        elif now - row.window_start >= timedelta(seconds=seconds) or now < row.window_start:
            row.window_start, row.tries = now, 0
        row.tries += 1
        over = row.tries > most
    if over:
        raise TooMany


def forgive(key: str) -> None:
    """Start counting anew after a success."""
    with transaction() as session:
        session.execute(update(Throttle).filter_by(key=key).values(tries=0))


def forget_old(hours: int = 24) -> None:
    """Drop windows nobody needs any more; part of the sweep."""
    before = clock.now() - timedelta(hours=hours)
    db.session.execute(delete(Throttle).where(Throttle.window_start < before))
