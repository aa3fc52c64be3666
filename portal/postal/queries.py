"""Finds the post's own things: items, pick-ups, the lists of a counter; scope in every query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import joinedload, lazyload, selectinload

from portal.access import Actor, Role
from portal.catalogue.models import ProcedureVersion
from portal.crypto import keyring
from portal.directory.models import Organisation
from portal.dossiers import openings
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.dossiers.queries import visible
from portal.errors import NotFound
from portal.extensions import db
from portal.postal.lifecycle import Cargo, Direction, HandoverState, ItemState, PickupState
from portal.postal.models import Delivery, Handover, HandoverLine, Pickup, PostalItem

TO_RECEIVE = frozenset({Status.REGISTERED, Status.SUPPLEMENT_REQUIRED})
OPEN_OUT = (ItemState.AT_COUNTER, ItemState.SEALED)
OPEN_BACK = (
    ItemState.RESULT_READY,
    ItemState.COLLECTED,
    ItemState.OUT_FOR_DELIVERY,
    ItemState.FAILED,
)
COMING = (PickupState.REQUESTED, PickupState.MISSED, PickupState.COLLECTED)
TO_VISIT = (PickupState.REQUESTED, PickupState.MISSED)
MOST_FOUND = 20


def is_to_visit() -> ColumnElement[bool]:
    """Visits still to be made: nobody drives to the door of a dossier that was withdrawn."""
    return Pickup.state.in_(TO_VISIT) & is_awaited()


def is_awaited() -> ColumnElement[bool]:
    """Whether the dossier of a visit still waits for papers, looked up for each visit in hand.

    For "exists" PostgreSQL reads all waiting dossiers of the country beside a few visits.
    """
    status = select(Dossier.status).where(Dossier.id == Pickup.dossier_id)
    return status.scalar_subquery().in_(TO_RECEIVE)


def of_place(column: Any, actor: Actor) -> ColumnElement[bool]:
    """Rows of the actor's post office, or of all offices under a supervisor's post."""
    if actor.role is Role.POSTAL_SUPERVISOR:
        offices = select(Organisation.id).where(Organisation.parent_id == actor.place_id)
        return or_(column == actor.place_id, column.in_(offices))
    condition: ColumnElement[bool] = column == actor.place_id
    return condition


def get_item(public_id: str, *, for_: Actor, lock: bool = False) -> PostalItem:
    """One envelope with its dossier and attempts, or NotFound – also where it is another's.

    A courier has only what is on his own round.
    """
    query = _items(for_).where(PostalItem.public_id == public_id)
    query = query.options(selectinload(PostalItem.deliveries))
    if lock:
        query = query.with_for_update(of=PostalItem)
    item = db.session.scalar(query)
    if item is None:
        raise NotFound
    assert isinstance(item, PostalItem)
    openings.note(item.dossier)
    return item


def _items(actor: Actor) -> Select[Any]:
    query = (
        select(PostalItem)
        .where(of_place(PostalItem.post_office_id, actor))
        .options(light(joinedload(PostalItem.dossier)))
    )
    if actor.role is Role.COURIER:
        query = query.where(PostalItem.courier_id == actor.user_id)
    return query


def light(path: Any) -> Any:
    """Load the dossiers of a list with their procedure's name, without its papers."""
    return path.joinedload(Dossier.procedure_version).options(
        joinedload(ProcedureVersion.procedure), lazyload(ProcedureVersion.components)
    )


def light_dossiers(actor: Actor) -> Select[Any]:
    """The actor's dossiers, as lists need them."""
    return visible(actor).options(
        joinedload(Dossier.procedure_version).options(
            joinedload(ProcedureVersion.procedure), lazyload(ProcedureVersion.components)
        )
    )


def item_by_code(code: str, *, for_: Actor) -> PostalItem | None:
    """The envelope with this S10 code, if it is of the actor's office."""
    return db.session.scalar(_items(for_).where(PostalItem.code == code))


def dossier_by_code(code: str, *, for_: Actor) -> Dossier | None:
    """The dossier with this legal code, if it is of the actor's office."""
    return db.session.scalar(light_dossiers(for_).where(Dossier.code == code))


def dossier_by_request(code: str, *, for_: Actor) -> Dossier | None:
    """The dossier behind a pick-up's request code."""
    pickup = select(Pickup.dossier_id).where(
        func.upper(Pickup.code) == code, of_place(Pickup.post_office_id, for_)
    )
    return db.session.scalar(light_dossiers(for_).where(Dossier.id.in_(pickup)))


def dossiers_of_person(index_kind: str, value: str, *, for_: Actor) -> list[Dossier]:
    """Dossiers of whoever has this phone or citizen number, newest first."""
    digest = keyring().index(value, index_kind)
    if index_kind == "phone":
        pickups = select(Pickup.dossier_id).where(Pickup.phone_index == digest)
        condition = or_(Dossier.phone_index == digest, Dossier.id.in_(pickups))
    else:
        condition = Dossier.citizen_number_index == digest
    query = light_dossiers(for_).where(condition, Dossier.status != Status.DRAFT)
    return list(db.session.scalars(query.order_by(Dossier.id.desc()).limit(MOST_FOUND)))


