"""What the tally and the scanner's pages share: may a paper still be changed, its scans again."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, render_template, url_for
from flask_babel import gettext as _

from portal import clock
from portal.access import the_actor
from portal.documents import messages
from portal.documents.models import Document, DocumentPurpose
from portal.dossiers.file_rights import open_to_post
from portal.dossiers.models.dossier import Dossier
from portal.errors import Conflict, NotFound
from portal.postal import queries, scan_words
from portal.postal.lifecycle import Direction, ItemState
from portal.postal.steps import must_go_on
from portal.postal.tallies import Said, misplaced, tally
from portal.postal.views.counter import next_step


def must_be_open(dossier: Dossier) -> None:
    """Refuse papers once the envelope is sealed or the dossier gone on."""
    must_go_on(dossier)
    item = queries.open_item(dossier, Direction.TO_AGENCY)
    here = url_for("post.tally", public_id=dossier.public_id)
    if (item is not None and item.state is ItemState.SEALED) or next_step(dossier) != here:
        raise Conflict(_("Hồ sơ không còn ở bước kiểm đếm nên không thêm, bớt giấy tờ được."))


def has_left(dossier: Dossier) -> bool:
    """Whether no paper of it is counted any more, so that no page of it leads to its tally."""
    try:
        must_be_open(dossier)
    except Conflict:
        return True
    return False


def open_paper(dossier: Dossier, document_id: str) -> Document:
    """A paper of the dossier that may still get scans, or NotFound."""
    must_be_open(dossier)
    for document in dossier.documents:
        if document.public_id == document_id and document.purpose is not DocumentPurpose.OUTCOME:
            return document
    raise NotFound


def scans(dossier: Dossier, document_id: str, problems: list[str] | None = None) -> Response:
    """The scans of one paper, to be swapped in."""
    counted = numbers(dossier)
    lines = [row for row in counted["tally"].lines if row.document.public_id == document_id]
    if not lines:
        raise NotFound
    page = render_template(
        "postal/clerk/_scans.html",
        line=lines[0],
        problems=problems or [],
        scanning=scan_words.of_tally(dossier, by=the_actor(), at=clock.now()),
        **counted,
    )
    response = make_response(page, 422 if problems else 200)
    response.headers["HX-Trigger"] = "scanned"  # the running total asks again, with what is typed
    return response


def numbers(dossier: Dossier, said: Said | None = None) -> dict[str, Any]:
    """What every part of the tally counts with."""
    item = queries.open_item(dossier, Direction.TO_AGENCY)
    most = current_app.config["SETTINGS"].max_upload_mb
    counted, open_files = tally(dossier, item, said), open_to_post(dossier, clock.now())
    return {
        "dossier": dossier,
        "item": item,
        "tally": counted,
        "open_files": open_files,
        "misplaced": misplaced(dossier, counted, open_files),
        "limits": messages.limits_hint(most),
        "accept": messages.ACCEPT,
    }
