"""The printable papers of the post: posting slip, hand-over record, delivery slip."""

from __future__ import annotations

from flask import current_app

from portal import papers
from portal.catalogue.models import PaperKind
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
