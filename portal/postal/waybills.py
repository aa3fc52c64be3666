"""Item codes after UPU S10: one serial number for each envelope, never given twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.access import Actor
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.postal.lifecycle import Cargo, Direction, ItemState
from portal.postal.models import ItemCounter, PostalItem
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


def new_envelope(dossier: Dossier, *, by: Actor, at: datetime) -> PostalItem:
    """An envelope with a code of its own, for papers that lie on the counter of `by`."""
    item = PostalItem(
        code=next_code(),
        dossier=dossier,
        direction=Direction.TO_AGENCY,
        cargo=Cargo.DOSSIER,
        state=ItemState.AT_COUNTER,
        post_office_id=by.place_id,
        papers=[],
        created_at=at,
        moved_at=at,
    )
    db.session.add(item)
    return item


def _ensure_counter(service: str) -> None:
    if db.session.scalar(select(ItemCounter.service).filter_by(service=service)) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(ItemCounter(service=service, last=0))
    except IntegrityError:
        return  # another office sent the first envelope a moment ago
