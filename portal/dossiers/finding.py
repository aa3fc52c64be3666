"""Finds dossiers by what stands on them, and by words that stand only on their scanned pages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import defer, joinedload

from portal.access import Actor
from portal.catalogue.models import ProcedureVersion
from portal.crypto import keyring
from portal.documents import search
from portal.documents.models import Document, DocumentFile, DocumentPage
from portal.dossiers.excerpts import Piece, excerpt
from portal.dossiers.inbox import Row, rows_of, with_holder
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import scope, visible
from portal.dossiers.standing import Present
from portal.extensions import db
from vietnam import citizen_number, dossier_code, folding, phones

MOST = 30
LONGEST = 200
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
    """By code, name, or – equality only, for they are kept sealed – citizen number and phone."""
    exact = case((Dossier.applicant_name.contains(typed, autoescape=True), 0), else_=1)
    query = visible(actor).where(or_(*_ways(typed)))
    return (
        with_holder(query).order_by(exact, Dossier.touched_at.desc(), Dossier.code).limit(MOST + 1)
    )


def _ways(typed: str) -> list[ColumnElement[bool]]:
    parsed = dossier_code.parse(typed)
    code = str(parsed) if parsed else typed.upper().replace(" ", "")
    ways: list[ColumnElement[bool]] = []
    if len(code) >= SHORTEST_CODE and any(character.isdigit() for character in code):
        ways.append(Dossier.code.contains(code, autoescape=True))
    if words := dict.fromkeys(folding.words(typed)):
        ways.append(
            and_(*[Dossier.applicant_folded.contains(word, autoescape=True) for word in words])
        )
    if citizen := citizen_number.parse(typed):
        sealed = keyring().index(citizen.digits, "citizen_number")
        ways.append(Dossier.citizen_number_index == sealed)
    if phone := phones.normalise(typed):
        # A number is kept as it came in: with +84 from forms of ours, with 0 from elsewhere.
        forms = (phone, "0" + phone.removeprefix("+84"))
        ways.append(Dossier.phone_index.in_([keyring().index(form, "phone") for form in forms]))
    return ways or [Dossier.code == typed]


def _pages(actor: Actor, typed: str) -> tuple[PageHit, ...]:
    hits = search.pages_matching(typed).subquery()
    query = (
        select(Dossier, Document, DocumentFile, DocumentPage)
        .join(hits, hits.c.dossier_id == Dossier.id)
        .join(DocumentPage, DocumentPage.id == hits.c.page_id)
        .join(DocumentFile, DocumentFile.id == DocumentPage.file_id)
        .join(Document, Document.id == DocumentFile.document_id)
        .where(scope(actor))
        .options(
            joinedload(Dossier.procedure_version).lazyload(ProcedureVersion.components),
            defer(DocumentPage.folded),
        )
        .order_by(hits.c.is_exact.desc(), Dossier.touched_at.desc(), DocumentPage.id)
        .limit(MOST + 1)
    )
    return tuple(
        PageHit(dossier, document, file, page, excerpt(page.text, typed))
        for dossier, document, file, page in db.session.execute(query)
    )
