"""Opens what was handed in, for those whose dossier it is; every opening is written down."""

from __future__ import annotations

import json

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import lazyload

from portal import clock, htmx
from portal.access import Actor, Role, the_actor
from portal.documents import queries as documents
from portal.documents.models import DocumentFile, DocumentPage
from portal.documents.openings import glanced, opened
from portal.documents.serving import served
from portal.documents.store import open_object
from portal.documents.virus import must_be_open
from portal.dossiers.file_rights import must_be_open_to
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import visible
from portal.errors import NotFound
from portal.extensions import db

# Couriers carry sealed envelopes; control, audit and administration see rows, never papers.
READERS = frozenset(
    {
        Role.CITIZEN,
        Role.POSTAL_CLERK,
        Role.POSTAL_SUPERVISOR,
        Role.ONESTOP_OFFICER,
        Role.OFFICER,
        Role.LEADER,
        Role.RECORDS_CLERK,
    }
)
WEBP = "image/webp"
PDF = "application/pdf"


def file_state(file_id: str) -> ResponseReturnValue:
    """One file with its pages, as far as it has been read; asked again while that goes on."""
    actor = the_actor()
    file = _file(file_id, actor)
    shown = htmx.show("documents/file.html", "documents/_file.html", file=file)
    glanced([file])
    return shown


def page_image(page_id: str) -> ResponseReturnValue:
    """A page as it stands upright."""
    actor = the_actor()
    page = _page(page_id, actor)
    data = open_object(page.image_key, page.image_sha256)
    opened("page:open", page, by=actor)
    return served(data, WEBP)


def page_thumb(page_id: str) -> ResponseReturnValue:
    """A page so small that few words of it can be read."""
    actor = the_actor()
    page = _page(page_id, actor)
    data = open_object(page.thumb_key, page.thumb_sha256)
    glanced([page.file])
    return served(data, WEBP)


def words(page_id: str) -> ResponseReturnValue:
    """Where the words of a search stand on a page, as boxes in fractions of it."""
    actor = the_actor()
    page = _page(page_id, actor)
    found = documents.marked_words(page, request.args.get("q", ""))
    boxes = [[word.left, word.top, word.right, word.bottom] for word in found]
    glanced([page.file])
    return served(json.dumps({"boxes": boxes}).encode(), "application/json")


def original(file_id: str) -> ResponseReturnValue:
    """The very bytes that were handed in: only to be saved, never shown by the browser."""
    actor = the_actor()
    file = _file(file_id, actor)
    name, content_type = file.name, file.content_type
    must_be_open(file)
    data = open_object(file.original_key, file.original_sha256)
    opened("file:open_original", file, by=actor)
    return served(data, content_type, save_as=name)


def searchable(file_id: str) -> ResponseReturnValue:
    """The copy made by us, with its text under the picture."""
    actor = the_actor()
    file = _file(file_id, actor)
    if file.searchable_key is None or file.searchable_sha256 is None:
        raise NotFound
    name = file.name
    data = open_object(file.searchable_key, file.searchable_sha256)
    opened("file:open", file, by=actor)
    stem = name.rpartition(".")[0] or name
    return served(data, PDF, save_as=f"{stem}.pdf")


def _file(public_id: str, actor: Actor) -> DocumentFile:
    file = documents.get_file(public_id)
    _must_see(file, actor)
    return file


def _page(public_id: str, actor: Actor) -> DocumentPage:
    page = documents.get_page(public_id)
    _must_see(page.file, actor)
    return page


def _must_see(file: DocumentFile, actor: Actor) -> None:
    """The dossier's own scope decides; what is not his does not exist for him."""
    query = visible(actor).where(Dossier.id == file.document.dossier_id).options(lazyload("*"))
    dossier = db.session.scalar(query)
    if actor.role not in READERS or dossier is None:
        raise NotFound
    must_be_open_to(actor, file, dossier, clock.now())
