"""The rig itself must be true, or nothing it says about the portal is."""

import datetime
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import text

from portal import clock
from portal.access import Role
from portal.db import _prepare_sqlite
from portal.extensions import db
from tests.rig import browser as browsers
from tests.rig import on_both_databases
from tests.rig.clocks import OutsideClock, TurnedClock
from tests.rig.loopback import LeftTheMachine
from tests.rig.queries import counted_queries, max_queries
from tests.rig.sign_in import SignIn

NEW_YEAR = datetime.datetime(2031, 1, 1, 8, 0, tzinfo=clock.ZONE)
TELL_TIME = "import time, datetime; time.sleep(0.01); print(datetime.datetime.now().timestamp())"


def test_no_test_can_reach_another_machine() -> None:
    with socket.socket() as connection, pytest.raises(LeftTheMachine):
        connection.connect(("192.0.2.1", 80))


def test_only_tests_spare_the_waiting_for_the_disk(app: Flask, tmp_path: Path) -> None:
    full, off = 2, 0
    with closing(sqlite3.connect(tmp_path / "portal.db")) as connection:
        _prepare_sqlite(connection, None)
        assert connection.execute("PRAGMA synchronous").fetchone() == (full,)
    with app.app_context():
        assert db.session.scalar(text("PRAGMA synchronous")) == off


@on_both_databases
@pytest.mark.parametrize("round_number", [1, 2])
def test_each_test_finds_an_empty_database(app: Flask, round_number: int) -> None:
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM alembic_version")) == 1, round_number
        db.session.execute(text("DELETE FROM alembic_version"))
        db.session.commit()


@on_both_databases
def test_signed_in_client_is_known(sign_in: SignIn) -> None:
    assert sign_in(Role.CITIZEN).get("/vai-tro").status_code == 200


def test_visitor_is_not_known(app: Flask) -> None:
    assert app.test_client().get("/vai-tro").status_code != 200


def test_turned_clock_stands_still_until_moved(turned_clock: TurnedClock) -> None:
    turned_clock.set(NEW_YEAR)
    assert clock.now() == NEW_YEAR
    turned_clock.advance(days=1, hours=2)
    assert clock.now() == NEW_YEAR + datetime.timedelta(days=1, hours=2)


def test_outside_clock_can_be_moved_while_a_process_runs(tmp_path: Path) -> None:
    outside = OutsideClock(tmp_path)
    program = f"while input():\n    {TELL_TIME.replace('; ', chr(10) + '    ')}"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", program],
        env=outside.environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask() -> float:
            assert process.stdin
            assert process.stdout
            process.stdin.write("?\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        real = datetime.datetime.now(datetime.UTC).timestamp()
        assert abs(ask() - real) < 5
        outside.set(NEW_YEAR)
        assert abs(ask() - NEW_YEAR.timestamp()) < 5
        process.kill()


def test_queries_are_counted(app: Flask) -> None:
    with app.app_context(), counted_queries() as seen:
        db.session.execute(text("SELECT 1"))
        db.session.execute(text("SELECT 2"))
    assert seen == ["SELECT 1", "SELECT 2"]


def test_too_many_queries_are_named(app: Flask) -> None:
    with (
        app.app_context(),
        pytest.raises(AssertionError, match=r"1 queries where 0 .*\n1\. SELECT 2"),
        max_queries(0),
    ):
        db.session.execute(text("SELECT 2"))


def test_axe_finds_a_picture_without_words(browser: Browser) -> None:
    page = (
        "<!doctype html><html lang=vi><title>Thử</title><main><h1>Thử</h1><img src=/x.png></main>"
    )
    with pytest.raises(AssertionError, match="image-alt"):
        browsers.axe_of_html(browser, page)


def test_axe_passes_a_sound_page(browser: Browser) -> None:
    page = "<!doctype html><html lang=vi><title>Thử</title><main><h1>Thử</h1><p>Xin chào</p></main>"
    browsers.axe_of_html(browser, page)
