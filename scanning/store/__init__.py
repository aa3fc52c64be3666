"""Where bytes lie: opened by one URL, the same promises whatever stands behind it."""

from urllib.parse import parse_qs, unquote, urlsplit

from scanning.settings import SettingsError
from scanning.store.base import ObjectStore
from scanning.store.keys import new_key
from scanning.store.local import LocalStore

__all__ = ["ObjectStore", "new_key", "open_store"]


def open_store(url: str) -> ObjectStore:
    """The store behind `file:///folder` or `s3://bucket/prefix?endpoint_url=…&region=…`."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path not in ("", "/"):
        return LocalStore(unquote(parts.path))
    if parts.scheme == "s3" and parts.netloc:
        from scanning.store.s3 import S3Store  # noqa: PLC0415 - boto3 costs a quarter of a second

        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return S3Store(
            bucket=parts.netloc,
            prefix=parts.path.strip("/"),
            endpoint_url=options.get("endpoint_url"),
            region=options.get("region"),
        )
    raise SettingsError(
        "OBJECT_STORE_URL must be file:///folder or s3://bucket/prefix?endpoint_url=…&region=…."
    )
