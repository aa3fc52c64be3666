"""Finds pages by the words on them, typed with or without diacritics, on either database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    Text,
    column,
    delete,
    false,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
)

from portal.db import transaction
from portal.documents.models import Document, DocumentFile, DocumentPage, FileState
from portal.extensions import db
from vietnam import folding

MOST_WORDS = 20
LONGEST_WORD = 60
LONGEST_PAGE = 200_000
COMMON = 1_000  # pages
_PIECES = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\W_]+")

MERGED_AT_ONCE = 200  # pages of the index, a megabyte
_MERGE = text("INSERT INTO page_search (page_search, rank) VALUES ('merge', :pages)")

INDEX = table("page_search", column("rowid", BigInteger), column("folded", Text), column("exact"))


@dataclass(frozen=True)
class Phrase:
    """Words that must stand side by side; the last may be only begun."""

    words: tuple[str, ...]
    is_begun: bool = False


def index_page(page: DocumentPage) -> None:
    """Write the words of a page into the index, inside the transaction that writes the page."""
    forget_pages([page.id])
    row = {
        "rowid": page.id,
        "folded": " ".join(_short(folding.words(page.text[:LONGEST_PAGE])))[:LONGEST_PAGE],
        "exact": " ".join(_short(_written_words(page.text[:LONGEST_PAGE])))[:LONGEST_PAGE],
    }
    db.session.execute(insert(INDEX).values(row))


def forget_pages(page_ids: list[int]) -> None:
    """Take pages out of the index, for files that were taken back or read anew."""
    if page_ids:
        db.session.execute(delete(INDEX).where(INDEX.c.rowid.in_(page_ids)))


def rub_out() -> None:
    """SQLite forgets words of erased pages only when it merges its index; have it do so now.

    In steps, each its own transaction, so that nobody waits. PostgreSQL cleans up by itself, and
    its dumps hold nothing of what was erased.
    """
    if db.engine.dialect.name != "sqlite":
        return
    pages, changed = -MERGED_AT_ONCE, 2  # below nought: bring all parts together first
    while changed >= 2:  # so FTS5 says that there was still work
        with transaction() as session:
            before = session.scalar(select(func.total_changes())) or 0
            session.execute(_MERGE, {"pages": pages})
            changed = (session.scalar(select(func.total_changes())) or 0) - before
        pages = MERGED_AT_ONCE


def pages_matching(text: str) -> Select[Any]:
    """Pages with all the words of `text`: columns page_id, file_id, dossier_id, is_exact.

    Words between quotation marks must follow each other; the last word may be only begun. Nothing
    a person types reaches the engine's own query language. Whoever calls joins the dossiers the
    person may see, and orders by is_exact first.
    """
    phrases = parse(text)
    is_match: ColumnElement[bool] = _matches("folded", phrases) if phrases else false()
    is_exact: ColumnElement[Any] = literal(0)
    if phrases and folding.fold(text) != _normal(text):
        in_these_letters = select(INDEX.c.rowid).where(_matches("exact", parse(text, exact=True)))
        is_exact = DocumentPage.id.in_(in_these_letters)
    found = select(INDEX.c.rowid).where(is_match)
    return (
        select(
            DocumentPage.id.label("page_id"),
            DocumentPage.file_id.label("file_id"),
            Document.dossier_id.label("dossier_id"),
            is_exact.label("is_exact"),
        )
        .join(DocumentFile, DocumentFile.id == DocumentPage.file_id)
        .join(Document, Document.id == DocumentFile.document_id)
        .where(DocumentPage.id.in_(found), DocumentFile.state != FileState.WITHDRAWN)
    )


def by_letters(text: str) -> list[Select[Any]]:
    """Row numbers of the index, the best first: words in just these letters, then however written.

    Nothing is in two of them. Where nobody typed diacritics there is one.
    """
    folded = parse(text)
    if not folded:
        return []
    numbers = select(INDEX.c.rowid)
    if folding.fold(text) == _normal(text):
        return [numbers.where(_matches("folded", folded))]
    exact = parse(text, exact=True)
    return [numbers.where(_matches_both(folded, exact, is_exact=both)) for both in (True, False)]


def is_common(hits: Select[Any]) -> bool:
    """Whether so many pages have these words that nobody should fetch them all."""
    first = hits.limit(COMMON).subquery()
    return db.session.scalar(select(func.count()).select_from(first)) == COMMON


def among(hits: Select[Any], page_ids: Sequence[int]) -> list[int]:
    """Which of these pages have the words."""
    number: ColumnElement[int] = INDEX.c.rowid
    if db.engine.dialect.name == "sqlite":
        # Given the number itself, it would ask its index once for each of these pages.
        number = number + 0
    return list(db.session.scalars(hits.where(number.in_(page_ids))))


def parse(text: str, *, exact: bool = False) -> tuple[Phrase, ...]:
    """What a person typed, as phrases of plain words; an empty tuple when there are none."""
    phrases, left = [], MOST_WORDS
    for quoted, plain in _PIECES.findall(unicodedata.normalize("NFC", text)[:1000]):
        words = _written_words(quoted or plain) if exact else folding.words(quoted or plain)
        words = _short(words)[:left]
        left -= len(words)
        if words:
            phrases.append(Phrase(words, is_begun=bool(plain)))
    is_last = len(phrases) - 1
    return tuple(
        Phrase(phrase.words, is_begun=phrase.is_begun and number == is_last)
        for number, phrase in enumerate(phrases)
    )


def is_on(word: str, phrases: tuple[Phrase, ...]) -> bool:
    """Whether a word of a page is one that was searched for, to mark it on the picture."""
    found = folding.words(word)
    for phrase in phrases:
        *whole, last = phrase.words
        if any(part in whole or part == last for part in found):
            return True
        if phrase.is_begun and any(part.startswith(last) for part in found):
            return True
    return False


def _matches(field: str, phrases: tuple[Phrase, ...]) -> ColumnElement[bool]:
    if db.engine.dialect.name == "sqlite":
        return _match(_fts5(field, phrases))
    question = " & ".join(_tsquery(phrase) for phrase in phrases)
    words: ColumnElement[Any] = literal_column(f"page_search.{field}_words")
    return words.op("@@", return_type=Boolean())(func.to_tsquery("simple", question))


def _matches_both(
    folded: tuple[Phrase, ...], exact: tuple[Phrase, ...], *, is_exact: bool
) -> ColumnElement[bool]:
    """Pages with the words however written that have them in these letters as well, or have not.

    In one question of SQLite's index; asked twice, it asks the second time once for each page.
    """
    if db.engine.dialect.name == "sqlite":
        joined = "AND" if is_exact else "NOT"
        return _match(f"({_fts5('folded', folded)}) {joined} ({_fts5('exact', exact)})")
    precisely = select(INDEX.c.rowid).where(_matches("exact", exact))
    is_in = INDEX.c.rowid.in_(precisely) if is_exact else INDEX.c.rowid.not_in(precisely)
    return _matches("folded", folded) & is_in


def _match(question: str) -> ColumnElement[bool]:
    return literal_column("page_search").op("MATCH", return_type=Boolean())(question)


def _fts5(field: str, phrases: tuple[Phrase, ...]) -> str:
    """Words hold letters and digits only, so nothing in them can end the quotation."""
    words = [f'"{" ".join(each.words)}"' + ("*" if each.is_begun else "") for each in phrases]
    return f"{field} : ({' AND '.join(words)})"


def _tsquery(phrase: Phrase) -> str:
    ends = ":*" if phrase.is_begun else ""
    return "(" + " <-> ".join(phrase.words) + ends + ")"


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def _written_words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(_normal(text)))


def _short(words: tuple[str, ...]) -> tuple[str, ...]:
    """PostgreSQL refuses words of some kilobytes; nobody searches for them."""
    return tuple(word[:LONGEST_WORD] for word in words)
