import base64
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.chained import Log
from tests.factories.world import World, make_world
from tests.rig.processes import ROOT

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()


@pytest.fixture
def chained(app: Flask) -> Log:
    return Log(app)


@pytest.fixture
def worker_log(tmp_path: Path) -> Path:
    """What all workers of a test say."""
    return tmp_path / "worker.log"


@pytest.fixture
def start(app: Flask, worker_log: Path) -> Iterator[Start]:
    """start() runs a real worker process on the application's own database and folders."""
    settings = app.config["SETTINGS"]
    keys = ",".join(f"{name}:{_base64(key)}" for name, key in settings.data_keys)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ},
        "DATABASE_URL": settings.database_url,
        "OBJECT_STORE_URL": settings.object_store_url,
        "MAIL_URL": settings.mail_url,
        "SMS_URL": settings.sms_url,
        "AUDIT_CHECKPOINTS": settings.audit_checkpoints,
        "SECRET_KEY": settings.secret_key,
        "DATA_KEYS": keys,
    }
    running: list[subprocess.Popen[bytes]] = []

    def start_one(*options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "portal.worker", *options]
        with worker_log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
        running.append(process)
        return process

    yield start_one
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()
