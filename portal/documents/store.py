"""The object store of this site: bytes written once, checked on every read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from flask import current_app
from flask_babel import lazy_gettext as _l

from portal import meters
from portal.errors import NotFound, Unavailable
from scanning.contract import StoredObject
from scanning.errors import ObjectDamaged, ObjectMissing, StoreError
from scanning.store import ObjectStore, new_key, open_store

__all__ = [
    "ObjectDamaged",
    "ObjectMissing",
    "ObjectStore",
    "StoreError",
    "StoredObject",
    "open_object",
    "put",
    "put_many",
    "ready",
    "store",
]


log = logging.getLogger("portal.objects")

# Half the threads of a web process (deploy/gunicorn.conf.py): a slow store must not take them all.
PLACES = 4
PATIENCE = 5.0
_places = threading.BoundedSemaphore(PLACES)


class FileGone(NotFound):
    """A row names an object that is not there."""

    sentence = _l(
        "Không tìm thấy tệp này trong kho lưu trữ."
        " Sự việc đã được ghi lại để người vận hành kiểm tra."
    )


class FileDamaged(Unavailable):
    """An object is not what was stored; waiting will not help, an operator must."""

    retry_after = 3600
    sentence = _l(
        "Tệp này trong kho lưu trữ không còn nguyên vẹn nên không mở được."
        " Sự việc đã được ghi lại để người vận hành kiểm tra."
    )


def store() -> ObjectStore:
    """The store, opened once for each application."""
    found = current_app.extensions.get("object_store")
    if found is None:
        found = open_store(current_app.config["SETTINGS"].object_store_url)
        current_app.extensions["object_store"] = found
    opened: ObjectStore = found
    return opened


def ready() -> None:
    """Raise when nothing can be stored now; asked by /readyz."""
    store().ready()


def put(data: bytes, content_type: str) -> StoredObject:
    """Store new bytes under a key that nobody can guess; raises Unavailable."""
    try:
        with _place():
            return store().put(new_key(), data, content_type)
    except StoreError as error:
        _count(error)
        raise Unavailable from error


def put_many(contents: Sequence[tuple[bytes, str]]) -> list[StoredObject]:
    """Store many objects, several at a time, because each waits for the disk or the network."""
    opened = store()

    def put_one(content: tuple[bytes, str]) -> StoredObject:
        return opened.put(new_key(), *content)

    try:
        with _place(), ThreadPoolExecutor(8) as pool:
            return list(pool.map(put_one, contents))
    except StoreError as error:
        _count(error)
        raise Unavailable from error


def open_object(key: str, sha256: str) -> bytes:
    """The bytes, the very ones that were stored.

    Raises FileGone, FileDamaged, or Unavailable when the store is away: wrong bytes are never
    served as right ones.
    """
    try:
        with _place():
            return store().get(key, sha256)
    except ObjectMissing as error:
        _count(error, key)
        raise FileGone from error
    except ObjectDamaged as error:
        _count(error, key)
        raise FileDamaged from error
    except StoreError as error:
        _count(error)
        raise Unavailable from error


@contextmanager
def _place() -> Iterator[None]:
    """One of the few places before the store; raises Unavailable when all stay taken."""
    if not _places.acquire(timeout=PATIENCE):
        raise Unavailable
    try:
        yield
    finally:
        _places.release()


def _count(error: StoreError, key: str = "") -> None:
    meters.OBJECT_ERRORS.labels(type(error).__name__).inc()
    log.error("%s %s", type(error).__name__, key)
