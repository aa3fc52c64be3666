"""The printable papers of a dossier: each a template and what it needs to know."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from flask import current_app

from portal import papers, verification
from portal.dossiers import custody
from portal.dossiers.lifecycle import ENDED_EARLY
from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.dossiers.models.notices import Receipt, Refusal, SupplementRequest
from portal.errors import NotFound
from portal.extensions import db
from portal.paper_forms import form_of
from vietnam import citizen_number, phones


def look_up_address(dossier: Dossier) -> str:
    """Where anyone with code and key sees the dossier; fit for a QR picture."""
    return f"{_site()}/tra-cuu?ma={quote(dossier.code or '')}"


def acknowledgement(dossier: Dossier) -> bytes:
    """The system's word that the dossier was sent; not yet the agency's acceptance."""
    if dossier.sent_at is None:
        raise NotFound
    return papers.pdf(
        "dossiers/papers/acknowledgement.html",
        dossier=dossier,
        person=_person(dossier),
        qr=papers.qr(look_up_address(dossier)),
        site=_site(),
    )


def receipt(dossier: Dossier) -> bytes:
    """Form 01, in two copies."""
    row = db.session.query(Receipt).filter_by(dossier_id=dossier.id).one_or_none()
    if row is None:
        raise NotFound
    return _official("receipt", dossier, row.issued_at, receipt=row)


def supplement_request(dossier: Dossier, number: int) -> bytes:
    """Form 02 of one round."""
    row = (
        db.session.query(SupplementRequest)
        .filter_by(dossier_id=dossier.id, round=number)
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return _official("supplement_request", dossier, row.issued_at, request=row)


def refusal(dossier: Dossier) -> bytes:
    """Form 03."""
    row = db.session.query(Refusal).filter_by(dossier_id=dossier.id).one_or_none()
    if row is None:
        raise NotFound
    return _official("refusal", dossier, row.issued_at, refusal=row)


def stop_notice(dossier: Dossier) -> bytes:
    """The notice that the agency has stopped (form 05 of 2025)."""
    event = (
        db.session.query(DossierEvent)
        .filter_by(dossier_id=dossier.id, act="stop")
        .order_by(DossierEvent.id.desc())
        .first()
    )
    if event is None:
        raise NotFound
    return _official("stop_notice", dossier, event.at, event=event)


def control_sheet(dossier: Dossier, at: datetime) -> bytes:
    """The control sheet as its lines stand now."""
    lines = (
        db.session.query(ControlSheetLine)
        .filter_by(dossier_id=dossier.id)
        .order_by(ControlSheetLine.id)
        .all()
    )
    return _official("control_sheet", dossier, at, lines=lines)


def return_slip(dossier: Dossier) -> bytes:
    """Which papers went home, through whose hands, counted each time."""
    lines = custody.history(dossier)
    if dossier.status not in ENDED_EARLY or not lines:
        raise NotFound
    return papers.pdf(
        "dossiers/papers/return_slip.html",
        dossier=dossier,
        person=_person(dossier),
        lines=lines,
        now=[line for line in lines if line.until is None],
        enclosed=[row for row in dossier.documents if row.is_present and not row.is_shown_only],
        qr=papers.qr(look_up_address(dossier)),
    )


def _official(kind: str, dossier: Dossier, issued_at: datetime, **context: object) -> bytes:
    mark = verification.seal(kind, dossier.code or "", issued_at)
    return papers.pdf(
        f"dossiers/papers/{kind}.html",
        dossier=dossier,
        person=_person(dossier),
        form=form_of(kind, issued_at.date()),
        issued_at=issued_at,
        qr=papers.qr(f"{_site()}/xac-thuc?ma={quote(mark)}"),
        site=_site(),
        **context,
    )


def _person(dossier: Dossier) -> dict[str, str]:
    """The applicant as papers show him: numbers with their middle hidden."""
    number, phone = dossier.citizen_number, dossier.phone
    return {
        "name": dossier.applicant_name,
        "number": citizen_number.mask(number) if number else "",
        "phone": phones.mask(phone) if phone else "",
    }


def _site() -> str:
    site = current_app.config["SETTINGS"].public_url
    assert isinstance(site, str)
    return site
