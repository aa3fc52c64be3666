"""What the site decides about itself: read once from the environment, refused if wrong."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

MIN_KEY_BYTES = 32
MIN_SIGNS = 8  # different ones: "changeme" four times over is long, and known
LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
    audit_checkpoints: str
    erase_list: str
    database_owner_url: str | None = None
    trusted_proxies: int = 0
    ocr_languages: str = "vie"
    max_upload_mb: int = 20
    max_dossier_mb: int = 200
    max_image_megapixels: int = 150
    max_page_seconds: int = 120
    demo: bool = False
    metrics_token: str = ""
    clamd_url: str = ""
    data_dir: Path = Path("var")

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
    "OIDC_CLIENT_ID": "electronic identity",
    "OIDC_CLIENT_SECRET": "electronic identity",
    "SIGNING_KEYS": "digital signing",
}


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check every setting; raises SettingRefused with one plain sentence."""
    env = dict(os.environ if environ is None else environ)
    for name, what in NOT_BUILT.items():
        if env.get(name):
            raise SettingRefused(f"{name} is set, but this version does not have {what} yet.")
    data = Path(env.get("DATA_DIR") or "var").resolve()
    if re.search(r"[?#%]", str(data)):
        raise SettingRefused("DATA_DIR must not contain ?, # or %: it becomes part of URLs.")
    return _checked(_settings(env, data))


def _settings(env: Mapping[str, str], data: Path) -> Settings:
    return Settings(
        secret_key=_secret(env.get("SECRET_KEY", "")),
        data_keys=_data_keys(env.get("DATA_KEYS", "")),
        database_url=_database(env.get("DATABASE_URL") or f"sqlite:///{data}/portal.db"),
        object_store_url=_url(env, "OBJECT_STORE_URL", f"file://{data}/objects", ("file", "s3")),
        mail_url=_url(env, "MAIL_URL", f"file://{data}/mail", ("file", "smtp", "smtps")),
        sms_url=_url(env, "SMS_URL", f"file://{data}/sms", ("file",)),
        audit_checkpoints=_url(env, "AUDIT_CHECKPOINTS", f"file://{data}/checkpoints", ("file",)),
        erase_list=_url(env, "ERASE_LIST", f"file://{data}/erasures", ("file",)),
        database_owner_url=_owner(env.get("DATABASE_OWNER_URL")),
        public_url=_public_url(env.get("PUBLIC_URL") or "http://127.0.0.1:8000"),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, least=0),
        ocr_languages=_languages(env.get("OCR_LANGUAGES") or "vie"),
        max_upload_mb=_number(env, "MAX_UPLOAD_MB", 20),
        max_dossier_mb=_number(env, "MAX_DOSSIER_MB", 200),
        max_image_megapixels=_number(env, "MAX_IMAGE_MEGAPIXELS", 150),
        max_page_seconds=_number(env, "MAX_PAGE_SECONDS", 120),
        demo=_flag(env, "DEMO"),
        clamd_url=_clamd(env.get("CLAMD_URL", "")),
        metrics_token=_token(env.get("METRICS_TOKEN", "")),
        data_dir=data,
    )


def _checked(settings: Settings) -> Settings:
    """What two settings must be to each other."""
    owner = settings.database_owner_url
    if owner and make_url(owner).username == make_url(settings.database_url).username:
        raise SettingRefused("DATABASE_OWNER_URL and DATABASE_URL must name two different roles.")
    if settings.max_dossier_mb < settings.max_upload_mb:
        raise SettingRefused("MAX_DOSSIER_MB must not be less than MAX_UPLOAD_MB.")
    return settings


def _secret(value: str) -> str:
    if len(value.encode()) < MIN_KEY_BYTES:
        raise SettingRefused(f"SECRET_KEY must be set and at least {MIN_KEY_BYTES} bytes long.")
    if len(set(value)) < MIN_SIGNS:
        raise SettingRefused("SECRET_KEY must be random, not a few signs repeated.")
    return value


def _token(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{24,200}", value):
        raise SettingRefused("METRICS_TOKEN must be 24 letters and digits or more, without spaces.")
    return value


def _clamd(value: str) -> str:
    parts = _split(value)
    if not value or (parts is not None and _is_daemon(parts)):
        return value
    raise SettingRefused("CLAMD_URL must be tcp://host:port or unix:///path/of/the/socket.")


def _is_daemon(parts: SplitResult) -> bool:
    if parts.scheme == "tcp":
        return bool(parts.hostname and parts.port and not parts.path)
    return parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/")


def _data_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    keys: list[tuple[str, bytes]] = []
    for part in filter(None, (piece.strip() for piece in value.split(","))):
        name, colon, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not (re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name) and colon) or len(key) < MIN_KEY_BYTES:
            raise SettingRefused(
                f"DATA_KEYS must look like id:base64,… with keys of {MIN_KEY_BYTES} bytes or more."
            )
        if any(name == known for known, _ in keys):
            raise SettingRefused(f"DATA_KEYS names the key {name} twice.")
        keys.append((name, key))
    if not keys:
        raise SettingRefused("DATA_KEYS must be set: id:base64 of at least 32 random bytes.")
    return tuple(keys)


def _database(value: str, setting: str = "DATABASE_URL") -> str:
    if not value.startswith(("sqlite:////", "postgresql+psycopg://")):
        raise SettingRefused(
            f"{setting} must be sqlite:/// with an absolute path, or postgresql+psycopg://…."
        )
    try:
        name = make_url(value).database
    except (ArgumentError, ValueError):
        name = None
    if not name:
        raise SettingRefused(f"{setting} must name a database at its end.")
    return value


def _owner(value: str | None) -> str | None:
    if not value:
        return None
    if not _database(value, "DATABASE_OWNER_URL").startswith("postgresql"):
        raise SettingRefused("DATABASE_OWNER_URL has a meaning only for PostgreSQL.")
    return value


def _url(env: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    value = env.get(name) or default
    parts = _split(value)
    if parts is None or parts.scheme not in schemes:
        allowed = " or ".join(f"{scheme}://" for scheme in schemes)
        raise SettingRefused(f"{name} must begin with {allowed}.")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise SettingRefused(f"{name} must have an absolute path after file://.")
    if parts.scheme != "file" and not parts.hostname:
        raise SettingRefused(f"{name} must name a host or bucket after {parts.scheme}://.")
    return value


def _public_url(value: str) -> str:
    parts = _split(value.rstrip("/"))
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingRefused("PUBLIC_URL must be like https://host[:port].")
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingRefused("PUBLIC_URL must end after host and port.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingRefused("PUBLIC_URL may be plain http only on a loopback address.")
    return value.rstrip("/").lower()


def _split(value: str) -> SplitResult | None:
    """The parts of a URL whose brackets and port make sense."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _languages(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]{3,20}(\+[A-Za-z_]{3,20}){0,5}", value):
        raise SettingRefused("OCR_LANGUAGES must be Tesseract codes such as vie or vie+eng.")
    return value


def _number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < least:
        raise SettingRefused(f"{name} must be a whole number of at least {least}.")
    return int(text)


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name) or "0"
    if text not in ("0", "1"):
        raise SettingRefused(f"{name} must be 0 or 1.")
    return text == "1"
