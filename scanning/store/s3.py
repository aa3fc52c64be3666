"""Objects in a bucket that speaks S3."""

import base64
import hashlib
import random
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from scanning.contract import StoredObject
from scanning.errors import (
    ObjectConflict,
    ObjectDamaged,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)
from scanning.store.base import check_key, describe, matches

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"total_max_attempts": 1, "mode": "standard"},  # we try again ourselves, see _ask
    # Older servers (Ceph 16) refuse the checksums boto3 adds by itself; we check SHA-256.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_MISSING = {"404", "NoSuchKey", "NotFound"}
_TRIES = 3
# After three seconds there is no further try: the one before it may take twelve more, and whoever
# waits for a page waits fifteen at most.
_LAST_TRY = 3.0
_LONGEST_READ = 12.0
_TAKEN = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict"}


class S3Store:
    """A prefix of a bucket; credentials as boto3 finds them."""

    def __init__(
        self, *, bucket: str, prefix: str, endpoint_url: str | None, region: str | None
    ) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        # A session of our own: the one boto3 shares must not be used by two threads at once.
        self.client: Any = boto3.session.Session().client(
            "s3", endpoint_url=endpoint_url, region_name=region, config=_CONFIG
        )

    def put(self, key: str, data: bytes, content_type: str) -> StoredObject:
        """Asks the server to refuse a second write, and looks first where it may not know how.

        The hash goes with the bytes, and afterwards the server is asked how many it has.
        """
        stored = describe(key, data, content_type)
        if self.exists(key):
            return self._same(key, stored)
        try:
            self._ask(
                "put_object",
                Key=self._name(key),
                Body=data,
                ContentType=content_type,
                ContentMD5=base64.b64encode(
                    hashlib.md5(data, usedforsecurity=False).digest()
                ).decode(),
                IfNoneMatch="*",
            )
        except ClientError as error:
            if _code(error) in _TAKEN:
                return self._same(key, stored)
            raise _failure(error, key) from error
        except BotoCoreError as error:
            raise StoreUnavailable(str(error)) from error
        if self._size(key) != stored.size:
            raise StoreUnavailable("the object store has fewer bytes than it was given")
        return stored

    def get(self, key: str, sha256: str) -> bytes:
        """Checks the hash on every read."""
        try:
            data = _whole(self._ask("get_object", Key=self._name(key))["Body"])
        except ClientError as error:
            raise _failure(error, key) from error
        except BotoCoreError as error:
            raise StoreUnavailable(str(error)) from error
        if not matches(data, sha256):
            raise ObjectDamaged(key)
        return data

    def exists(self, key: str) -> bool:
        """One HEAD request."""
        return self._size(key) is not None

    def delete(self, key: str) -> None:
        """Servers answer the same whether the key was there or not."""
        try:
            self._ask("delete_object", Key=self._name(key))
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(str(error)) from error

    def keys(self, prefix: str = "") -> Iterator[str]:
        """A thousand keys a request."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix + prefix
        )
        try:
            for page in pages:
                for entry in page.get("Contents", []):
                    yield entry["Key"].removeprefix(self.prefix)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(str(error)) from error

    def stored_at(self, key: str) -> datetime:
        """As the server wrote it down."""
        try:
            moment: datetime = self._ask("head_object", Key=self._name(key))["LastModified"]
        except ClientError as error:
            raise _failure(error, key) from error
        except BotoCoreError as error:
            raise StoreUnavailable(str(error)) from error
        return moment

    def drop_unfinished(self, before: datetime) -> int:
        """A single PUT is whole or not there, so nothing is left behind."""
        return 0

    def ready(self) -> None:
        """The bucket answers to our credentials."""
        try:
            self._ask("head_bucket")
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(f"the bucket does not answer: {error}") from error

    def _size(self, key: str) -> int | None:
        """How many bytes lie under the key; None when there is nothing."""
        try:
            size: int = self._ask("head_object", Key=self._name(key))["ContentLength"]
        except ClientError as error:
            if _code(error) in _MISSING:
                return None
            raise _failure(error, key) from error
        except BotoCoreError as error:
            raise StoreUnavailable(str(error)) from error
        return size

    def _ask(self, operation: str, **arguments: Any) -> Any:
        """Ask the server, again when it may be better the next time and there is time for it."""
        begun = time.monotonic()
        for tried in range(1, _TRIES + 1):
            try:
                return getattr(self.client, operation)(Bucket=self.bucket, **arguments)
            except (ClientError, BotoCoreError) as error:
                is_late = time.monotonic() - begun > _LAST_TRY
                if tried == _TRIES or is_late or not _may_pass(error):
                    raise
                time.sleep(random.uniform(0.5, 1.0) * 0.1 * 2**tried)  # noqa: S311 - no secret
        raise AssertionError

    def _name(self, key: str) -> str:
        return self.prefix + check_key(key)

    def _same(self, key: str, stored: StoredObject) -> StoredObject:
        try:
            self.get(key, stored.sha256)
        except ObjectDamaged:
            raise ObjectConflict(key) from None
        return stored


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _may_pass(error: ClientError | BotoCoreError) -> bool:
    """Whether the fault lies with the server or the way to it, and not with what was asked."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or status == 429
    return isinstance(error, HTTPClientError | NoConnection)


def _whole(body: Any) -> bytes:
    """All of an answer, unless it comes so slowly that nobody would wait for it."""
    deadline = time.monotonic() + _LONGEST_READ
    parts = []
    for part in body.iter_chunks(1 << 14):
        parts.append(part)
        if time.monotonic() > deadline:
            raise StoreUnavailable("the object store answers too slowly")
    return b"".join(parts)


def _failure(error: ClientError, key: str) -> StoreError:
    if _code(error) in _MISSING:
        return ObjectMissing(key)
    return StoreUnavailable(f"the object store answered {_code(error)}")
