"""The web is killed at every boundary of what people do; nothing is lost, half or twice."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import Wired, portal_on_objects, wired_portal
from tests.faults.kit.seen import is_taken_later
from tests.faults.kit.sweep import EVERY
from tests.rig.ceph import CephServer
from tests.rig.postgres import PostgresServer
from tests.rig.waiting import until

Start = Callable[..., Wired]
ACTS = ("submit", "upload", "scan", "seal", "hand-over", "decide")


def test_nothing_is_lost_when_the_web_dies_while_a_dossier_is_sent(wired: Start) -> None:
    """The representative of the sweep: form, seal and signature differ only in their rows."""
    portal = wired()
    found = portal.killer.over_wires("submit", portal.gate)
    assert found.boundaries >= 1
    assert found.kills == 2 * found.boundaries
    assert found.replies_lost >= 1, "the case nobody writes by hand did not come up"
    assert found.faults == []


@pytest.mark.proof
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_lost_at_any_boundary(wired: Start, act: str) -> None:
    portal = wired()
    found = portal.killer.over_wires(act, portal.gate)
    print(f"kill sweep over COMMIT, {act}: {found}")
    assert found.kills == found.tried >= 2
    assert found.faults == []
    assert "The log is whole" in portal.web.command("audit", "verify")


@pytest.mark.proof
@pytest.mark.parametrize("act", ["submit", "decide", "hand-over"])
def test_nothing_is_lost_at_any_message_to_the_database(wired: Start, act: str) -> None:
    """Each question the web asks is a boundary, not only what makes things durable."""
    portal = wired(every_message=True)
    found = portal.killer.over_wires(act, portal.gate)
    print(f"kill sweep over every message, {act}: {found}")
    assert found.boundaries >= 10
    assert found.kills == found.tried >= 20 // EVERY
    assert found.faults == []
    assert "The log is whole" in portal.web.command("audit", "verify")


@pytest.mark.proof
@pytest.mark.parametrize("act", ["upload", "scan", "decide"])
def test_nothing_is_lost_at_any_object_that_is_put(
    ceph: CephServer, tmp_path: Path, act: str
) -> None:
    with portal_on_objects(ceph, tmp_path) as portal:
        found = portal.killer.over_wires(act, portal.wire.gate)
    print(f"kill sweep over PUT, {act}: {found}")
    assert found.kills == found.tried >= 2
    assert found.faults == []


@pytest.mark.proof
def test_what_was_answered_is_there_after_the_database_fell(tmp_path: Path) -> None:
    """Twenty forms are on their way when the server ends without putting anything in order."""
    server = PostgresServer(flags="")
    try:
        with wired_portal(server, tmp_path) as portal:
            laid = [portal.desk.submit() for _ in range(20)]
            with ThreadPoolExecutor(4) as pool:
                sent = [pool.submit(one.sending.send, portal.web) for one in laid]
                until(lambda: sum(map(Future.done, sent)) >= 8, "some are answered")
                server.fall()
                for intention, future in zip(laid, sent, strict=True):
                    if future.result().status == 303:
                        intention.entry.receipts.append(future.result().location)
            begun = time.monotonic()
            server.start()
            until(lambda: portal.web.get("/readyz").status == 200, "ready", within=60)
            seconds = time.monotonic() - begun
            entries = [intention.entry for intention in laid]
            receipts = sum(bool(entry.receipts) for entry in entries)
            assert portal.oracle.faults(entries) == []
            for intention in laid:
                is_taken_later(portal.web, portal.oracle, intention)
            assert portal.oracle.faults(entries) == []
            asked = ("fsync", "synchronous_commit", "full_page_writes")
            assert [portal.oracle.rows(f"SHOW {name}")[0][0] for name in asked] == ["on"] * 3
        print(f"database fell: {receipts} receipts before, all there; ready after {seconds:.1f} s")
        assert 0 < receipts < 20
    finally:
        server.stop()
