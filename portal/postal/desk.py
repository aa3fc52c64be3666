"""The counter's lists and their counts: what comes, what lies here, what must go out."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, or_, select, union_all
from sqlalchemy.orm import joinedload, lazyload, selectinload

from portal.access import Actor
from portal.catalogue.models import ProcedureVersion
from portal.dossiers.lifecycle import CLOSED
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.paging import numbers_of
from portal.postal import homeward
from portal.postal.lifecycle import Cargo, Direction, ItemState, PickupState
from portal.postal.models import Pickup, PostalItem
from portal.postal.queries import (
    OPEN_BACK,
    OPEN_OUT,
    awaited,
    collectable,
    is_to_visit,
    light,
    of_place,
)

PAGE = 30


class Tab(enum.StrEnum):
    """The lists beside the code field, by their names in addresses."""

    PICKUPS = "thu-gom"
    AWAITED = "cho-giay-to"
    AT_COUNTER = "tai-quay"
    SEALED = "niem-phong"
    RESULTS = "ket-qua"
    HOME = "tra-giay-to"


@dataclass(frozen=True)
class Counts:
    """How long each list is."""

    of: dict[Tab, int]
    to_collect: int

    def __getitem__(self, tab: Tab) -> int:
        return self.of[tab]


def counts(actor: Actor, today: date) -> Counts:
    """Three questions, however many rows there are."""
    states = {(row[0], bool(row[1])): row[2] for row in db.session.execute(_lying(actor))}
    pickups = db.session.scalar(_pickups(actor, today).with_only_columns(func.count()))
    waiting, ready, to_fetch, to_turn = db.session.execute(
        select(
            *(
                select(func.count()).select_from(Dossier).where(which).scalar_subquery()
                for which in (
                    awaited(actor),
                    collectable(actor),
                    homeward.to_fetch(actor),
                    homeward.to_turn(actor),
                )
            )
        )
    ).one()
    results = sum(states.get((state, True), 0) for state in OPEN_BACK)
    papers = sum(states.get((state, False), 0) for state in OPEN_BACK)
    found = {
        Tab.PICKUPS: pickups or 0,
        Tab.AWAITED: waiting,
        Tab.AT_COUNTER: states.get((ItemState.AT_COUNTER, False), 0),
        Tab.SEALED: states.get((ItemState.SEALED, False), 0),
        Tab.RESULTS: results + ready,
        Tab.HOME: papers + to_fetch + to_turn,
    }
    return Counts(found, ready)


def _lying(actor: Actor) -> CompoundSelect[Any]:
    """How many envelopes lie here in which state; those that are through are not looked at."""
    is_result = PostalItem.cargo == Cargo.RESULT
    lying = select(PostalItem.state, is_result, func.count()).where(
        of_place(PostalItem.post_office_id, actor)
    )
    out = lying.join(PostalItem.dossier).where(PostalItem.state.in_(OPEN_OUT), _goes_on())
    back = lying.where(PostalItem.state.in_(OPEN_BACK))
    return union_all(*[each.group_by(PostalItem.state, is_result) for each in (out, back)])


def _goes_on() -> ColumnElement[bool]:
    """What lies at the counter of a closed dossier is not on its way to the agency."""
    return or_(PostalItem.state.not_in(OPEN_OUT), Dossier.status.not_in(CLOSED))


def _pickups(actor: Actor, today: date) -> Select[Any]:
    """Today's visits, what is late, and what a courier has brought but nobody has tallied."""
    return select(Pickup).where(
        of_place(Pickup.post_office_id, actor),
        or_(
            Pickup.state == PickupState.COLLECTED,
            is_to_visit() & (Pickup.slot_on <= today),
        ),
    )


def pickups(actor: Actor, today: date, after: int | None = None) -> list[Pickup]:
    """Visits of today with those already made first, then by time slot."""
    first = _first(Pickup, _pickups(actor, today).with_only_columns(Pickup.id), after)
    query = (
        select(Pickup)
        .where(Pickup.id.in_(numbers_of([first])))
        .options(light(joinedload(Pickup.dossier)))
        .order_by(Pickup.id)
    )
    return list(db.session.scalars(query))


def awaited_dossiers(actor: Actor, after: int | None = None) -> list[Dossier]:
    """Dossiers registered for this counter whose papers have not come yet."""
    return _dossiers([awaited(actor)], after)


def to_collect(actor: Actor, after: int | None = None) -> list[Dossier]:
    """Dossiers whose result waits at the agency."""
    return _dossiers([collectable(actor)], after)


def papers_to_return(actor: Actor) -> list[Dossier]:
    """Dossiers whose papers lie at the counter, or wait at the agency, to go home."""
    return _dossiers([homeward.to_fetch(actor), homeward.to_turn(actor)], None)


def _dossiers(heaps: Sequence[ColumnElement[bool]], after: int | None) -> list[Dossier]:
    firsts = [_first(Dossier, select(Dossier.id).where(heap), after) for heap in heaps]
    query = (
        select(Dossier)
        .where(Dossier.id.in_(numbers_of(firsts)))
        .options(
            joinedload(Dossier.receiving_unit),
            joinedload(Dossier.procedure_version).options(
                joinedload(ProcedureVersion.procedure), lazyload(ProcedureVersion.components)
            ),
        )
    )
    return list(db.session.scalars(query.order_by(Dossier.id).limit(PAGE + 1)))


def _first(model: Any, numbers: Select[Any], after: int | None) -> Select[Any]:
    """The first of a heap by their numbers, but found in the heap.

    Ordered by the number as it is, PostgreSQL may walk all rows of the country to meet a few.
    """
    if after:
        numbers = numbers.where(model.id > after)
    return numbers.order_by(model.id + 0).limit(PAGE + 1)


def items(
    actor: Actor,
    direction: Direction,
    states: Sequence[ItemState],
    after: int | None = None,
    *,
    are_papers: bool = True,
) -> list[PostalItem]:
    """Envelopes of this office in these states, oldest first; papers, or results."""
    lying = (
        select(PostalItem.id)
        .join(PostalItem.dossier)
        .where(
            of_place(PostalItem.post_office_id, actor),
            PostalItem.direction == direction,
            PostalItem.state.in_(states),
            (PostalItem.cargo != Cargo.RESULT) if are_papers else PostalItem.cargo == Cargo.RESULT,
            _goes_on(),
        )
    )
    query = (
        select(PostalItem)
        .where(PostalItem.id.in_(numbers_of([_first(PostalItem, lying, after)])))
        .options(
            selectinload(PostalItem.deliveries),
            light(joinedload(PostalItem.dossier)),
            joinedload(PostalItem.dossier).joinedload(Dossier.receiving_unit),
        )
    )
    return list(db.session.scalars(query.order_by(PostalItem.id)))
