"""Two countries side by side, one with ten times the dossiers of the other, on one database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from flask import Flask

from portal import clock, schema
from portal.app import create_app
from portal.audit.tasks import seal_all
from portal.crypto import keyring
from portal.demo.load import load
from portal.extensions import db
from tests.conftest import settings
from tests.rig.postgres import PostgresServer
from tests.scale.growth import grow


@dataclass(frozen=True)
class Pair:
    """The small country and the large one, grown from it; they share their objects."""

    small: Flask
    large: Flask


@contextmanager
def pair(kind: str, folder: Path, sizes: tuple[int, int]) -> Iterator[Pair]:
    """Play the demonstration once, grow it to the first size, copy it, and grow the copy."""
    server = PostgresServer() if kind == "postgresql" else None
    made = []
    try:
        for before, name, size in ((None, "small", sizes[0]), ("small", "large", sizes[1])):
            url = _new(server, folder, name, before)
            app = create_app(settings(folder / "data", url))
            with app.app_context():
                if before is None:
                    schema.upgrade(url)
                    load()
                    seal_all(clock.now())
                grow(size, Random(11), keyring())  # noqa: S311 - the same growth each time
                db.session.close()
                db.engine.dispose()
            made.append(app)
        yield Pair(*made)
    finally:
        for app in made:
            with app.app_context():
                db.engine.dispose()
        if server:
            server.stop()


def _new(server: PostgresServer | None, folder: Path, name: str, before: str | None) -> str:
    if server:
        return server.create(name, before or "template0")
    path = folder / f"{name}.db"
    if before:
        shutil.copyfile(folder / f"{before}.db", path)
    return f"sqlite:///{path}"
