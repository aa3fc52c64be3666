"""What a supervisor must see: how much lies where, and what has stood still too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, lazyload

from portal.access import Actor
from portal.directory.models import Organisation, OrganisationKind
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.paging import numbers_of
from portal.postal.lifecycle import ItemState
from portal.postal.models import Pickup, PostalItem
from portal.postal.queries import (
    OPEN_BACK,
    OPEN_OUT,
    TO_VISIT,
    is_awaited,
    is_to_visit,
    light,
    of_place,
)

UNSEALED_TOO_LONG = timedelta(days=1)
STILL_TOO_LONG = timedelta(days=3)
MOST_SHOWN = 50


@dataclass(frozen=True)
class OfficeCounts:
    """One post office in numbers."""

    office: Organisation
    pickups_today: int
    pickups_late: int
    at_counter: int
    sealed: int
    results: int
    failed: int


def by_office(actor: Actor, today: date) -> list[OfficeCounts]:
    """Every office under the supervisor's post, busy or not."""
    offices = db.session.scalars(
        select(Organisation)
        .where(
            of_place(Organisation.id, actor),
            Organisation.kind == OrganisationKind.POST_OFFICE,
            Organisation.is_active,
        )
        .order_by(Organisation.name)
    ).all()
    states: dict[int, dict[ItemState, int]] = {}
    for office_id, state, number in db.session.execute(
        select(PostalItem.post_office_id, PostalItem.state, func.count())
        .where(
            of_place(PostalItem.post_office_id, actor),
            PostalItem.state.in_((*OPEN_OUT, *OPEN_BACK)),
        )
        .group_by(PostalItem.post_office_id, PostalItem.state)
    ):
        states.setdefault(office_id, {})[state] = number
    visits = {
        row[0]: (row[1] or 0, row[2] or 0) for row in db.session.execute(_visits(actor, today))
    }
    return [_counts(office, states.get(office.id, {}), visits) for office in offices]


def _visits(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Pickup.post_office_id,
            func.sum(case((Pickup.slot_on == today, 1), else_=0)),
            func.sum(case((Pickup.slot_on < today, 1), else_=0)),
        )
        .where(
            of_place(Pickup.post_office_id, actor),
            is_to_visit(),
        )
        .group_by(Pickup.post_office_id)
    )


def _counts(
    office: Organisation, states: dict[ItemState, int], visits: dict[int, tuple[int, int]]
) -> OfficeCounts:
    today, late = visits.get(office.id, (0, 0))
    return OfficeCounts(
        office=office,
        pickups_today=today,
        pickups_late=late,
        at_counter=states.get(ItemState.AT_COUNTER, 0),
        sealed=states.get(ItemState.SEALED, 0),
        results=sum(states.get(state, 0) for state in OPEN_BACK),
        failed=states.get(ItemState.FAILED, 0),
    )


def late_pickups(actor: Actor, today: date) -> list[Pickup]:
    """Visits whose day has passed, longest waiting first."""
    heaps = [
        select(Pickup.id)
        .where(
            Pickup.state == state,
            of_place(Pickup.post_office_id, actor),
            Pickup.slot_on < today,
            is_awaited(),
        )
        .order_by(Pickup.slot_on, Pickup.id)
        .limit(MOST_SHOWN)
        for state in TO_VISIT
    ]
    query = (
        select(Pickup)
        .where(Pickup.id.in_(numbers_of(heaps)))
        .options(
            joinedload(Pickup.post_office),
            joinedload(Pickup.dossier).options(lazyload(Dossier.procedure_version)),
        )
        .order_by(Pickup.slot_on, Pickup.id)
        .limit(MOST_SHOWN)
    )
    return list(db.session.scalars(query))


def unsealed(actor: Actor, now: datetime) -> list[PostalItem]:
    """Papers that lie open at a counter for more than a day."""
    return _unmoved(actor, [ItemState.AT_COUNTER], now - UNSEALED_TOO_LONG)


def standing_still(actor: Actor, now: datetime) -> list[PostalItem]:
    """Envelopes in the hands of the post that have not moved for days, longest first."""
    moving = [state for state in (*OPEN_OUT, *OPEN_BACK) if state is not ItemState.AT_COUNTER]
    return _unmoved(actor, moving, now - STILL_TOO_LONG)


def _unmoved(actor: Actor, states: Sequence[ItemState], since: datetime) -> list[PostalItem]:
    heaps = [
        select(PostalItem.id)
        .where(
            PostalItem.state == state,
            of_place(PostalItem.post_office_id, actor),
            PostalItem.moved_at < since,
        )
        .order_by(PostalItem.moved_at, PostalItem.id)
        .limit(MOST_SHOWN)
        for state in states
    ]
    query = (
        select(PostalItem)
        .where(PostalItem.id.in_(numbers_of(heaps)))
        .options(
            joinedload(PostalItem.post_office),
            light(joinedload(PostalItem.dossier)),
        )
        .order_by(PostalItem.moved_at, PostalItem.id)
        .limit(MOST_SHOWN)
    )
    return list(db.session.scalars(query))
