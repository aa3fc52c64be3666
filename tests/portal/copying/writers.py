"""People who go on writing, and remember what they were promised."""

import hashlib
import secrets
import threading
from typing import Self

from flask import Flask

from portal.access import Role
from portal.db import transaction
from portal.documents.store import put, store
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.factories.papers import bare_file, the_file
from tests.factories.world import World, make_dossier
from tests.rig.waiting import until


class Writer:
    """Sends one dossier with a file after the other; `ledger` has file and hash once it is told."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self.ledger: dict[str, str] = {}
        self.failures: list[BaseException] = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._write, daemon=True)

    def _write(self) -> None:
        with self.app.app_context():
            citizen = self.world.actor(Role.CITIZEN)
        while not self.stopping.wait(0.05):  # the others have one machine with him
            try:
                with self.app.test_request_context():
                    self._send_one(citizen)
            except Exception as error:
                self.failures.append(error)
                raise

    def _send_one(self, citizen: object) -> None:
        data = secrets.token_bytes(30_000)
        stored = put(data, "image/jpeg")
        dossier = make_dossier(self.world, citizen)
        with transaction():
            public_id = bare_file(dossier)
            file = the_file(public_id)
            file.original_key, file.original_sha256 = stored.key, stored.sha256
        self.ledger[public_id] = hashlib.sha256(data).hexdigest()

    def wait_for(self, count: int) -> None:
        """Until so many have been told more than now."""
        wanted = len(self.ledger) + count
        until(lambda: self.failures or len(self.ledger) >= wanted, "the writer is heard")

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.stopping.set()
        self.thread.join(60)
        assert self.failures == []


def lost(app: Flask, ledger: dict[str, str]) -> list[str]:
    """What of a ledger is not in a place, row and bytes; it is closed before we leave."""
    with app.app_context():
        missing = []
        for public_id, digest in ledger.items():
            file = the_file(public_id)
            held = store().get(file.original_key, file.original_sha256)
            if hashlib.sha256(held).hexdigest() != digest:
                missing.append(public_id)
        assert db.session.query(Dossier).count() >= len(ledger)
        return missing
