"""The trial of all doors, opened once for a run and put back after each test that changes it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal import clock
from tests.access.trial import Trial
from tests.conftest import Sites
from tests.factories.office import FRIDAY
from tests.rig.clocks import TurnedClock
from tests.rig.databases import Build, Database, PostgresDatabase, SqliteDatabase

A_FEW, MANY = 2, 8  # things tried at each door: in the default run, in the proof


class OwnPostgres(PostgresDatabase):
    """A database beside that of other tests in the same server."""

    NAME = "access"

    def reset(self, template: str, build: Build) -> None:
        super().reset(f"access_{template}", build)


@pytest.fixture(scope="session")
def short_trial(sites: Sites) -> Trial:
    """A country on SQLite, walked through by everybody."""
    return _opened(sites, "access", _sqlite, A_FEW, is_whole=False)


@pytest.fixture
def trial(short_trial: Trial) -> Iterator[Trial]:
    """The trial as it was opened."""
    yield from _as_opened(short_trial)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def whole_trial(request: pytest.FixtureRequest, sites: Sites) -> Trial:
    """The same with every kind of thing at each door, on either database."""

    def postgres(_folder: Path) -> Database:
        return OwnPostgres(request.getfixturevalue("postgres"))

    make = _sqlite if request.param == "sqlite" else postgres
    return _opened(sites, f"whole-{request.param}", make, MANY, is_whole=True)


@pytest.fixture
def whole(whole_trial: Trial) -> Iterator[Trial]:
    yield from _as_opened(whole_trial)


def _opened(
    sites: Sites, kind: str, make: Callable[[Path], Database], most: int, *, is_whole: bool
) -> Trial:
    made: list[Database] = []

    def make_one() -> Database:
        folder = sites.folder / kind
        folder.mkdir()
        made.append(make(folder))
        return made[0]

    with _on_friday():
        app = sites.fresh(kind, make_one)
        return Trial.opened(app, made[0], most, is_whole=is_whole)


def _as_opened(trial: Trial) -> Iterator[Trial]:
    with _on_friday():
        trial.restore()
        yield trial


@contextmanager
def _on_friday() -> Iterator[None]:
    """The clock of the trial, without its many warnings; other tests get theirs back."""
    TurnedClock().set(FRIDAY)
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        clock.turn(None)


def _sqlite(folder: Path) -> Database:
    return SqliteDatabase(folder)
