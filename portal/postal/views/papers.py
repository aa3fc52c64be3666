"""Prints the papers of the post; each printing is written down."""

from __future__ import annotations

from flask import Response
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from portal.access import the_actor
from portal.audit.services import Entry, Named, record, record_each
from portal.db import transaction
from portal.dossiers.queries import get_dossier
from portal.errors import NotFound
from portal.extensions import db
from portal.papers import answer
from portal.postal import papers, queries
from portal.postal.models import Handover, HandoverLine, PostalItem


def posting_slip(public_id: str) -> Response:
    """The slip the sender takes home."""
    item = _item(public_id)
    return _print("posting_slip", item, papers.posting_slip(item), f"phieu-gui-{item.code}.pdf")


def delivery_slip(public_id: str) -> Response:
    """The slip the courier takes along."""
    item = _item(public_id)
    return _print("delivery_slip", item, papers.delivery_slip(item), f"phieu-phat-{item.code}.pdf")


def separators(public_id: str) -> Response:
    """Sheets to lay between the papers of a dossier, for whoever scans them in one pass."""
    dossier = get_dossier(public_id, for_=the_actor())
    content, about, dossier_id = papers.separators(dossier), Named.of(dossier), dossier.id
    name = f"to-phan-cach-{dossier.code}.pdf"
    with transaction():
        record("paper:separators", about, by=the_actor(), dossier_id=dossier_id)
    return answer(content, name)


def plain_separator() -> Response:
    """The sheet that fits every dossier; it says nothing of anybody."""
    actor, content = the_actor(), papers.plain_separator()
    with transaction():
        record("paper:plain_separator", Named("User", actor.public_id), by=actor)
    return answer(content, "to-phan-cach.pdf")


def handover_record(public_id: str) -> Response:
    """The record of a hand-over, for the two places that made it and who answers for the giver."""
    actor = the_actor()
    handover = db.session.scalar(
        select(Handover)
        .where(
            Handover.public_id == public_id,
            or_(
                queries.of_place(Handover.giver_place_id, actor),
                Handover.taker_place_id == actor.place_id,
            ),
        )
        .options(
            selectinload(Handover.lines)
            .joinedload(HandoverLine.item)
            .joinedload(PostalItem.dossier)
        )
    )
    if handover is None:
        raise NotFound
    content = papers.handover_record(handover)
    about, name = Named.of(handover), f"bien-ban-{handover.proposed_at:%y%m%d-%H%M}.pdf"
    act = "paper:handover_record"
    lines = [Entry(act, about, line.item.dossier_id) for line in handover.lines]
    with transaction():
        record_each(lines, by=actor)
    return answer(content, name)


def _item(public_id: str) -> PostalItem:
    """The envelope, for those who may open its page: a courier prints what he carries."""
    return queries.get_item(public_id, for_=the_actor())


def _print(kind: str, item: PostalItem, content: bytes, filename: str) -> Response:
    about, dossier_id = Named.of(item), item.dossier_id
    with transaction():
        record(f"paper:{kind}", about, by=the_actor(), dossier_id=dossier_id)
    return answer(content, filename)
