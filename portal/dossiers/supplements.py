"""The items of a supplement request and what was handed in for each since it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.access import Actor
from portal.documents.models import Document, DocumentFile, DocumentPurpose
from portal.documents.services import add_document
from portal.dossiers.drafts import NOT_HANDED_IN
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.services import note, open_request
from portal.extensions import db


@dataclass(frozen=True)
class Item:
    """One thing that is asked for; `document` is the paper it belongs to, if there is one yet.

    `words` are those the citizen has kept for later.
    """

    number: int
    text: str
    document: Document | None
    new_files: tuple[DocumentFile, ...]
    words: str = ""


def items(dossier: Dossier) -> list[Item]:
    """The list of the open request, in its order; empty when nothing is asked."""
    request = open_request(dossier)
    if request is None:
        return []
    found = []
    for number, asked in enumerate(request.items):
        document = _document(dossier, asked.get("component"), str(asked["text"]))
        new = tuple(
            file
            for file in (document.files if document else ())
            if file.taken_at >= request.issued_at and file.state not in NOT_HANDED_IN
        )
        words = str(asked.get("words", ""))
        found.append(Item(number, str(asked["text"]), document, new, words))
    return found


def _document(dossier: Dossier, component: int | None, text: str) -> Document | None:
    """The paper of that component (its id), or the voluntary paper made for these words."""
    for document in dossier.documents:
        if component is not None and document.component_id == component:
            return document
        if component is None and _is_made_for(document, text):
            return document
    return None


def _is_made_for(document: Document, text: str) -> bool:
    return document.purpose is DocumentPurpose.VOLUNTARY and document.title == text


def document_for(dossier: Dossier, item: Item, at: datetime) -> Document:
    """The paper that takes the files of an item, made when the list has none for it."""
    if item.document is not None:
        return item.document
    document = add_document(dossier, item.text, DocumentPurpose.VOLUNTARY, at)
    db.session.expire(dossier, ["documents"])  # the page drawn next must list the new paper
    return document


def keep_words(dossier: Dossier, words: Mapping[int, str]) -> None:
    """Lay what was typed beside the items, so that it is there when the citizen comes back."""
    request = open_request(dossier)
    if request is not None:
        request.items = [
            {**asked, "words": words.get(number, "")} for number, asked in enumerate(request.items)
        ]


def note_words(dossier: Dossier, words: Mapping[int, str], *, by: Actor, at: datetime) -> None:
    """Write what the citizen said instead of, or beside, files into the history."""
    for item in items(dossier):
        said = words.get(item.number, "")
        if said:
            note(
                dossier,
                "supplement_words",
                _("Trả lời mục “%(item)s”: %(words)s", item=item.text, words=said),
                by=by,
                at=at,
            )
