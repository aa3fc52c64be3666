"""Erases papers for good: rows and searchable words at once, the bytes once that is durable."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Executable, delete, select

from portal import clock
from portal.backups import queries as backups
from portal.db import transaction
from portal.documents import search
from portal.documents.models import Document, DocumentFile, DocumentPage, ParkedFile
from portal.documents.store import StoreError, store
from portal.documents.tasks import Failed
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.models import Job
from portal.jobs.services import Claimed

ERASE = "erase_objects"
KEYS_A_JOB = 500
# A copy under way still fetches what rows named when it began.
AFTER_A_BACKUP = timedelta(minutes=1)


def erase_papers(dossier_id: int, *, at: datetime) -> None:
    """Everything that was handed in for a dossier, and the work that would still read it."""
    papers = select(Document.id).where(Document.dossier_id == dossier_id)
    files = select(DocumentFile.id).where(DocumentFile.document_id.in_(papers))
    is_page, is_file = DocumentPage.file_id.in_(files), DocumentFile.id.in_(files)
    keys = _keys(
        select(DocumentPage.image_key, DocumentPage.thumb_key, DocumentPage.words_key).where(
            is_page
        ),
        select(
            DocumentFile.original_key, DocumentFile.archive_key, DocumentFile.searchable_key
        ).where(is_file),
    )
    pages = list(db.session.scalars(select(DocumentPage.id).where(is_page)))
    search.forget_pages(pages)
    for statement in (
        delete(Job).where(Job.dossier_id == dossier_id),
        delete(DocumentPage).where(is_page),
        delete(DocumentFile).where(is_file),
        delete(Document).where(Document.dossier_id == dossier_id),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    queue_erasing(keys, at=at, had_words=bool(pages))


def erase_parked(condition: ColumnElement[bool], *, at: datetime) -> None:
    """Files that wait with a form, or for one."""
    keys = _keys(select(ParkedFile.object_key).where(condition))
    gone = delete(ParkedFile).where(condition)
    db.session.execute(gone.execution_options(synchronize_session=False))
    queue_erasing(keys, at=at)


def queue_erasing(keys: Iterable[str], *, at: datetime, had_words: bool = False) -> None:
    """Promise to remove objects; written beside what erases their rows, so neither comes alone."""
    left = sorted(set(keys))
    for start in range(0, len(left), KEYS_A_JOB):
        some = left[start : start + KEYS_A_JOB]
        is_last = start + KEYS_A_JOB >= len(left)
        jobs.queue(ERASE, {"keys": some, "had_words": had_words and is_last}, at=at)


def erase_objects(claimed: Claimed) -> None:
    """Remove the objects of this piece of work; raises Failed while the store is away."""
    if backups.is_running(clock.now()):
        with transaction():
            jobs.give_back(claimed, at=clock.now() + AFTER_A_BACKUP)
        return
    db.session.rollback()
    try:
        for key in claimed.payload["keys"]:
            store().delete(key)
    except StoreError as error:
        raise Failed("store_unavailable", again=True) from error
    if claimed.payload["had_words"]:
        search.rub_out()
    with transaction():
        jobs.finish(claimed, at=clock.now())


def _keys(*queries: Executable) -> list[str]:
    return [key for query in queries for row in db.session.execute(query) for key in row if key]
