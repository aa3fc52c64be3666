"""Lines get their seals soon, each once, whoever else is sealing and whatever is killed."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.audit import sealing
from portal.audit.models import AuditEvent, AuditSeal
from portal.audit.tasks import seal_waiting
from portal.db import transaction
from portal.extensions import db
from portal.worker import Worker
from tests.factories.chained import Log
from tests.rig import on_both_databases
from tests.rig.waiting import until

LINE = {
    "act": "file:open",
    "actor_name": "Người Thử",
    "role": "officer",
    "organisation_name": "",
    "subject_kind": "str",
    "subject_id": "",
    "detail": {},
}


def seals(app: Flask) -> list[tuple[int, int]]:
    with app.app_context():
        query = select(AuditSeal.sequence, AuditSeal.event_id).order_by(AuditSeal.sequence)
        return [(row[0], row[1]) for row in db.session.execute(query)]


@on_both_databases
def test_the_worker_seals_within_five_seconds_while_people_write(chained: Log) -> None:
    """Two workers at once do no harm, and the proof holds at every moment."""
    workers = [Worker(chained.app, slots=0) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(10):
            chained.write(7)
            assert chained.findings() == []
        until(lambda: chained.last() == 70, "the lines are sealed", within=5)
        until(chained.book().newest, "a checkpoint is left", within=5)
    finally:
        for worker in workers:
            worker.stop()
    assert [sequence for sequence, _ in seals(chained.app)] == list(range(1, 71))
    assert chained.findings() == []


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_lines_that_commit_out_of_order_are_sealed_as_they_come(chained: Log) -> None:
    """On PostgreSQL only: SQLite lets writers in one after the other."""
    with chained.app.app_context(), db.engine.connect() as slow:
        slow.execute(insert(AuditEvent).values(at=clock.now(), **LINE))
        chained.write(2)
        chained.seal()
        slow.commit()
    chained.write(1)
    chained.seal()
    assert seals(chained.app) == [(1, 2), (2, 3), (3, 1), (4, 4)]
    assert chained.findings() == []


@on_both_databases
def test_sealers_that_meet_seal_each_line_once(chained: Log) -> None:
    chained.write(40)
    together = threading.Barrier(4)

    def seal() -> None:
        with chained.app.app_context():
            together.wait()
            seal_waiting(clock.now())

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chained.seal()
    assert seals(chained.app) == [(number, number) for number in range(1, 41)]
    assert chained.findings() == []


@on_both_databases
def test_written_lines_and_seals_are_never_changed_or_removed(chained: Log) -> None:
    chained.write(2)
    chained.seal()
    acts = ["UPDATE {} SET act = 'x'", "DELETE FROM {}"]
    tables = {"audit_events": "act", "audit_seals": "event_id"}
    with chained.app.app_context():
        if db.engine.dialect.name == "postgresql":
            acts.append("TRUNCATE {}")
        for table, column in tables.items():
            for act in acts:
                statement = act.format(table).replace("act = 'x'", f"{column} = {column}")
                with pytest.raises(DBAPIError, match="The log is only ever added to"):
                    db.session.execute(text(statement))
                db.session.rollback()
        assert db.session.scalar(select(func.count(AuditEvent.id))) == 2


def test_many_lines_are_sealed_in_batches_under_one_time(
    chained: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 10)
    chained.write(25)
    chained.seal()
    assert chained.last() == 25
    assert chained.findings(later=timedelta(days=1)) == []


def test_checkpoints_are_left_each_minute_when_there_is_news(chained: Log) -> None:
    at = clock.now()
    with chained.app.app_context():
        for seconds in range(0, 181, 5):
            if seconds <= 120:
                with transaction() as session:
                    session.add(AuditEvent(at=at, **LINE))
            seal_waiting(at + timedelta(seconds=seconds))
    left = [found for found in chained.book().read() if not isinstance(found, str)]
    moments = [round((found.moment - at).total_seconds()) for found in left]
    assert moments == [0, 45, 90, 135]
    assert left[-1].sequence == 25


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_checkpoint_that_was_half_written_hides_no_other(chained: Log, kept: int) -> None:
    """Killed in the middle of a write; the next line stands on its own."""
    for _ in range(2):
        chained.write(1)
        chained.seal()
    (path,) = chained.folder.glob("*.jsonl")
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    path.write_bytes(whole[:first] + whole[first:][:kept])
    newest = chained.book().newest()
    assert newest is not None
    assert newest.sequence == (2 if kept == -1 else 1)
    chained.write(1)
    chained.seal()
    assert chained.findings() == []
    newest = chained.book().newest()
    assert newest is not None
    assert newest.sequence == 3
