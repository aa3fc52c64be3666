"""A courier's round: today's doors by area and time; of papers it knows the code and no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from portal.access import Actor, Role
from portal.accounts.models import Membership, User
from portal.directory.queries import full_names
from portal.dossiers import openings
from portal.dossiers.models.dossier import Dossier
from portal.errors import NotFound
from portal.extensions import db
from portal.postal.lifecycle import ItemState, PickupState
from portal.postal.models import Pickup, PostalItem
from portal.postal.queries import TO_VISIT, is_to_visit


@dataclass
class Area:
    """The doors of one commune."""

    code: str
    name: str
    pickups: list[Pickup] = field(default_factory=list)
    items: list[PostalItem] = field(default_factory=list)


@dataclass(frozen=True)
class Round:
    """What a courier does today, and what he has done already."""

    areas: list[Area]
    collected: list[Pickup]

    @property
    def stops(self) -> int:
        """How many doors are still to be visited."""
        return sum(len(area.pickups) + len(area.items) for area in self.areas)


def round_of(actor: Actor, today: date) -> Round:
    """The round of a courier: his office's visits of today (and late ones), his own deliveries."""
    visits = _visits(actor, today)
    bag = _deliveries(actor)
    openings.note(*[v.dossier for v in visits], *[i.dossier for i in bag], is_row=True)
    open_visits = [visit for visit in visits if visit.state in TO_VISIT]
    codes = {v.commune_code for v in open_visits} | {_commune(item) for item in bag}
    names = full_names(codes, today)
    areas = {code: Area(code, names.get(code, "")) for code in codes}
    for visit in sorted(open_visits, key=lambda v: (v.slot_on, v.slot != "morning", v.id)):
        areas[visit.commune_code].pickups.append(visit)
    for item in bag:
        areas[_commune(item)].items.append(item)
    ordered = sorted(areas.values(), key=lambda area: (not area.name, area.name))
    collected = [visit for visit in visits if visit.state is PickupState.COLLECTED]
    return Round(ordered, collected)


def _visits(actor: Actor, today: date) -> list[Pickup]:
    query = (
        select(Pickup)
        .where(
            Pickup.post_office_id == actor.place_id,
            or_(
                Pickup.state == PickupState.COLLECTED,
                is_to_visit() & (Pickup.slot_on <= today),
            ),
        )
        .options(joinedload(Pickup.dossier).options(lazyload(Dossier.procedure_version)))
        .order_by(Pickup.id)
    )
    return list(db.session.scalars(query))


def _deliveries(actor: Actor) -> list[PostalItem]:
    query = (
        select(PostalItem)
        .where(
            PostalItem.post_office_id == actor.place_id,
            PostalItem.courier_id == actor.user_id,
            PostalItem.state == ItemState.OUT_FOR_DELIVERY,
        )
        .options(
            joinedload(PostalItem.dossier).options(lazyload(Dossier.procedure_version)),
            selectinload(PostalItem.deliveries),
        )
        .order_by(PostalItem.id)
    )
    return list(db.session.scalars(query))


def _commune(item: PostalItem) -> str:
    return item.dossier.return_commune_code or item.dossier.commune_code or ""


def get_pickup(public_id: str, *, for_: Actor, lock: bool = False) -> Pickup:
    """A visit of the actor's office, or NotFound."""
    query = (
        select(Pickup)
        .where(Pickup.public_id == public_id, Pickup.post_office_id == for_.place_id)
        .options(joinedload(Pickup.dossier))
    )
    if lock:
        query = query.with_for_update(of=Pickup)
    pickup = db.session.scalar(query)
    if pickup is None:
        raise NotFound
    openings.note(pickup.dossier)
    return pickup


def couriers(actor: Actor) -> list[User]:
    """The couriers of an office, by name."""
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == actor.place_id,
            Membership.role == Role.COURIER,
            Membership.is_active,
            User.is_active,
        )
        .order_by(User.name)
    )
    return list(db.session.scalars(query))


def get_courier(public_id: str, *, of: Actor) -> User | None:
    """One of the office's couriers by his name in addresses."""
    return next((user for user in couriers(of) if user.public_id == public_id), None)
