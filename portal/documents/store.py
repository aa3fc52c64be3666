"""The object store of this site: bytes written once, checked on every read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from flask import current_app

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
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(put_one, contents))
    except StoreError as error:
        _count(error)
        raise Unavailable from error


def open_object(key: str, sha256: str) -> bytes:
    """The bytes, the very ones that were stored.

    Raises NotFound when they are gone and Unavailable when they are damaged or the store is away:
    wrong bytes are never served as right ones.
    """
    try:
        return store().get(key, sha256)
    except ObjectMissing as error:
        _count(error)
        raise NotFound from error
    except StoreError as error:
        _count(error)
        raise Unavailable from error


def _count(error: StoreError) -> None:
    meters.OBJECT_ERRORS.labels(type(error).__name__).inc()
