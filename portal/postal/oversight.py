"""What a supervisor must see: how much lies where, and what has stood still too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, lazyload
from sqlalchemy.sql.base import ExecutableOption

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
Thing = TypeVar("Thing", Pickup, PostalItem)


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
    dossier = joinedload(Pickup.dossier).options(lazyload(Dossier.procedure_version))
    is_late = (Pickup.slot_on < today) & is_awaited()
    return _longest(Pickup, Pickup.slot_on, TO_VISIT, is_late, dossier, actor)


def unsealed(actor: Actor, now: datetime) -> list[PostalItem]:
    """Papers that lie open at a counter for more than a day."""
    return _unmoved(actor, [ItemState.AT_COUNTER], now - UNSEALED_TOO_LONG)


def standing_still(actor: Actor, now: datetime) -> list[PostalItem]:
    """Envelopes in the hands of the post that have not moved for days, longest first."""
    moving = [state for state in (*OPEN_OUT, *OPEN_BACK) if state is not ItemState.AT_COUNTER]
    return _unmoved(actor, moving, now - STILL_TOO_LONG)


def _unmoved(actor: Actor, states: Sequence[ItemState], since: datetime) -> list[PostalItem]:
    dossier = light(joinedload(PostalItem.dossier))
    is_still = PostalItem.moved_at < since
    return _longest(PostalItem, PostalItem.moved_at, states, is_still, dossier, actor)


def _longest(
    kind: type[Thing],
    waits_since: InstrumentedAttribute[Any],
    states: Sequence[Any],
    condition: ColumnElement[bool],
    dossier: ExecutableOption,
    actor: Actor,
) -> list[Thing]:
    """The first of each state, found in the order of an index, and of these the first."""
    order = (waits_since, kind.id)
    heaps = [
        select(kind.id)
        .where(kind.state == state, of_place(kind.post_office_id, actor), condition)
        .order_by(*order)
        .limit(MOST_SHOWN)
        for state in states
    ]
    query = select(kind).where(kind.id.in_(numbers_of(heaps)))
    query = query.options(joinedload(kind.post_office), dossier)
    return list(db.session.scalars(query.order_by(*order).limit(MOST_SHOWN)))
