"""Writes a dossier's own words into every field of it that a person can fill."""

import functools
import json

from sqlalchemy import select

from portal.db import transaction
from portal.documents import search, store
from portal.documents.models import Document, DocumentPage, FileState
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.dossiers.models.notices import Outcome, Refusal, SupplementRequest
from portal.extensions import db
from portal.postal.models import HandoverLine, Pickup, PostalItem
from tests.access import canaries
from tests.access.canaries import Finder
from vietnam.folding import fold


def plant(finder: Finder) -> None:
    """Write every dossier's canaries into whatever a person has filled in, then note its names."""
    _bytes_of.cache_clear()
    _words_of.cache_clear()
    with transaction() as session:
        for dossier in session.scalars(select(Dossier)):
            _mark_dossier(dossier)
        for page in session.scalars(select(DocumentPage)):
            search.index_page(page)
    for dossier in db.session.scalars(select(Dossier)):
        finder.plant(dossier.id, _names(dossier))


def _mark_dossier(dossier: Dossier) -> None:
    number = dossier.id
    name = canaries.word(number, "n")
    dossier.applicant_name, dossier.applicant_folded = f"Nguyễn {name}", fold(f"Nguyễn {name}")
    dossier.address, dossier.return_address = _in(dossier, "a"), _in(dossier, "h")
    dossier.email = f"{canaries.word(number, 'e').lower()}@test.invalid"
    dossier.phone = canaries.phone(number)
    dossier.citizen_number = canaries.citizen_number(number)
    if dossier.answers_text or dossier.status is Status.DRAFT:
        given = json.loads(dossier.answers_text or "{}")
        dossier.answers_text = json.dumps(given | {"record_place": canaries.word(number, "w")})
    for paper in dossier.documents:
        _mark_paper(number, paper)
    _mark_rows(dossier)


def _mark_paper(number: int, paper: Document) -> None:
    if paper.component_id is None:
        paper.title = f"Giấy {canaries.word(number, 't')}"
    for file in paper.files:
        file.name = f"{canaries.word(number, 'f')}.pdf"
        file.original_key, file.original_sha256 = _bytes_of(number, file.public_id)
        file.searchable_key, file.searchable_sha256 = _bytes_of(number)
        if file.state is FileState.RECEIVED:
            file.state = FileState.READ
        file.fields = [
            {"name": "full_name", "value": canaries.word(number, "o"), "page": 1, "confidence": 1}
        ]
        for page in file.pages:
            _mark_page(number, page)


def _mark_page(number: int, page: DocumentPage) -> None:
    seen = canaries.word(number, "o")
    page.text, page.folded = f"Tờ khai {seen}", fold(f"Tờ khai {seen}")
    page.image_key, page.image_sha256 = page.thumb_key, page.thumb_sha256 = _bytes_of(number)
    page.words_key, page.words_sha256 = _words_of(seen)


def _mark_rows(dossier: Dossier) -> None:
    """What offices, couriers and counters have written about it."""
    number = dossier.id
    marked: list[tuple[type, str, str]] = [
        (Outcome, "summary", "s"),
        (Refusal, "reason", "d"),
        (SupplementRequest, "reason", "d"),
        (Pickup, "address", "p"),
        (Pickup, "note", "p"),
        (PostalItem, "override_reason", "l"),
        (ControlSheetLine, "note", "l"),
    ]
    for model, column, field_ in marked:
        for row in db.session.scalars(select(model).filter_by(dossier_id=number)):
            setattr(row, column, canaries.word(number, field_))
    for event in db.session.scalars(select(DossierEvent).filter_by(dossier_id=number)):
        event.reason = event.reason and canaries.word(number, "d")
    for pickup in db.session.scalars(select(Pickup).filter_by(dossier_id=number)):
        pickup.phone = canaries.phone(number)
    for item in db.session.scalars(select(PostalItem).filter_by(dossier_id=number)):
        item.seal_number = canaries.word(number, "l")
        for attempt in item.deliveries:
            attempt.recipient_name = attempt.recipient_name and canaries.word(number, "n")
            attempt.note = canaries.word(number, "l")
        for line in db.session.scalars(select(HandoverLine).filter_by(item_id=item.id)):
            line.note = canaries.word(number, "l")


def _names(dossier: Dossier) -> dict[str, str]:
    """Codes and random names by which this dossier or a thing of it is called."""
    names = {dossier.public_id: "name in addresses", dossier.code or dossier.public_id: "code"}
    for paper in dossier.documents:
        names[paper.public_id] = "name in addresses"
        for file in paper.files:
            names[file.public_id] = "name in addresses"
            names |= {page.public_id: "name in addresses" for page in file.pages}
    for item in db.session.scalars(select(PostalItem).filter_by(dossier_id=dossier.id)):
        names |= {item.public_id: "name in addresses", item.code: "code"}
    for pickup in db.session.scalars(select(Pickup).filter_by(dossier_id=dossier.id)):
        names |= {pickup.public_id: "name in addresses", pickup.code: "code"}
    if dossier.lookup_key:
        names[dossier.lookup_key] = "key"
    return names


def _in(dossier: Dossier, field_: str) -> str:
    return f"Số 1, đường {canaries.word(dossier.id, field_)}"


@functools.cache
def _bytes_of(number: int, file: str = "") -> tuple[str, str]:
    """Bytes that only pretend to be a picture or a paper: nobody here looks at them."""
    kept = store.put(f"%PDF-1.7 {canaries.word(number, 'b')} {file}".encode(), "application/pdf")
    return kept.key, kept.sha256


@functools.cache
def _words_of(seen: str) -> tuple[str, str]:
    words = {"number": 1, "words": [{"text": seen, "box": [0.1, 0.1, 0.2, 0.2]}]}
    kept = store.put(json.dumps(words).encode(), "application/json")
    return kept.key, kept.sha256
