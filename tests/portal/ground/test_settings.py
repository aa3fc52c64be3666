"""A wrong setting is refused at start, each with one plain sentence."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings import NOT_BUILT, SettingRefused, Settings, read_settings
from tests.portal.ground import served
from tests.rig.processes import ROOT

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = {"SECRET_KEY": "0123456789abcdef0123456789abcdef", "DATA_KEYS": f"k1:{KEY}"}

WRONG = [
    ("SECRET_KEY", "", "must be set"),
    ("SECRET_KEY", "short", "at least 32 bytes"),
    ("SECRET_KEY", "changeme" * 4, "must be random"),
    ("DATA_KEYS", "", "must be set"),
    ("DATA_KEYS", "k1", "must look like id:base64"),
    ("DATA_KEYS", f":{KEY}", "must look like id:base64"),
    ("DATA_KEYS", "k1:not base64!", "must look like id:base64"),
    ("DATA_KEYS", "k1:c2hvcnQ=", "32 bytes or more"),
    ("DATA_KEYS", f"khóa:{KEY}", "must look like id:base64"),
    ("DATA_KEYS", f"{'k' * 33}:{KEY}", "must look like id:base64"),
    ("DATA_KEYS", f"k1:{KEY},k1:{KEY}", "names the key k1 twice"),
    ("DATA_DIR", "/srv/what?", "must not contain"),
    ("DATABASE_URL", "mysql://host/portal", "must be sqlite:///"),
    ("DATABASE_URL", "postgresql://host/portal", "postgresql+psycopg://"),
    ("DATABASE_URL", "sqlite:///portal.db", "absolute path"),
    ("DATABASE_URL", "sqlite://", "absolute path"),
    ("DATABASE_URL", "postgresql+psycopg://host", "must name a database"),
    ("DATABASE_URL", "postgresql+psycopg://host:port/portal", "must name a database"),
    ("OBJECT_STORE_URL", "ftp://host", "file:// or s3://"),
    ("OBJECT_STORE_URL", "file://objects", "absolute path after file://"),
    ("OBJECT_STORE_URL", "s3:///prefix", "must name a host or bucket"),
    ("MAIL_URL", "http://host", "file:// or smtp:// or smtps://"),
    ("MAIL_URL", "smtp://", "must name a host"),
    ("MAIL_URL", "smtp://[::1", "must begin with"),
    ("SMS_URL", "https://gateway", "file://"),
    ("PUBLIC_URL", "portal.vn", "must be like https://host"),
    ("PUBLIC_URL", "ftp://portal.vn", "must be like https://host"),
    ("PUBLIC_URL", "https://portal.vn/one-stop", "must end after host and port"),
    ("PUBLIC_URL", "https://portal.vn?a=b", "must end after host and port"),
    ("PUBLIC_URL", "https://me@portal.vn", "must end after host and port"),
    ("PUBLIC_URL", "https://portal.vn:port", "must be like https://host"),
    ("PUBLIC_URL", "https://[::1", "must be like https://host"),
    ("PUBLIC_URL", "http://portal.vn", "plain http only on a loopback address"),
    ("METRICS_TOKEN", "short", "24 letters and digits or more"),
    ("METRICS_TOKEN", "with a space in the middle of it", "without spaces"),
    ("CLAMD_URL", "127.0.0.1:3310", "must be tcp://host:port"),
    ("CLAMD_URL", "tcp://127.0.0.1", "must be tcp://host:port"),
    ("CLAMD_URL", "tcp://127.0.0.1:3310/x", "must be tcp://host:port"),
    ("CLAMD_URL", "unix://run/clamd.ctl", "must be tcp://host:port"),
    ("CLAMD_URL", "http://127.0.0.1:3310", "must be tcp://host:port"),
    ("TRUSTED_PROXIES", "-1", "whole number of at least 0"),
    ("TRUSTED_PROXIES", "one", "whole number of at least 0"),
    ("OCR_LANGUAGES", "vie; rm", "Tesseract codes"),
    ("OCR_LANGUAGES", "-c", "Tesseract codes"),
    ("MAX_UPLOAD_MB", "0", "whole number of at least 1"),
    ("MAX_UPLOAD_MB", "²", "whole number of at least 1"),
    ("MAX_UPLOAD_MB", "1e3", "whole number of at least 1"),
    ("MAX_DOSSIER_MB", "1.5", "whole number of at least 1"),
    ("MAX_DOSSIER_MB", "10", "must not be less than MAX_UPLOAD_MB"),
    ("MAX_IMAGE_MEGAPIXELS", "many", "whole number of at least 1"),
    ("DEMO", "yes", "must be 0 or 1"),
    ("AUDIT_CHECKPOINTS", "s3://bucket", "must begin with file://"),
    ("ERASE_LIST", "s3://bucket", "must begin with file://"),
    ("DATABASE_OWNER_URL", "sqlite:////tmp/x.db", "only for PostgreSQL"),
]


@pytest.mark.parametrize(("name", "value", "why"), WRONG)
def test_wrong_setting_is_refused_in_one_sentence(name: str, value: str, why: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        read_settings(GOOD | {name: value})
    sentence = str(refused.value)
    assert name in sentence
    assert why in sentence
    assert re.fullmatch(r"[^\n]+[.…]", sentence)


@pytest.mark.parametrize("name", NOT_BUILT)
def test_part_that_is_not_built_is_refused_rather_than_ignored(name: str) -> None:
    with pytest.raises(SettingRefused, match=f"^{name} is set, but"):
        read_settings(GOOD | {name: "anything"})


def test_two_secrets_are_all_that_must_be_given(tmp_path: Path) -> None:
    settings = read_settings(GOOD | {"DATA_DIR": str(tmp_path)})
    assert settings == Settings(
        secret_key=GOOD["SECRET_KEY"],
        data_keys=(("k1", bytes(range(32))),),
        database_url=f"sqlite:///{tmp_path}/portal.db",
        object_store_url=f"file://{tmp_path}/objects",
        mail_url=f"file://{tmp_path}/mail",
        sms_url=f"file://{tmp_path}/sms",
        public_url="http://127.0.0.1:8000",
        data_dir=tmp_path,
        audit_checkpoints=f"file://{tmp_path}/checkpoints",
        erase_list=f"file://{tmp_path}/erasures",
    )
    assert not settings.secure
    assert not settings.demo
    assert settings.max_upload_bytes == 20 * 1024 * 1024


def test_empty_setting_is_none(tmp_path: Path) -> None:
    names = ("DATABASE_URL", "MAIL_URL", "PUBLIC_URL", "TRUSTED_PROXIES", "DEMO", "BROKER_URL")
    plain = GOOD | {"DATA_DIR": str(tmp_path)}
    assert read_settings(plain | dict.fromkeys(names, "")) == read_settings(plain)


@pytest.mark.parametrize(
    ("given", "kept", "secure"),
    [
        ("https://Mot-Cua.Example.VN/", "https://mot-cua.example.vn", True),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", True),
        ("http://localhost:8000", "http://localhost:8000", False),
        ("http://[::1]:8000", "http://[::1]:8000", False),
    ],
)
def test_public_address_decides_the_cookies(given: str, kept: str, secure: bool) -> None:
    settings = read_settings(GOOD | {"PUBLIC_URL": given})
    assert settings.public_url == kept
    assert settings.secure is secure


def test_newest_key_comes_first() -> None:
    other = base64.b64encode(bytes(range(1, 33))).decode()
    settings = read_settings(GOOD | {"DATA_KEYS": f"k2:{other}, k1:{KEY},"})
    assert [name for name, _ in settings.data_keys] == ["k2", "k1"]


@pytest.mark.parametrize(
    "command",
    [
        ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0"],
        ["portal.worker"],
        ["flask", "--app", "wsgi", "migrate"],
    ],
    ids=["web", "worker", "command"],
)
def test_every_way_of_starting_ends_with_the_sentence_alone(
    tmp_path: Path, command: list[str]
) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=served.settings(tmp_path, SECRET_KEY="short"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode != 0
    assert "SECRET_KEY must be set and at least 32 bytes long." in answer.stderr
    assert "Traceback" not in answer.stderr
