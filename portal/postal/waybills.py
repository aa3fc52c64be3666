"""Item codes after UPU S10: one serial number for each envelope, never given twice."""

from __future__ import annotations

from sqlalchemy import select

from portal.extensions import db
from portal.postal.models import ItemCounter
from vietnam import s10

# Registered letter: the service of papers that must be signed for.
SERVICE = "RH"
_SERIALS = 100_000_000


def next_code(service: str = SERVICE) -> str:
    """Take the next code inside the caller's transaction; two takers wait for each other.

    Gaps are allowed. After 99,999,999 the serial starts again, as the standard lets it after a
    year; the unique column refuses a code that is still in use.
    """
    counter = db.session.scalar(select(ItemCounter).filter_by(service=service).with_for_update())
    if counter is None:
        counter = ItemCounter(service=service, last=0)
        db.session.add(counter)
    counter.last = counter.last % (_SERIALS - 1) + 1
    db.session.flush()
    return s10.make(service, counter.last)
