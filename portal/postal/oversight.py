"""What a supervisor must see: how much lies where, and what has stood still too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, lazyload

from portal.access import Actor
from portal.directory.models import Organisation, OrganisationKind
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.postal.lifecycle import ItemState
from portal.postal.models import Pickup, PostalItem
from portal.postal.queries import OPEN_BACK, OPEN_OUT, is_to_visit, light, of_place

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
    query = (
        select(Pickup)
        .where(
            of_place(Pickup.post_office_id, actor),
            is_to_visit(),
            Pickup.slot_on < today,
        )
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
    query = _items(actor).where(
        PostalItem.state == ItemState.AT_COUNTER,
        PostalItem.moved_at < now - UNSEALED_TOO_LONG,
    )
    return list(db.session.scalars(query))


def standing_still(actor: Actor, now: datetime) -> list[PostalItem]:
    """Envelopes in the hands of the post that have not moved for days, longest first."""
    moving = (*OPEN_OUT, *OPEN_BACK)
    query = _items(actor).where(
        PostalItem.state.in_([state for state in moving if state is not ItemState.AT_COUNTER]),
        PostalItem.moved_at < now - STILL_TOO_LONG,
    )
    return list(db.session.scalars(query))


def _items(actor: Actor) -> Select[Any]:
    return (
        select(PostalItem)
        .where(of_place(PostalItem.post_office_id, actor))
        .options(
            joinedload(PostalItem.post_office),
            light(joinedload(PostalItem.dossier)),
        )
        .order_by(PostalItem.moved_at, PostalItem.id)
        .limit(MOST_SHOWN)
    )