def unclaimed(code: str, *, lock: bool = False) -> Dossier | None:
    """A dossier that waits for papers and belongs to no post office yet.

    Whoever holds its paper with the code may bring it to any counter.
    """
    waits_for_papers = or_(
        and_(Dossier.channel == Channel.POST, Dossier.status == Status.REGISTERED),
        Dossier.status == Status.SUPPLEMENT_REQUIRED,
    )
    query = select(Dossier).where(
        Dossier.code == code, Dossier.post_office_id.is_(None), waits_for_papers
    )
    return db.session.scalar(query.with_for_update(of=Dossier) if lock else query)


def exists_elsewhere(code: str) -> bool:
    """Whether another post office has this dossier: the clerk is told where it is not."""
    return db.session.scalar(select(Dossier.id).where(Dossier.code == code)) is not None


def items_of(dossier: Dossier) -> list[PostalItem]:
    """All envelopes of a dossier, oldest first."""
    query = select(PostalItem).filter_by(dossier_id=dossier.id).order_by(PostalItem.id)
    return list(db.session.scalars(query))


def open_item(dossier: Dossier, direction: Direction, *, lock: bool = False) -> PostalItem | None:
    """The envelope of a dossier that is still in the hands of the post, if there is one."""
    states = OPEN_OUT if direction is Direction.TO_AGENCY else OPEN_BACK
    query = (
        select(PostalItem)
        .where(
            PostalItem.dossier_id == dossier.id,
            PostalItem.direction == direction,
            PostalItem.state.in_(states),
        )
        .order_by(PostalItem.id.desc())
        .limit(1)
    )
    return db.session.scalar(query.with_for_update() if lock else query)


def proposed_line(item: PostalItem) -> HandoverLine | None:
    """The line of an unsigned hand-over record that names this envelope."""
    return db.session.scalar(
        select(HandoverLine)
        .join(HandoverLine.handover)
        .where(HandoverLine.item_id == item.id, Handover.state == HandoverState.PROPOSED)
    )


def pickup_of(dossier: Dossier) -> Pickup | None:
    """The pick-up booked for a dossier."""
    return db.session.scalar(select(Pickup).filter_by(dossier_id=dossier.id))


def bills_at_counter(dossier: Dossier) -> set[str]:
    """Codes under which papers of a dossier lie at the counter: envelopes, and a pick-up brought.

    In one question: the page of a dossier asks twice, for its next step and for its buttons.
    """
    envelopes = select(PostalItem.code).where(
        PostalItem.dossier_id == dossier.id, PostalItem.state.in_(OPEN_OUT)
    )
    brought = select(Pickup.code).filter_by(dossier_id=dossier.id, state=PickupState.COLLECTED)
    return set(db.session.scalars(union_all(envelopes, brought)))


def deliveries_of(dossier: Dossier) -> list[Delivery]:
    """Every attempt to bring the result, oldest first."""
    query = (
        select(Delivery)
        .join(Delivery.item)
        .where(PostalItem.dossier_id == dossier.id)
        .order_by(Delivery.id)
    )
    return list(db.session.scalars(query))


def is_missing(wanted: Select[Any]) -> ColumnElement[bool]:
    """No such row, looked up for each dossier in hand.

    For "not exists" PostgreSQL reads all envelopes of the country to rule out a few.
    """
    return wanted.limit(1).scalar_subquery().is_(None)


def awaited(actor: Actor) -> ColumnElement[bool]:
    """Dossiers whose papers the citizen will bring to this counter, or has just brought."""
    has_item = select(PostalItem.id).where(
        PostalItem.dossier_id == Dossier.id,
        PostalItem.direction == Direction.TO_AGENCY,
    )
    has_pickup = select(Pickup.id).where(
        Pickup.dossier_id == Dossier.id, Pickup.state.in_((*COMING, PickupState.RECEIVED))
    )
    return and_(
        of_place(Dossier.post_office_id, actor),
        Dossier.channel == Channel.POST,
        Dossier.status == Status.REGISTERED,
        is_missing(has_item),
        is_missing(has_pickup),
    )


def collectable(actor: Actor) -> ColumnElement[bool]:
    """Dossiers whose result waits at the agency for this office.

    Nothing is written when a dossier becomes resolved: the list is the answer. A result that no
    office has been named for is offered to every office of the province; who comes first has it.
    """
    has_item = select(PostalItem.id).where(
        PostalItem.dossier_id == Dossier.id, PostalItem.cargo == Cargo.RESULT
    )
    province = actor.organisation.province_code if actor.organisation else None
    units = select(Organisation.id).where(Organisation.province_code == province)
    unnamed = and_(Dossier.post_office_id.is_(None), Dossier.receiving_unit_id.in_(units))
    return and_(
        or_(of_place(Dossier.post_office_id, actor), unnamed),
        Dossier.status == Status.RESOLVED,
        Dossier.return_mode == ReturnMode.POST,
        is_missing(has_item),
    )


def get_collectable(public_id: str, *, for_: Actor, lock: bool = False) -> Dossier:
    """A dossier whose result this office may fetch, or NotFound."""
    query = (
        select(Dossier)
        .where(Dossier.public_id == public_id, collectable(for_))
        .options(joinedload(Dossier.receiving_unit))
    )
    dossier = db.session.scalar(query.with_for_update(of=Dossier) if lock else query)
    if dossier is None:
        raise NotFound
    openings.note(dossier)
    return dossier
