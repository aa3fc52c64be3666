"""A migration that is killed at any statement is run again, and all is as if it had not been."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, create_engine, inspect, select, table

from portal.dossiers.lifecycle import Status
from portal.schema import upgrade
from tests.factories.office import Office
from tests.factories.papers import make_file
from tests.faults.kit.site import Site
from tests.rig.postgres import PostgresServer
from tests.rig.processes import ROOT

FEW, DIED = 5, -9


class Migrator:
    """Processes that migrate, and die when they are told to."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.kit.migrating"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, url: str, dying_at: int = 0) -> int:
        """How it ended: 0 when it was done, -9 when it died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{url} {dying_at}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


@dataclass
class Old:
    """A database of the first version with people's rows, and how to have it once more."""

    url: str
    again: Callable[[], None]

    def holds(self) -> dict[str, str]:
        """A digest of each table and of how it is made."""
        engine, found = create_engine(self.url), {}
        made = inspect(engine)
        with engine.connect() as connection:
            for name in made.get_table_names():
                columns = sorted(one["name"] for one in made.get_columns(name))
                rows = select(table(name, *map(column, columns)))
                found[name] = f"{columns} {_rows(connection.execute(rows))}"
        engine.dispose()
        return found

    def may_hold(self) -> list[dict[str, str]]:
        """None is half done on SQLite; of one on PostgreSQL some steps may be."""
        self.again()
        held = [self.holds()]
        versions = sorted(path.name[:4] for path in (ROOT / "migrations/versions").glob("*.py"))
        for version in versions[1:] if self.url.startswith("sqlite") else versions[-1:]:
            upgrade(self.url, version)
            held.append(self.holds())
        return held


def _rows(rows: Iterator[object]) -> str:
    return sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()[:12]


def _fill(folder: Path, url: str) -> None:
    """Dossiers on desks and on the road, written by the portal of today, then taken back."""
    site = Site(folder, url)
    office = Office(site.app, site.world)
    for status in (Status.REGISTERED, Status.PROCESSING, Status.RETURNED):
        office.page(office.dossier(status), "Tờ khai")
    with site.app.test_request_context():
        make_file(site.world)
        for _ in range(3):
            site.road.signed(site.road.sealed())
        site.road.out()
    site.close()
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", site.database_url)
    command.downgrade(config, "0001")


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    if request.param == "sqlite":
        _fill(tmp_path, "")
        kept, path = tmp_path / "data/portal.db", tmp_path / "trial.db"

        def copy() -> None:
            for left in tmp_path.glob("trial.db*"):
                left.unlink()
            shutil.copyfile(kept, path)

        yield Old(f"sqlite:///{path}", copy)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    _fill(tmp_path, server.create("migration_kept"))

    def create() -> None:
        server.drop("migration_trial")
        server.create("migration_trial", template="migration_kept")

    yield Old(server.url("migration_trial"), create)
    for name in ("migration_trial", "migration_kept"):
        server.drop(name)


@pytest.fixture
def migrator() -> Iterator[Migrator]:
    one = Migrator()
    yield one
    one.end()


def kill_at(old: Old, migrator: Migrator, numbers: range) -> int:
    """At each of these statements, until there are no more; returns how many deaths there were."""
    states = old.may_hold()
    wanted, died = states[-1], 0
    assert wanted != states[0]
    is_sqlite = old.url.startswith("sqlite")
    for number in numbers:
        old.again()
        ended = migrator.run(old.url, number)
        if ended == 0:
            break
        assert ended == DIED
        died += 1
        if is_sqlite:
            assert old.holds() in states, f"killed at statement {number}: between versions"
        assert migrator.run(old.url) == 0, f"killed at statement {number}, it cannot be run again"
        assert old.holds() == wanted, f"killed at statement {number}"
    return died


def test_a_killed_migration_is_run_again(old: Old, migrator: Migrator) -> None:
    step = 25 if old.url.startswith("sqlite") else 50  # the steps of one are more on PostgreSQL
    assert kill_at(old, migrator, range(3, 10_000, step)) >= FEW


@pytest.mark.proof
def test_a_migration_killed_at_any_statement_is_run_again(old: Old, migrator: Migrator) -> None:
    died = kill_at(old, migrator, range(1, 10_000))
    print(f"migration killed at each of {died} statements, run again each time")
    assert died >= FEW
