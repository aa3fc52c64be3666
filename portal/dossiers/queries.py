"""Which dossiers a person may see, and how they are found: the scope is in every query."""

from __future__ import annotations

import hmac
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.access import Actor, Role
from portal.audit.services import record
from portal.catalogue.models import ProcedureVersion
from portal.crypto import keyring
from portal.directory.models import Organisation
from portal.documents.models import Document, DocumentFile
from portal.dossiers import openings
from portal.dossiers.clock_view import ClockView, clock_of
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.errors import NotFound
from portal.extensions import db
from vietnam import dossier_code

__all__ = ["ClockView", "clock_of", "get_dossier", "look_up", "scope", "timeline", "visible"]


def scope(actor: Actor) -> ColumnElement[bool]:
    """The condition that holds for exactly the dossiers of this person in this role."""
    conditions = {
        Role.CITIZEN: _own,
        Role.POSTAL_CLERK: _of_office,
        Role.COURIER: _of_office,
        Role.POSTAL_SUPERVISOR: _of_post,
        Role.ONESTOP_OFFICER: _of_unit,
        Role.OFFICER: _of_department,
        Role.LEADER: _of_department,
        Role.RECORDS_CLERK: _of_department,
        Role.CONTROL: _of_province,
    }
    condition = conditions.get(actor.role)
    return condition(actor) if condition else false()


def visible(actor: Actor) -> Select[Any]:
    """All dossiers this person may see; start every list from here."""
    return select(Dossier).where(scope(actor))


def get_dossier(public_id: str, *, for_: Actor, lock: bool = False) -> Dossier:
    """One dossier with its papers, or NotFound – also where it exists for others."""
    query = (
        visible(for_)
        .where(Dossier.public_id == public_id)
        .options(
            joinedload(Dossier.procedure_version).lazyload(ProcedureVersion.components),
            joinedload(Dossier.receiving_unit),
            joinedload(Dossier.department),
            joinedload(Dossier.post_office),
            selectinload(Dossier.documents)
            .joinedload(Document.files)
            .joinedload(DocumentFile.pages),
            selectinload(Dossier.pauses),
        )
    )
    if lock:
        query = query.with_for_update(of=Dossier)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    assert isinstance(found, Dossier)
    openings.note(found)
    return found


def by_code(code: str, *, for_: Actor) -> Dossier | None:
    """The dossier with this legal code, if this person may see it."""
    parsed = dossier_code.parse(code)
    if parsed is None:
        return None
    return db.session.scalar(visible(for_).where(Dossier.code == str(parsed)))


def look_up(code: str, key: str) -> Dossier | None:
    """The public look-up: code and key together, one answer for either being wrong.

    Both are asked for in one question, by the key's digest: a code that exists is not even read,
    so nobody learns from the time an answer takes which codes there are.
    """
    parsed = dossier_code.parse(code)
    digest = keyring().index("".join(key.split()).upper(), "lookup_key")
    known = select(Dossier).where(
        Dossier.code == (str(parsed) if parsed else ""), Dossier.lookup_key_index == digest
    )
    dossier = db.session.scalar(known)
    if dossier is None:
        return None
    record("dossier:look_up", dossier, by=None, dossier_id=dossier.id)
    return dossier


def is_key_of(dossier: Dossier | None, key: str) -> bool:
    """Whether somebody knows the key printed beside the code; takes as long for no dossier."""
    right = (dossier.lookup_key if dossier else None) or "------"
    wanted = "".join(key.split()).upper()
    return hmac.compare_digest(right.encode(), wanted.encode()) and dossier is not None


def timeline(dossier: Dossier) -> list[DossierEvent]:
    """Everything that happened, oldest first, the post's hops included."""
    return list(
        db.session.scalars(
            select(DossierEvent).filter_by(dossier_id=dossier.id).order_by(DossierEvent.id)
        )
    )


def own(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The two ways in which a dossier is a citizen's: it is about him, or he sent it.

    Not what he sent as a clerk, for people without an account: a clerk may be a citizen too, and
    at home the dossiers of his counter are not his.
    """
    is_of_an_account = Dossier.applicant_id.is_not(None)
    sent_for_another = (Dossier.submitted_by_id == actor.user_id) & is_of_an_account
    return Dossier.applicant_id == actor.user_id, sent_for_another


def _own(actor: Actor) -> ColumnElement[bool]:
    return or_(*own(actor))


def _sent() -> ColumnElement[bool]:
    return Dossier.status != Status.DRAFT


def _of_office(actor: Actor) -> ColumnElement[bool]:
    return Dossier.post_office_id == actor.place_id


def _of_post(actor: Actor) -> ColumnElement[bool]:
    offices = select(Organisation.id).where(
        or_(Organisation.parent_id == actor.place_id, Organisation.id == actor.place_id)
    )
    return Dossier.post_office_id.in_(offices)


def _of_unit(actor: Actor) -> ColumnElement[bool]:
    return (Dossier.receiving_unit_id == actor.place_id) & _sent()


def _of_department(actor: Actor) -> ColumnElement[bool]:
    return (Dossier.department_id == actor.place_id) & Dossier.forwarded_at.is_not(None)


def _of_province(actor: Actor) -> ColumnElement[bool]:
    place = actor.organisation
    province = place.province_code if place else None
    units = select(Organisation.id).where(Organisation.province_code == province)
    unit: Any = Dossier.receiving_unit_id
    if db.engine.dialect.name == "sqlite":
        # Given the column itself, it goes through the units one by one and fetches every row,
        # where the figures and the order of due dates stand in an index of the whole country.
        unit = unit + 0
    return unit.in_(units) & _sent()
