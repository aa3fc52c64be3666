"""What the site decides about itself: read once from the environment, refused if wrong."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

MIN_KEY_BYTES = 32


class SettingRefused(SystemExit):
    """A setting is wrong; the sentence is all an operator sees."""


@dataclass(frozen=True)
class Settings:
    """Every setting of the portal; see the table in docs/operations.md.

    Sizes are in megabytes, image sizes in megapixels; URLs carry their own scheme.
    """

    secret_key: str
    data_keys: tuple[tuple[str, bytes], ...]
    database_url: str
    object_store_url: str
    mail_url: str
    sms_url: str
    public_url: str
    trusted_proxies: int = 0
    ocr_languages: str = "vie"
    max_upload_mb: int = 20
    max_dossier_mb: int = 200
    max_image_megapixels: int = 150
    demo: bool = False

    @property
    def secure(self) -> bool:
        """Whether people reach the site over https, which decides the cookies."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def max_upload_bytes(self) -> int:
        """The largest single file, in bytes."""
        return self.max_upload_mb * 1024 * 1024


# Parts that later building steps bring; set today, they would be ignored silently.
NOT_BUILT = {
    "BROKER_URL": "the queue of a fleet of scanning machines",
    "CARRIER_URL": "an external carrier",
    "OIDC_ISSUER": "electronic identity",
    "CLAMD_URL": "virus scanning",
    "SIGNING_KEYS": "digital signing",
}


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check every setting; raises SettingRefused with one plain sentence."""
    env = dict(os.environ if environ is None else environ)
    for name, what in NOT_BUILT.items():
        if env.get(name):
            raise SettingRefused(f"{name} is set, but this version does not have {what} yet.")
    data = Path(env.get("DATA_DIR", "var")).resolve()
    return Settings(
        secret_key=_secret(env.get("SECRET_KEY", "")),
        data_keys=_data_keys(env.get("DATA_KEYS", "")),
        database_url=_database(env.get("DATABASE_URL") or f"sqlite:///{data}/portal.db"),
        object_store_url=_url(
            env, "OBJECT_STORE_URL", f"file://{data}/objects", schemes=("file", "s3")
        ),
        mail_url=_url(env, "MAIL_URL", f"file://{data}/mail", schemes=("file", "smtp", "smtps")),
        sms_url=_url(env, "SMS_URL", f"file://{data}/sms", schemes=("file",)),
        public_url=_public_url(env.get("PUBLIC_URL") or "http://127.0.0.1:8000"),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, least=0),
        ocr_languages=env.get("OCR_LANGUAGES") or "vie",
        max_upload_mb=_number(env, "MAX_UPLOAD_MB", 20),
        max_dossier_mb=_number(env, "MAX_DOSSIER_MB", 200),
        max_image_megapixels=_number(env, "MAX_IMAGE_MEGAPIXELS", 150),
        demo=_flag(env, "DEMO"),
    )


def _secret(value: str) -> str:
    if len(value.encode()) < MIN_KEY_BYTES:
        raise SettingRefused(f"SECRET_KEY must be set and at least {MIN_KEY_BYTES} bytes long.")
    return value


def _data_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    keys = []
    for part in filter(None, (piece.strip() for piece in value.split(","))):
        name, colon, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not (name and colon) or len(key) < MIN_KEY_BYTES:
            raise SettingRefused(
                f"DATA_KEYS must look like id:base64,… with keys of {MIN_KEY_BYTES} bytes or more."
            )
        keys.append((name, key))
    if not keys:
        raise SettingRefused("DATA_KEYS must be set: id:base64 of at least 32 random bytes.")
    return tuple(keys)


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingRefused("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    return value


def _url(env: Mapping[str, str], name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    value = env.get(name) or default
    if urlsplit(value).scheme not in schemes:
        allowed = " or ".join(f"{scheme}://" for scheme in schemes)
        raise SettingRefused(f"{name} must begin with {allowed}.")
    return value


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise SettingRefused("PUBLIC_URL must be like https://host[:port] without a path.")
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "http" and not loopback:
        raise SettingRefused("PUBLIC_URL may be plain http only on a loopback address.")
    return value.rstrip("/")


def _number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or int(text) < least:
        raise SettingRefused(f"{name} must be a whole number of at least {least}.")
    return int(text)


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name) or "0"
    if text not in ("0", "1"):
        raise SettingRefused(f"{name} must be 0 or 1.")
    return text == "1"
