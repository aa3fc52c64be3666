"""Finds dossiers by what stands on them, and by words that stand only on their scanned pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, union_all
from sqlalchemy.orm import defer, joinedload

from portal.access import Actor
from portal.catalogue.models import ProcedureVersion
from portal.crypto import keyring
from portal.documents import search
from portal.documents.models import Document, DocumentFile, DocumentPage, FileState
from portal.dossiers.excerpts import Piece, excerpt
from portal.dossiers.inbox import Row, rows_of, with_holder
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import scope
from portal.dossiers.standing import Present
from portal.extensions import db
from vietnam import citizen_number, dossier_code, folding, phones

MOST = 30
LONGEST = 200
RECENT = 150  # dossiers in which common words are looked for first
SHORTEST_CODE = 4  # fewer characters of a code would find half of the desk


@dataclass(frozen=True)
class PageHit:
    """A page with the words on it, and the line in which they stand."""

    dossier: Dossier
    document: Document
    file: DocumentFile
    page: DocumentPage
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Found:
    """What a search brought; `has_more` where only the best are shown."""

    rows: tuple[Row, ...]
    pages: tuple[PageHit, ...]
    has_more_rows: bool
    has_more_pages: bool


def tidy(typed: str) -> str:
    """What was typed, with single spaces and not endless."""
    return " ".join(typed.split())[:LONGEST]


def is_personal(typed: str) -> bool:
    """Whether it is a number that identifies a person."""
    return citizen_number.parse(typed) is not None or phones.normalise(typed) is not None


def find(actor: Actor, typed: str, at: Present) -> Found:
    """Everything in this person's scope that fits what was typed."""
    rows = db.session.execute(_dossiers(actor, typed)).all()
    pages = _pages(actor, typed)
    return Found(
        rows=rows_of(rows[:MOST], at),
        pages=pages[:MOST],
        has_more_rows=len(rows) > MOST,
        has_more_pages=len(pages) > MOST,
    )


def _dossiers(actor: Actor, typed: str) -> Select[tuple[Dossier]]:
    """By code, name, or – equality only, for they are kept sealed – citizen number and phone.

    Names and codes are read through in an index of the desk; only what is shown is fetched.
    """
    exact = case((Dossier.applicant_name.contains(typed, autoescape=True), 0), else_=1)
    order = (exact, Dossier.touched_at.desc(), Dossier.code)
    firsts = [
        select(Dossier.id).where(scope(actor), way).order_by(*order).limit(MOST + 1).subquery()
        for way in _ways(typed)
    ]
    ids = union_all(*[select(first.c.id) for first in firsts])
    chosen = select(Dossier).where(Dossier.id.in_(ids))
    return with_holder(chosen).order_by(*order).limit(MOST + 1)


def _ways(typed: str) -> list[ColumnElement[bool]]:
    parsed = dossier_code.parse(typed)
    code = str(parsed) if parsed else typed.upper().replace(" ", "")
    ways, written = [], []
    if len(code) >= SHORTEST_CODE and any(character.isdigit() for character in code):
        written.append(Dossier.code.contains(code, autoescape=True))
    if words := dict.fromkeys(folding.words(typed)):
        written.append(
            and_(*[Dossier.applicant_folded.contains(word, autoescape=True) for word in words])
        )
    if written:
        ways.append(or_(*written))
    if citizen := citizen_number.parse(typed):
        sealed = keyring().index(citizen.digits, "citizen_number")
        ways.append(Dossier.citizen_number_index == sealed)
    if phone := phones.normalise(typed):
        # A number is kept as it came in: with +84 from forms of ours, with 0 from elsewhere.
        forms = (phone, "0" + phone.removeprefix("+84"))
        ways.append(Dossier.phone_index.in_([keyring().index(form, "phone") for form in forms]))
    return ways or [Dossier.code == typed]


def _pages(actor: Actor, typed: str) -> tuple[PageHit, ...]:
    """Pages with the words, those in the letters that were typed first, then the newest."""
    found: list[PageHit] = []
    recent: list[int] | None = None
    for hits in search.by_letters(typed):
        wanted: Any = hits
        if search.is_common(hits):
            # Of what is found everywhere the newest are enough, and they are soon found.
            recent = _recent_pages(actor) if recent is None else recent
            near = search.among(hits, recent)
            wanted = near if len(found) + len(near) > MOST else hits
        found += [_hit(row, typed) for row in _newest(actor, wanted, MOST + 1 - len(found))]
        if len(found) > MOST:
            break
    return tuple(found)


def _newest(actor: Actor, page_ids: Any, most: int) -> Sequence[Any]:
    query = (
        select(Dossier, Document, DocumentFile, DocumentPage)
        .join(Document, Document.dossier_id == Dossier.id)
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .join(DocumentPage, DocumentPage.file_id == DocumentFile.id)
        .where(scope(actor), DocumentPage.id.in_(page_ids))
        .where(DocumentFile.state != FileState.WITHDRAWN)
        .options(
            joinedload(Dossier.procedure_version).lazyload(ProcedureVersion.components),
            defer(DocumentPage.folded),
        )
        .order_by(Dossier.touched_at.desc(), DocumentPage.id)
        .limit(most)
    )
    return db.session.execute(query).all()


def _recent_pages(actor: Actor) -> list[int]:
    """The pages of the dossiers of this desk that were touched last."""
    recent = (
        select(Dossier.id).where(scope(actor)).order_by(Dossier.touched_at.desc()).limit(RECENT)
    )
    query = (
        select(DocumentPage.id)
        .join(DocumentFile, DocumentFile.id == DocumentPage.file_id)
        .join(Document, Document.id == DocumentFile.document_id)
        .where(Document.dossier_id.in_(recent), DocumentFile.state != FileState.WITHDRAWN)
    )
    return list(db.session.scalars(query))


def _hit(row: Any, typed: str) -> PageHit:
    dossier, document, file, page = row
    return PageHit(dossier, document, file, page, excerpt(page.text, typed))
