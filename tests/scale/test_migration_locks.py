"""A migration of a large site holds nobody up for longer than a second.

`script/test -m proof tests/scale/test_migration_locks.py -s`; MIGRATED_DOSSIERS says how many.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from portal import clock, schema
from portal.app import create_app
from portal.audit.tasks import seal_all
from portal.crypto import keyring
from portal.demo.load import load
from portal.extensions import db
from tests.conftest import settings
from tests.rig.postgres import PostgresServer
from tests.rig.processes import ROOT
from tests.scale.growth import grow
from tests.scale.held_up import people_at_work

pytestmark = pytest.mark.proof

SIZE = int(os.environ.get("MIGRATED_DOSSIERS", "100000"))
FROM = "0009"  # the migrations after it have something to do with each dossier
ALLOWED = 1.0


@pytest.fixture
def old_site(postgres: PostgresServer, tmp_path: Path) -> Iterator[str]:
    """A site of an earlier version, with so many dossiers."""
    url = postgres.create("locks")
    app = create_app(settings(tmp_path, url))
    with app.app_context():
        schema.upgrade(url)
        load()
        seal_all(clock.now())
        grow(SIZE, Random(11), keyring())  # noqa: S311 - the same growth each time
        db.session.close()
        db.engine.dispose()
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url)
    command.downgrade(config, FROM)
    yield url
    postgres.drop("locks")


def test_a_migration_of_a_large_site_holds_nobody_up(old_site: str) -> None:
    begun = time.monotonic()
    with people_at_work(old_site, ids=40) as seen:
        schema.upgrade(old_site)
        seconds = time.monotonic() - begun
    for name in sorted(seen.asked):
        print(
            f"{name:24} {seen.asked[name]:6} times, longest {seen.answer[name]:6.2f} s,"
            f" behind a lock {seen.lock.get(name, 0.0):6.2f} s"
        )
    print(f"{SIZE} dossiers, {FROM} to {schema.newest()} in {seconds:.0f} s: {seen.worst():.2f} s")
    assert seen.failed == []
    assert seen.worst() <= ALLOWED
    assert version(old_site) == schema.newest()


def version(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    engine.dispose()
    return found
