"""Finds papers, files and pages; whether a person may see them is asked by the caller."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from portal.documents import search
from portal.documents.models import Document, DocumentFile, DocumentPage, FileState
from portal.documents.store import open_object
from portal.errors import NotFound
from portal.extensions import db


@dataclass(frozen=True)
class MarkedWord:
    """A word that was searched for and its place, as fractions of the upright page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def get_file(public_id: str, *, lock: bool = False) -> DocumentFile:
    """A file with its paper and pages, or NotFound."""
    query = (
        select(DocumentFile)
        .filter_by(public_id=public_id)
        .options(joinedload(DocumentFile.document), selectinload(DocumentFile.pages))
    )
    if lock:
        query = query.with_for_update(of=DocumentFile)
    file = db.session.scalar(query)
    if file is None or file.state is FileState.WITHDRAWN:
        raise NotFound
    return file


def get_page(public_id: str) -> DocumentPage:
    """A page with its file and paper, or NotFound."""
    page = db.session.scalar(
        select(DocumentPage)
        .filter_by(public_id=public_id)
        .options(joinedload(DocumentPage.file).joinedload(DocumentFile.document))
    )
    if page is None or page.file.state is FileState.WITHDRAWN:
        raise NotFound
    return page


def bytes_of(dossier_id: int) -> int:
    """How much the files of a dossier weigh together."""
    return _sum_over(dossier_id, DocumentFile.size)


def files_of(dossier_id: int) -> int:
    """How many files stand for its papers."""
    return _sum_over(dossier_id, literal(1))


def pages_scanned(dossier_id: int) -> int:
    """How many pages the files of a dossier have together, refused ones not counted."""
    return _sum_over(dossier_id, DocumentFile.pages_total, DocumentFile.state != FileState.REFUSED)


def is_being_read(dossier_id: int) -> bool:
    """Whether some file of the dossier is still on its way to being read."""
    states = (FileState.RECEIVED, FileState.READING)
    return _sum_over(dossier_id, literal(1), DocumentFile.state.in_(states)) > 0


def marked_words(page: DocumentPage, text: str) -> list[MarkedWord]:
    """Where the words of a search stand on the page; none when the page has no word boxes."""
    phrases = search.parse(text)
    if not phrases or not (page.words_key and page.words_sha256):
        return []
    content = json.loads(open_object(page.words_key, page.words_sha256))
    return [
        MarkedWord(word["text"], *word["box"])
        for word in content["words"]
        if search.is_on(word["text"], phrases)
    ]


def _sum_over(dossier_id: int, what: Any, *conditions: ColumnElement[bool]) -> int:
    total = db.session.scalar(
        select(func.coalesce(func.sum(what), 0))
        .select_from(DocumentFile)
        .join(DocumentFile.document)
        .where(
            Document.dossier_id == dossier_id,
            DocumentFile.state != FileState.WITHDRAWN,
            *conditions,
        )
    )
    return int(total or 0)
