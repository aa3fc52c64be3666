"""Booking a courier to collect papers at home: which office sends him, when, at what price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.access import Actor
from portal.audit.services import record
from portal.catalogue.models import ProcedureVersion
from portal.catalogue.queries import postage_of
from portal.catalogue.rules import Carriage, Price, zone_between
from portal.crypto import new_lookup_key
from portal.directory import queries as directory
from portal.directory.models import Organisation
from portal.dossiers import competence, openings, services
from portal.dossiers.application import Answers
from portal.dossiers.generic_form import REQUESTER_COMMUNE, RETURN_COMMUNE, RETURN_MODE
from portal.dossiers.models.dossier import Dossier
from portal.errors import Invalid, NotFound, StepRefused
from portal.extensions import db
from portal.postal.lifecycle import PickupState, may_become
from portal.postal.models import Pickup
from portal.postal.pickup_form import NOTE, SLOT, Visit, visit_of
from portal.postal.queries import TO_RECEIVE

CHANGEABLE = frozenset({PickupState.REQUESTED, PickupState.MISSED})


def office_for(commune_code: str) -> Organisation | None:
    """The post office that sends the courier: of the commune, else of its province; else none."""
    place = directory.unit(commune_code)
    nearest = next(iter(directory.offices_near(commune_code, limit=1)), None)
    if place is None or nearest is None or nearest.province_code != place.parent_code:
        return None
    return nearest


@dataclass(frozen=True)
class Quote:
    """What the post charges: to bring the papers there, and the result home if wanted."""

    there: Price
    back: Price | None


def quote(version: ProcedureVersion, answers: Answers) -> Quote:
    """The published price for these addresses, before anything is sent."""
    home = directory.unit(answers.get(REQUESTER_COMMUNE, ""))
    department = competence.department_for(version.procedure.sector, answers.get(REQUESTER_COMMUNE))
    agency = department.province_code if department else None
    there = postage_of(Carriage(zone_between(home.parent_code if home else None, agency)))
    if answers.get(RETURN_MODE) != "post":
        return Quote(there, None)
    goal = directory.unit(answers.get(RETURN_COMMUNE, ""))
    back = postage_of(Carriage(zone_between(agency, goal.parent_code if goal else None)))
    return Quote(there, back)


def book(dossier: Dossier, answers: Answers, *, by: Actor, at: datetime) -> Pickup:
    """Promise the visit of a dossier that is being sent in the same transaction."""
    visit = visit_of(answers.get(SLOT, ""), at.date())
    if visit is None:
        raise Invalid("slot", _("Buổi hẹn này không còn nữa. Ông/Bà chọn buổi khác."))
    office = office_for(dossier.commune_code or "")
    if office is None:
        raise Invalid("where", no_office())
    price = quote(dossier.procedure_version, answers).there
    pickup = Pickup(
        code=f"TG-{new_lookup_key()}",
        dossier=dossier,
        post_office=office,
        state=PickupState.REQUESTED,
        slot_on=visit.on,
        slot=visit.slot,
        address=dossier.address,
        commune_code=dossier.commune_code or "",
        note=answers.get(NOTE, ""),
        price_low=price.low,
        price_high=price.high,
        requested_at=at,
    )
    pickup.phone = dossier.phone
    db.session.add(pickup)
    dossier.post_office = office
    sentence = _("Hẹn bưu tá đến lấy giấy tờ: %(when)s.", when=_inside(visit))
    services.note(dossier, "pickup_request", sentence, by=by, at=at, place=office.name)
    record("postal:pickup_request", pickup, by=by, dossier_id=dossier.id)
    return pickup


def no_office() -> str:
    """Why nobody can be sent to an address."""
    return _("Chưa có bưu cục nhận lấy giấy tờ ở tỉnh, thành phố này. Ông/Bà chọn cách nộp khác.")


def get_pickup(public_id: str, *, for_: Actor, lock: bool = False) -> Pickup:
    """The visit booked for his dossier (its public id), or NotFound."""
    query = (
        select(Pickup)
        .join(Pickup.dossier)
        .where(Dossier.public_id == public_id, Dossier.applicant_id == for_.user_id)
        .options(joinedload(Pickup.dossier), joinedload(Pickup.post_office))
    )
    pickup = db.session.scalar(query.with_for_update(of=Pickup) if lock else query)
    if pickup is None:
        raise NotFound
    openings.note(pickup.dossier)
    return pickup


def may_change(pickup: Pickup) -> bool:
    """Whether another time may be chosen: not once papers are taken or the dossier is over."""
    return pickup.state in CHANGEABLE and pickup.dossier.status in TO_RECEIVE


def reschedule(pickup: Pickup, value: str, *, by: Actor, at: datetime) -> None:
    """Another time; a visit that missed him becomes a new promise."""
    if not may_change(pickup):
        raise StepRefused(
            _("Giấy tờ đã được lấy, lịch đã huỷ hoặc hồ sơ đã dừng nên không đổi được nữa.")
        )
    visit = visit_of(value, at.date())
    if visit is None:
        raise Invalid(SLOT, _("Chọn một buổi trong danh sách."))
    pickup.state = PickupState.REQUESTED
    pickup.slot_on, pickup.slot, pickup.missed_reason = visit.on, visit.slot, ""
    sentence = _("Đổi lịch hẹn lấy giấy tờ: %(when)s.", when=_inside(visit))
    services.note(pickup.dossier, "pickup_change", sentence, by=by, at=at)
    record("postal:pickup_change", pickup, by=by, dossier_id=pickup.dossier_id)


def cancel(pickup: Pickup, *, by: Actor, at: datetime) -> None:
    """No courier comes; the dossier itself stays and may be brought to a counter."""
    if not may_become(pickup.state, PickupState.CANCELLED):
        raise StepRefused(_("Giấy tờ đã được lấy nên không huỷ được nữa."))
    pickup.state = PickupState.CANCELLED
    services.note(pickup.dossier, "pickup_cancel", _("Huỷ lịch hẹn lấy giấy tờ."), by=by, at=at)
    record("postal:pickup_cancel", pickup, by=by, dossier_id=pickup.dossier_id)


def _inside(visit: Visit) -> str:
    return visit.text[:1].lower() + visit.text[1:]
