"""The web is killed at every boundary of what people do; nothing is lost, half or twice."""

from collections.abc import Callable

import pytest

from tests.faults.conftest import Wired

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
    assert found.kills == 2 * found.boundaries >= 2
    assert found.faults == []


@pytest.mark.proof
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_lost_at_any_message_to_the_database(wired: Start, act: str) -> None:
    """Each question the web asks is a boundary, not only what makes things durable."""
    portal = wired(every_message=True)
    found = portal.killer.over_wires(act, portal.gate)
    print(f"kill sweep over every message, {act}: {found}")
    assert found.kills == 2 * found.boundaries >= 20
    assert found.faults == []
