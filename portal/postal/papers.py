"""The printable papers of the post: posting slip, hand-over record, delivery slip."""

from __future__ import annotations

from typing import Any

from flask import current_app

from portal import papers
from portal.catalogue.models import Component, PaperKind
from portal.documents import separators as documents
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.papers import look_up_address
from portal.errors import NotFound
from portal.extensions import db
from portal.postal.lifecycle import Cargo, Direction
from portal.postal.models import Delivery, Handover, Pickup, PostalItem
from vietnam import phones


def posting_slip(item: PostalItem) -> bytes:
    """The contract of carriage (TT 17/2017, art. 9), given when the envelope is sealed."""
    if item.cargo is not Cargo.DOSSIER or item.sealed_at is None:
        raise NotFound
    dossier = item.dossier
    return papers.pdf(
        "postal/papers/posting_slip.html",
        item=item,
        dossier=dossier,
        enclosed=[
            (row["title"], PaperKind(row["kind"]).label, row["pages"]) for row in item.papers
        ],
        person={
            "name": dossier.applicant_name,
            "phone": phones.mask(dossier.phone) if dossier.phone else "",
        },
        pickup=db.session.query(Pickup).filter_by(dossier_id=dossier.id).one_or_none(),
        qr=papers.qr(look_up_address(dossier)),
        site=current_app.config["SETTINGS"].public_url,
    )


def separators(dossier: Dossier) -> bytes:
    """A sheet to lay on each paper that is asked for, and one for any other, before scanning all.

    They lie about at a counter, so they name the dossier and no person.
    """
    if dossier.code is None:
        raise NotFound
    version = dossier.procedure_version
    components: list[Component | None] = [*version.components, None]
    return _separators(
        [
            {
                "component": component,
                "qr": _separator_code(dossier.code, component.number if component else None),
            }
            for component in components
        ],
        code=dossier.code,
        procedure=version.procedure.name,
    )


def plain_separator() -> bytes:
    """A sheet for any dossier: it only says that another paper begins."""
    return _separators([{"component": None, "qr": _separator_code(None, None)}])


def _separator_code(code: str | None, component: int | None) -> str:
    return papers.qr(documents.code_of(code, component), error="h")


def _separators(sheets: list[dict[str, Any]], code: str = "", procedure: str = "") -> bytes:
    return papers.pdf(
        "postal/papers/separators.html",
        title=documents.TITLE,
        squares=documents.squares(),
        sheets=sheets,
        code=code,
        procedure=procedure,
    )


def handover_record(handover: Handover) -> bytes:
    """Who gave which envelopes to whom, counted by both (QĐ 45/2016, art. 7)."""
    return papers.pdf("postal/papers/handover_record.html", handover=handover)


def delivery_slip(item: PostalItem) -> bytes:
    """What the courier takes along: code and address, never the content of a paper."""
    if item.direction is not Direction.TO_CITIZEN:
        raise NotFound
    attempts = db.session.query(Delivery).filter_by(item_id=item.id).order_by(Delivery.attempt)
    dossier = item.dossier
    return papers.pdf(
        "postal/papers/delivery_slip.html",
        item=item,
        dossier=dossier,
        person={
            "name": dossier.applicant_name,
            "phone": phones.mask(dossier.phone) if dossier.phone else "",
        },
        attempts=attempts.all(),
        qr=papers.qr(look_up_address(dossier)),
    )
