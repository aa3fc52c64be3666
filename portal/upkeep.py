"""Keeps the house clean: removes what crashes and time leave behind, and proves the objects."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import CursorResult, Delete, delete, select

from portal import erasures, forgetting, outbox, retention
from portal.accounts import throttle
from portal.accounts.models import ParkedForm, WebSession
from portal.backups import queries as backups
from portal.db import transaction
from portal.documents.models import ParkedFile, QuarantinedFile
from portal.documents.objects import OBJECTS
from portal.documents.store import ObjectDamaged, ObjectMissing, ObjectStore, store
from portal.dossiers import aging
from portal.extensions import db
from portal.idempotency import IdempotencyKey
from portal.jobs import services as jobs
from portal.postal import scan_orders
from portal.retention import What

# An object waits for its row while a form is being sent; after a day nobody is sending it.
ORPHAN_AGE = timedelta(hours=24)
AT_ONCE = 1000
READERS = 8  # objects read at a time, for each waits for a disk or the network


@dataclass(frozen=True)
class Swept:
    """What a sweep removed."""

    objects: int
    rows: int


def sweep(now: datetime) -> Swept:
    """Remove rows that have served their time, then orphan objects and unfinished writes.

    In this order a parked file goes with its object in one sweep.
    """
    rows = _sweep_rows(now)
    return Swept(objects=_sweep_objects(now), rows=rows)


def _sweep_objects(now: datetime) -> int:
    """A backup under way still fetches what rows named when it began: then nothing is removed.

    It is asked for after the rows, so one that began later has seen no row that we have not.
    """
    opened, before = store(), now - ORPHAN_AGE
    left = list(left_behind(now))
    db.session.rollback()
    if backups.is_running(now):
        return 0
    for key in left:
        opened.delete(key)
    return len(left) + opened.drop_unfinished(before.astimezone(UTC))


def left_behind(now: datetime) -> Iterator[str]:
    """Keys of objects that no row names, and that are too old to wait for one.

    Keys are taken before the rows: what gets its row in between is young, and is spared.
    """
    opened, before = store(), now - ORPHAN_AGE
    keys = list(opened.keys())
    known = set(_known_keys())
    for key in keys:
        with suppress(ObjectMissing):
            if key not in known and opened.stored_at(key) < before:
                yield key


def _known_keys() -> Iterator[str]:
    for _name, _public_id, key, _sha256 in OBJECTS:
        query = select(key).where(key.is_not(None)).execution_options(yield_per=AT_ONCE)
        yield from (str(found) for found in db.session.scalars(query))


def _sweep_rows(now: datetime) -> int:
    """What data/retention.json gives a time, and drafts nobody goes on with."""

    def before(what: What) -> datetime:
        return now - retention.kept(what, now.date())

    old = (
        delete(IdempotencyKey).where(IdempotencyKey.created_at < before(What.ANSWER)),
        delete(ParkedFile).where(ParkedFile.parked_at < before(What.WAITING_FORM)),
        delete(QuarantinedFile).where(QuarantinedFile.found_at < before(What.QUARANTINE)),
        delete(ParkedForm).where(ParkedForm.parked_at < before(What.WAITING_FORM)),
        delete(WebSession).where(WebSession.seen_at < before(What.SESSION)),
    )
    is_shorter = erasures.shorten(now)
    with transaction():
        throttle.forget_old()
        jobs.forget_done()
        orders = scan_orders.sweep(now)
        letters = outbox.forget_old(before(What.LETTER))
        removed = letters + orders + sum(_removed(statement) for statement in old)
        removed += erasures.forget_old(now) if is_shorter else 0
    return removed + aging.sweep(now) + forgetting.settle(now)


def _removed(statement: Delete) -> int:
    result = db.session.execute(statement)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def verify() -> Iterator[str]:
    """A line for each object that a row names and that is gone or not what was stored.

    Raises the store's own error when it cannot be asked: not knowing is not the same as sound.
    """
    opened = store()
    with ThreadPoolExecutor(READERS) as pool:
        for name, public_id, key, sha256 in OBJECTS:
            query = select(public_id, key, sha256).where(key.is_not(None))
            rows = iter(db.session.execute(query.execution_options(yield_per=AT_ONCE)))
            while batch := list(islice(rows, 2 * READERS)):
                answers = pool.map(lambda row: _wrong(opened, str(row[1]), str(row[2])), batch)
                for row, wrong in zip(batch, answers, strict=True):
                    if wrong:
                        yield f"{wrong}: {name} of {row[0]} ({row[1]})"


def _wrong(opened: ObjectStore, key: str, sha256: str) -> str | None:
    try:
        opened.get(key, sha256)
    except ObjectMissing:
        return "missing"
    except ObjectDamaged:
        return "damaged"
    return None
