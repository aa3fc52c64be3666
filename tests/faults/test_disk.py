"""The disk under SQLite and the object folder fails or the process dies at its call."""

import sqlite3

import pytest

from tests.faults.conftest import OnDisk
from tests.faults.kit import disk
from tests.faults.kit.seen import is_taken_later, is_told, timed
from tests.faults.kit.site import Web

KILL = "signal=SIGKILL"
ACTS = ("submit", "upload", "scan", "seal", "hand-over", "decide")
traced = pytest.mark.skipif(not disk.can_trace(), reason="strace may not trace here")


@traced
def test_nothing_is_lost_when_the_web_dies_at_its_disk(on_disk: OnDisk) -> None:
    found = on_disk.killer.over_disk("submit", KILL, "fsync", "fdatasync")
    assert found.kills >= 1
    assert found.faults == []


@traced
def test_a_full_disk_takes_nothing_and_says_so(on_disk: OnDisk) -> None:
    killer = on_disk.killer
    found = killer.over_disk("decide", "error=ENOSPC", "link", "fdatasync", onwards=True)
    assert found.kills >= 2
    assert (found.faults, killer.unkind) == ([], [])


@traced
@pytest.mark.proof
@pytest.mark.parametrize("what", [KILL, "error=ENOSPC", "error=EIO"])
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_lost_at_any_call_to_the_disk(on_disk: OnDisk, act: str, what: str) -> None:
    killer = on_disk.killer
    found = killer.over_disk(act, what)
    print(f"disk sweep, {what}, {act}: {found}")
    assert found.boundaries >= 4
    assert (found.faults, killer.unkind) == ([], [])
    assert "The log is whole" in on_disk.web.command("audit", "verify")


def test_a_file_somebody_else_holds_is_waited_for_and_then_told(on_disk: OnDisk) -> None:
    intention = on_disk.desk.submit()
    person = intention.sending.person
    path = on_disk.site.database_url.removeprefix("sqlite:///")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        answer, seconds = timed(lambda: intention.sending.send(on_disk.web))
        is_told(answer)
        assert 4 <= seconds <= 8
        assert on_disk.web.get("/cua-toi", person).status == 200, "what is read goes on"
    finally:
        holder.close()
    is_taken_later(on_disk.web, on_disk.oracle, intention)


def test_a_log_that_cannot_be_written_stops_nobody(on_disk: OnDisk) -> None:
    with Web(on_disk.site, log="/dev/full") as web:
        intention = on_disk.desk.seal()
        answer = intention.sending.send(web)
        assert answer.status == 303
        intention.entry.receipts.append(answer.location)
    assert on_disk.oracle.faults([intention.entry]) == []
