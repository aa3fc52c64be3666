"""Item codes after UPU S10: one serial number for each envelope, never given twice."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.extensions import db
from portal.postal.models import ItemCounter
from vietnam import s10

# R: a registered item, which must be signed for.
SERVICE = "RH"


def next_code(service: str = SERVICE) -> str:
    """Take the next code inside the caller's transaction; gaps are allowed, reuse is not."""
    _ensure_counter(service)
    step = (
        update(ItemCounter)
        .filter_by(service=service)
        .values(last=ItemCounter.last + 1)
        .returning(ItemCounter.last)
    )
    return s10.make(service, db.session.execute(step).scalar_one())


def _ensure_counter(service: str) -> None:
    if db.session.scalar(select(ItemCounter.service).filter_by(service=service)) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(ItemCounter(service=service, last=0))
    except IntegrityError:
        return  # another office sent the first envelope a moment ago
