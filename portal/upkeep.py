"""Keeps the house clean: removes what crashes and time leave behind, and proves the objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import CursorResult, Delete, delete, select

from portal.accounts import throttle
from portal.accounts.models import WebSession
from portal.db import transaction
from portal.documents.models import DocumentFile, DocumentPage
from portal.documents.store import ObjectDamaged, ObjectMissing, store
from portal.extensions import db
from portal.idempotency import IdempotencyKey
from portal.jobs import services as jobs
from portal.outbox import MessageState, OutboxMessage

# An object waits for its row while a form is being sent; after a day nobody is sending it.
ORPHAN_AGE = timedelta(hours=24)
ANSWERS_KEPT = timedelta(hours=48)
SESSIONS_KEPT = timedelta(days=30)
LETTERS_KEPT = timedelta(days=30)
AT_ONCE = 1000

# Every column pair that names an object: what it is, its key, its hash.
OBJECTS = (
    ("original", DocumentFile.public_id, DocumentFile.original_key, DocumentFile.original_sha256),
    ("archive", DocumentFile.public_id, DocumentFile.archive_key, DocumentFile.archive_sha256),
    (
        "searchable",
        DocumentFile.public_id,
        DocumentFile.searchable_key,
        DocumentFile.searchable_sha256,
    ),
    ("image", DocumentPage.public_id, DocumentPage.image_key, DocumentPage.image_sha256),
    ("thumbnail", DocumentPage.public_id, DocumentPage.thumb_key, DocumentPage.thumb_sha256),
    ("words", DocumentPage.public_id, DocumentPage.words_key, DocumentPage.words_sha256),
)


@dataclass(frozen=True)
class Swept:
    """What a sweep removed."""

    objects: int
    rows: int


def sweep(now: datetime) -> Swept:
    """Remove orphan objects, unfinished writes, and rows that have served their time."""
    return Swept(objects=_sweep_objects(now), rows=_sweep_rows(now))


def _sweep_objects(now: datetime) -> int:
    """Ages are taken before the rows: what gets its row in between is young, and is spared."""
    opened, before = store(), now - ORPHAN_AGE
    keys = list(opened.keys())
    known = set(_known_keys())
    orphans = [key for key in keys if key not in known and opened.stored_at(key) < before]
    for key in orphans:
        opened.delete(key)
    return len(orphans) + opened.drop_unfinished(before.astimezone(UTC))


def _known_keys() -> Iterator[str]:
    for _name, _public_id, key, _sha256 in OBJECTS:
        query = select(key).where(key.is_not(None)).execution_options(yield_per=AT_ONCE)
        yield from (str(found) for found in db.session.scalars(query))


def _sweep_rows(now: datetime) -> int:
    old = (
        delete(IdempotencyKey).where(IdempotencyKey.created_at < now - ANSWERS_KEPT),
        delete(WebSession).where(WebSession.seen_at < now - SESSIONS_KEPT),
        delete(OutboxMessage).where(
            OutboxMessage.state == MessageState.SENT,
            OutboxMessage.sent_at < now - LETTERS_KEPT,
        ),
    )
    with transaction():
        throttle.forget_old()
        jobs.forget_done()
        return sum(_removed(statement) for statement in old)


def _removed(statement: Delete) -> int:
    result = db.session.execute(statement)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def verify() -> Iterator[str]:
    """A line for each object that a row names and that is gone or not what was stored.

    Raises the store's own error when it cannot be asked: not knowing is not the same as sound.
    """
    opened = store()
    for name, public_id, key, sha256 in OBJECTS:
        query = select(public_id, key, sha256).where(key.is_not(None))
        for row in db.session.execute(query.execution_options(yield_per=AT_ONCE)):
            try:
                opened.get(str(row[1]), str(row[2]))
            except ObjectMissing:
                yield f"missing: {name} of {row[0]} ({row[1]})"
            except ObjectDamaged:
                yield f"damaged: {name} of {row[0]} ({row[1]})"
