"""Erases papers for good: rows and searchable words at once, the bytes once that is durable."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Executable, Select, delete, select, update

from portal import clock
from portal.backups import queries as backups
from portal.db import empty_journal, transaction
from portal.documents import search
from portal.documents.models import Document, DocumentFile, DocumentPage, HeldPage, ParkedFile
from portal.documents.store import StoreError, store
from portal.documents.tasks import Failed
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.models import Job, JobState
from portal.jobs.services import Claimed

ERASE = "erase_objects"
KEYS_A_JOB = 500
# A copy under way still fetches what rows named when it began.
AFTER_A_BACKUP = timedelta(minutes=1)


def erase_papers(dossier_id: int, *, at: datetime) -> None:
    """Everything that was handed in for a dossier, and the work that would still read it."""
    _is_page, is_file = _of(dossier_id)
    originals = select(DocumentFile.original_key).where(is_file)
    _erase_read(dossier_id, _keys(originals), at=at)
    for statement in (
        delete(DocumentFile).where(is_file),
        delete(Document).where(Document.dossier_id == dossier_id),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def erase_readings(dossier_id: int, *, at: datetime) -> None:
    """Pictures, text and copies that were made of the papers; as they came they stay."""
    _erase_read(dossier_id, [], at=at)
    _is_page, is_file = _of(dossier_id)
    empty = update(DocumentFile).where(is_file)
    made = dict.fromkeys(("archive_key", "archive_sha256", "searchable_key", "searchable_sha256"))
    db.session.execute(
        empty.values(**made, fields_held=[]).execution_options(synchronize_session=False)
    )


def _erase_read(dossier_id: int, keys: list[str], *, at: datetime) -> None:
    """What was read out of papers, with the work that would read on, and these objects."""
    is_page, is_file = _of(dossier_id)
    # The work first: a page that is just written down holds its row, and is there afterwards.
    of_work = delete(Job).where(Job.dossier_id == dossier_id)
    db.session.execute(of_work.execution_options(synchronize_session=False))
    made = _keys(
        select(DocumentPage.image_key, DocumentPage.thumb_key, DocumentPage.words_key).where(
            is_page
        ),
        select(DocumentFile.archive_key, DocumentFile.searchable_key).where(is_file),
        select(HeldPage.object_key).where(HeldPage.document_id.in_(_papers(dossier_id))),
    )
    pages = list(db.session.scalars(select(DocumentPage.id).where(is_page)))
    search.forget_pages(pages)
    for statement in (
        delete(HeldPage).where(HeldPage.document_id.in_(_papers(dossier_id))),
        delete(DocumentPage).where(is_page),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    queue_erasing([*made, *keys], at=at, had_words=bool(pages))


def _of(dossier_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The pages and the files of a dossier."""
    papers = _papers(dossier_id)
    files = select(DocumentFile.id).where(DocumentFile.document_id.in_(papers))
    return DocumentPage.file_id.in_(files), DocumentFile.document_id.in_(papers)


def _papers(dossier_id: int) -> Select[int]:
    return select(Document.id).where(Document.dossier_id == dossier_id)


def erase_parked(condition: ColumnElement[bool], *, at: datetime) -> None:
    """Files that wait with a form, or for one."""
    keys = _keys(select(ParkedFile.object_key).where(condition))
    gone = delete(ParkedFile).where(condition)
    db.session.execute(gone.execution_options(synchronize_session=False))
    if keys:
        queue_erasing(keys, at=at)


def queue_erasing(keys: Iterable[str], *, at: datetime, had_words: bool = False) -> None:
    """Promise to remove objects; written beside what erases their rows, so neither comes alone.

    Also without any there is something to do: the journal of SQLite still has the rows.
    """
    left = sorted(set(keys))
    for start in range(0, max(len(left), 1), KEYS_A_JOB):
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
    _rub_out(had_words=claimed.payload["had_words"])
    with transaction():
        jobs.finish(claimed, at=clock.now())


def work_off() -> None:
    """Do what is promised at once, for while a copy is brought back no worker is there.

    What the store refuses now is left to the first worker.
    """
    waiting = select(Job.payload).where(Job.kind == ERASE, Job.state == JobState.QUEUED)
    payloads = list(db.session.scalars(waiting))
    db.session.rollback()
    with suppress(StoreError):
        for payload in payloads:
            for key in payload["keys"]:
                store().delete(key)
        with transaction() as session:
            session.execute(delete(Job).where(Job.kind == ERASE, Job.state == JobState.QUEUED))
    if payloads:
        _rub_out(had_words=any(payload["had_words"] for payload in payloads))


def _rub_out(*, had_words: bool) -> None:
    if had_words:
        search.rub_out()
    empty_journal()


def _keys(*queries: Executable) -> list[str]:
    return [key for query in queries for row in db.session.execute(query) for key in row if key]
