"""All of a change or nothing of it, on both databases, however many change at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from portal.accounts.models import Throttle
from portal.clock import ZONE
from portal.db import on_commit, transaction
from portal.extensions import db
from tests.rig import on_both_databases

NOON = datetime(2026, 3, 16, 12, 0, tzinfo=ZONE)
pytestmark = on_both_databases


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


class Refused(Exception):
    """Something that goes wrong in the middle."""


def write(key: str) -> None:
    db.session.add(Throttle(key=key, window_start=NOON, tries=0))
    db.session.flush()


def written() -> set[str]:
    db.session.rollback()
    return {row.key for row in db.session.query(Throttle)}


def change(*keys: str, refuse: bool = False) -> None:
    with transaction():
        for key in keys:
            write(key)
        if refuse:
            raise Refused


def test_whole_change_stays() -> None:
    change("a", "b")
    assert written() == {"a", "b"}


def test_change_that_fails_leaves_nothing() -> None:
    with pytest.raises(Refused):
        change("a", "b", refuse=True)
    assert written() == set()


def test_inner_change_joins_the_outer_one() -> None:
    def fail_after() -> None:
        with transaction():
            change("inner")
            raise Refused

    with pytest.raises(Refused):
        fail_after()
    assert written() == set()


def test_inner_failure_that_is_swallowed_does_not_leave_half() -> None:
    def swallow() -> None:
        with transaction():
            write("before")
            with pytest.raises(Refused):
                change("inner", refuse=True)
            write("after")

    with pytest.raises(RuntimeError, match="nothing of it may stay"):
        swallow()
    assert written() == set()
    change("next")
    assert written() == {"next"}


def test_actions_run_in_order_once_the_change_is_durable() -> None:
    seen: list[tuple[str, set[str]]] = []
    with transaction():
        on_commit(lambda: seen.append(("first", written())))
        write("a")
        on_commit(lambda: seen.append(("second", written())))
        assert seen == []
    assert seen == [("first", {"a"}), ("second", {"a"})]


def test_no_action_runs_after_a_change_that_failed() -> None:
    seen: list[str] = []

    def fail() -> None:
        with transaction():
            on_commit(lambda: seen.append("ran"))
            raise Refused

    with pytest.raises(Refused):
        fail()
    change("a")
    assert seen == []


def test_action_that_fails_undoes_nothing_and_stops_no_other() -> None:
    seen: list[str] = []

    def fail() -> None:
        raise Refused

    with transaction():
        write("a")
        on_commit(fail)
        on_commit(lambda: seen.append("ran"))
    assert seen == ["ran"]
    assert written() == {"a"}


def test_action_may_change_something_itself() -> None:
    with transaction():
        on_commit(lambda: change("later"))
        write("now")
    assert written() == {"now", "later"}


def test_what_must_stand_alone_cannot_join() -> None:
    def join() -> None:
        with transaction(), transaction(alone=True):
            write("a")

    with pytest.raises(RuntimeError, match="cannot join"):
        join()
    assert written() == set()


def test_change_outside_any_transaction_is_lost() -> None:
    write("stray")
    change("a")
    assert written() == {"a"}


def test_many_writers_wait_for_each_other(app: Flask) -> None:
    """Each reads, thinks and writes: on either database none fails and no count is lost."""
    change("counter")

    def count(_number: int) -> None:
        with app.app_context(), transaction() as session:
            row = session.get_one(Throttle, "counter", with_for_update=True)
            session.execute(text("SELECT count(*) FROM throttles"))
            row.tries += 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(count, range(120)))
    assert db.session.get_one(Throttle, "counter", populate_existing=True).tries == 120


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 24, 9, 5, 7, 123456, tzinfo=ZONE),
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    ],
    ids=["here", "utc", "far"],
)
def test_moment_is_kept_and_read_in_vietnamese_time(moment: datetime) -> None:
    with transaction() as session:
        session.add(Throttle(key="a", window_start=moment, tries=0))
    db.session.rollback()
    kept = db.session.get_one(Throttle, "a").window_start
    assert kept == moment
    assert kept.tzinfo is ZONE
    later = moment.astimezone(UTC) + timedelta(microseconds=1)
    assert db.session.query(Throttle).filter(Throttle.window_start < later).count() == 1
    assert db.session.query(Throttle).filter(Throttle.window_start < moment).count() == 0


def test_moment_without_time_zone_is_refused() -> None:
    naive = datetime(2026, 3, 16, 12, 0)  # noqa: DTZ001 - the mistake itself
    with pytest.raises(StatementError, match="must know its time zone"):
        db.session.query(Throttle).filter(Throttle.window_start < naive).all()


def test_values_stay_out_of_error_messages() -> None:
    change("0912345678")
    with pytest.raises(Exception, match="INSERT") as caught, transaction():
        db.session.execute(
            text("INSERT INTO throttles (key, window_start, tries) VALUES (:key, :at, 1)"),
            {"key": "0912345678", "at": "2026-03-16"},
        )
    assert "[SQL parameters hidden" in str(caught.value)
