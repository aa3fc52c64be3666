"""The sealer as a process: whenever it is killed, the next one goes on and the log stays whole."""

import random
import signal
import time

import pytest
from sqlalchemy import insert

from portal import clock
from portal.audit.models import AuditEvent
from portal.audit.tasks import seal_all
from portal.db import transaction
from tests.factories.chained import Log
from tests.portal.worker.conftest import Start
from tests.rig import on_both_databases
from tests.rig.waiting import until

pytestmark = [pytest.mark.proof, on_both_databases]
KILLS = 8
LINES = 100_000
LINE = {
    "act": "page:open",
    "actor_id": 7,
    "actor_name": "Nguyễn Văn Thử",
    "role": "officer",
    "organisation_name": "Uỷ ban nhân dân phường",
    "subject_kind": "DocumentPage",
    "subject_id": "abcDEF012345",
    "dossier_id": 1,
    "detail": {"file": "abcdEFGH1234"},
}


def write(log: Log, number: int) -> None:
    with log.app.app_context(), transaction() as session:
        session.execute(insert(AuditEvent), [LINE | {"at": clock.now()}] * number)


def test_a_sealer_killed_at_any_moment_leaves_a_whole_log(chained: Log, start: Start) -> None:
    """Killed while it seals a long backlog, some milliseconds after it began."""
    moments = random.Random(7)  # noqa: S311 - the same moments each time
    for _ in range(KILLS):
        write(chained, 5000)
        before = chained.last()
        worker = start("--slots", "1")
        until(lambda before=before: chained.last() > before, "it seals", within=120, every=0.002)
        time.sleep(moments.uniform(0, 0.3))  # the moment of the kill, not a wait for anything
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        # Nobody seals just now, so on a slow machine lines may wait for too long.
        assert [line for line in chained.findings() if "no seal on lines" not in line] == []
    start("--slots", "1")
    until(lambda: chained.last() == KILLS * 5000, "all lines are sealed", within=120)
    assert chained.findings() == []


def test_a_million_lines_are_proven_within_five_minutes(
    chained: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tenth of them, in a tenth of the time."""
    for _ in range(0, LINES, 10_000):
        write(chained, 10_000)
    began = time.monotonic()
    with chained.app.app_context():
        seal_all(clock.now())
    sealed = time.monotonic()
    assert chained.findings() == []
    proven = time.monotonic()
    with capsys.disabled():
        print(f"\n{LINES} lines: sealed {sealed - began:.1f} s, proven {proven - sealed:.1f} s")
    assert chained.last() == LINES
    assert proven - sealed <= 30
