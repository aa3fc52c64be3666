"""Objects in a bucket that speaks S3."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

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
    retries={"total_max_attempts": 3, "mode": "standard"},
    # Older servers (Ceph 16) refuse the checksums boto3 adds by itself; we check SHA-256.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_MISSING = {"404", "NoSuchKey", "NotFound"}
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
        """Asks the server to refuse a second write, and looks first where it may not know how."""
        stored = describe(key, data, content_type)
        if self.exists(key):
            return self._same(key, stored)
        try:
            self.client.put_object(
                Bucket=self.bucket,
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
        return stored

    def get(self, key: str, sha256: str) -> bytes:
        """Checks the hash on every read."""
        try:
            data: bytes = self.client.get_object(Bucket=self.bucket, Key=self._name(key))[
                "Body"
            ].read()
        except ClientError as error:
            raise _failure(error, key) from error
        except BotoCoreError as error:
            raise StoreUnavailable(str(error)) from error
        if not matches(data, sha256):
            raise ObjectDamaged(key)
        return data

    def exists(self, key: str) -> bool:
        """One HEAD request."""
        try:
            self.client.head_object(Bucket=self.bucket, Key=self._name(key))
        except ClientError as error:
            if _code(error) in _MISSING:
                return False
            raise _failure(error, key) from error
        except BotoCoreError as error:
            raise StoreUnavailable(str(error)) from error
        return True

    def delete(self, key: str) -> None:
        """Servers answer the same whether the key was there or not."""
        try:
            self.client.delete_object(Bucket=self.bucket, Key=self._name(key))
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
            moment: datetime = self.client.head_object(Bucket=self.bucket, Key=self._name(key))[
                "LastModified"
            ]
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
            self.client.head_bucket(Bucket=self.bucket)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(f"the bucket does not answer: {error}") from error

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


def _failure(error: ClientError, key: str) -> StoreError:
    if _code(error) in _MISSING:
        return ObjectMissing(key)
    return StoreUnavailable(f"the object store answered {_code(error)}")
