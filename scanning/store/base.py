"""What every object store promises."""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from scanning.contract import StoredObject

# Keys are ours, but one that came back through a message must not climb out of the store.
_KEY = re.compile(r"[0-9a-z][0-9a-z_-]*(?:[/.][0-9a-z_-]+){0,8}")


class ObjectStore(Protocol):
    """Objects are written once, never changed, and checked on every read."""

    def put(self, key: str, data: bytes, content_type: str) -> StoredObject:
        """Store durably before returning; other bytes under the same key raise `ObjectConflict`."""

    def get(self, key: str, sha256: str) -> bytes:
        """The bytes; raises `ObjectMissing`, or `ObjectDamaged` when their hash is another."""

    def exists(self, key: str) -> bool:
        """Whether an object lies under the key (its hash is not checked)."""

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error, so a sweep can be repeated."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys beginning with `prefix`, in order."""

    def stored_at(self, key: str) -> datetime:
        """When the object was stored, aware; raises `ObjectMissing`."""

    def drop_unfinished(self, before: datetime) -> int:
        """Remove what writes that never ended left behind before then; how many there were."""

    def ready(self) -> None:
        """Raise `StoreUnavailable` when objects cannot be written now."""


def check_key(key: str) -> str:
    """The key itself, or ValueError when it is not one of ours."""
    if len(key) > 200 or not _KEY.fullmatch(key):
        raise ValueError("not an object key")
    return key


def describe(key: str, data: bytes, content_type: str) -> StoredObject:
    """What is written down about an object."""
    return StoredObject(
        key=key, sha256=hashlib.sha256(data).hexdigest(), size=len(data), content_type=content_type
    )


def matches(data: bytes, sha256: str) -> bool:
    """Whether these are the bytes that were stored."""
    return hashlib.sha256(data).hexdigest() == sha256
