"""A log with seals and checkpoints, and somebody who holds the whole database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import insert, text

from portal import clock
from portal.audit import chain, reading, sealing
from portal.audit.checkpoints import Book, book
from portal.audit.models import AuditEvent
from portal.audit.proving import Proof
from portal.audit.services import record
from portal.audit.tasks import seal_all
from portal.db import transaction
from portal.extensions import db

Run = Callable[..., None]


class Log:
    """Writes lines and seals them as the portal does, and lets a thief at them."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    @property
    def folder(self) -> Path:
        """Where the checkpoints lie."""
        return Path(urlsplit(self.app.config["SETTINGS"].audit_checkpoints).path)

    def write(self, number: int) -> None:
        """Add lines in one transaction."""
        with self.app.app_context(), transaction():
            for index in range(number):
                record(
                    "file:open", "tệp", by=None, dossier_id=1, reason=f"lý do {index}", page=index
                )

    def seal(self) -> None:
        """Seal what waits and leave a checkpoint."""
        with self.app.app_context():
            seal_all(clock.now())

    def findings(self, *, later: timedelta = timedelta()) -> list[str]:
        """What the proof says, some time later."""
        with self.app.app_context():
            return list(Proof(book(), clock.now() + later).findings())

    def book(self) -> Book:
        """The checkpoints."""
        with self.app.app_context():
            return book()

    def last(self) -> int:
        """The number of the last seal."""
        with self.app.app_context():
            return sealing.end().sequence

    @contextmanager
    def thief(self) -> Iterator[Run]:
        """run(sql, **values) for somebody who may do everything in the database."""
        with self.app.app_context():

            def run(statement: str, **values: Any) -> None:
                db.session.rollback()
                with db.engine.begin() as connection:
                    connection.execute(text(statement), values)

            for table in ("audit_events", "audit_seals"):
                if db.engine.dialect.name == "postgresql":
                    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                else:
                    run(f"DROP TRIGGER IF EXISTS {table}_no_update")
                    run(f"DROP TRIGGER IF EXISTS {table}_no_delete")
            yield run


def forge_line(number: int, at: Any = None) -> None:
    """Put in a line as the portal would have written it."""
    with db.engine.begin() as connection:
        connection.execute(
            insert(AuditEvent).values(
                id=number,
                at=at or clock.now(),
                act="file:open",
                actor_name="Người Giả",
                role="officer",
                organisation_name="",
                subject_kind="str",
                subject_id="",
                detail={},
            )
        )


def chain_anew(run: Run, first: int = 1) -> None:
    """Reckon all seals from here on anew, as somebody can who has read the program."""
    last = sealing.end().sequence
    previous = chain.GENESIS
    for seal in reading.seals(1, last):
        if seal.sequence < first:
            previous = seal.hash
            continue
        digest = reading.digests([seal.event_id])[seal.event_id]
        assert digest is not None
        previous = chain.link(previous, seal.sequence, seal.sealed_at, digest)
        run(
            "UPDATE audit_seals SET digest = :digest, hash = :hash WHERE sequence = :sequence",
            digest=digest,
            hash=previous,
            sequence=seal.sequence,
        )
