"""Makes a copy of everything while people go on writing: rows first, then the objects they name.

An object is stored before its row and never changes, so every row of the snapshot has its object
already; that none is removed before it was fetched is what the sweep looks at Backup for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Connection, select, text

from portal import clock
from portal.audit.checkpoints import book
from portal.backups import services as backups
from portal.copying import manifest, packs, tables
from portal.copying.manifest import CopyRefused, Manifest, Part, Writing
from portal.crypto import keyring
from portal.db import transaction
from portal.documents.objects import OBJECTS
from portal.documents.store import store
from portal.schema import newest

SIGN_OF_LIFE = 60.0


@dataclass
class Alive:
    """Says once a minute that the run goes on."""

    run_id: int
    said_at: float

    def __call__(self) -> None:
        """Called between batches; costs nothing most of the time."""
        if time.monotonic() - self.said_at >= SIGN_OF_LIFE:
            self.said_at = time.monotonic()
            with transaction():
                backups.go_on(self.run_id, at=clock.now())


@dataclass(frozen=True)
class Taken:
    """The rows of one moment, written down, and the objects they name."""

    revision: str
    counts: dict[str, int]
    parts: list[Part]
    wanted: dict[str, str]


def make(folder: Path) -> Manifest:
    """Copy database and objects into `folder`, which must be new or empty.

    Raises CopyRefused; whatever else happens, a copy that was cut off has no manifest.
    """
    _prepare(folder)
    started = clock.now()
    with transaction():
        run_id = backups.begin(str(folder), at=started).id
    try:
        written = _write(folder, started, Alive(run_id, time.monotonic()))
    except BaseException:
        with transaction():
            backups.give_up(run_id)
        raise
    with transaction():
        backups.finish(
            run_id,
            at=clock.now(),
            rows=written.rows,
            objects=written.objects,
            size=written.size,
        )
    return written


def _prepare(folder: Path) -> None:
    """A copy never writes over another."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise CopyRefused(f"{folder} is not empty; a backup is made in a new folder.")
    except OSError as error:
        raise CopyRefused(f"{folder} cannot be used: {error.strerror}.") from error


def _write(folder: Path, started: datetime, alive: Alive) -> Manifest:
    try:
        # Before the rows: a checkpoint newer than the copy would say that the log was cut.
        marks = _take_checkpoints(folder)
        with tables.snapshot() as connection:
            taken = _take_rows(connection, folder)
        packing = packs.Packing(folder)
        packing.take(store(), taken.wanted, alive)
        written = Manifest(
            version=manifest.product_version(),
            made_at=started.isoformat(),
            revision=taken.revision,
            is_demo=current_app.config["SETTINGS"].demo,
            keys=[list(pair) for pair in keyring().fingerprints().items()],
            tables=taken.counts,
            objects=packing.count,
            size=packing.size,
            parts=taken.parts + packing.parts + marks,
        )
        for name in (tables.FOLDER, packs.FOLDER, manifest.CHECKPOINTS):
            if (folder / name).exists():
                manifest.sync_folder(folder / name)
        written.write(folder, keyring())
    except OSError as error:
        raise CopyRefused(f"{folder} cannot be written: {error.strerror}.") from error
    return written


def _take_checkpoints(folder: Path) -> list[Part]:
    parts = []
    for path in book().files():
        writing = Writing(folder, f"{manifest.CHECKPOINTS}/{path.name}")
        writing.write(path.read_bytes())
        parts.append(writing.close())
    return parts


def _take_rows(connection: Connection, folder: Path) -> Taken:
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != newest():
        raise CopyRefused(f"The database is at {revision}; run `migrate` before the backup.")
    counts, parts = tables.dump(connection, folder)
    return Taken(str(revision), counts, parts, _objects(connection))


def _objects(connection: Connection) -> dict[str, str]:
    """Every object a row names; one key with two hashes would mean that one of them lies."""
    found: dict[str, str] = {}
    for _name, _owner, key, digest in OBJECTS:
        query: Any = select(key, digest).where(key.is_not(None))
        for row in connection.execute(query.execution_options(yield_per=tables.AT_ONCE)):
            if found.setdefault(row[0], row[1]) != row[1]:
                raise CopyRefused(f"Two rows disagree about the object {row[0]}.")
    return found
