"""The sweep finds what it is for: a portal with a seeded mistake does not get through it."""

from collections.abc import Callable

import pytest

from tests.faults.conftest import Wired

Start = Callable[..., Wired]


def test_a_receipt_given_before_the_commit_is_found(wired: Start) -> None:
    portal = wired("tests.faults.twins:receipt_first()")
    found = portal.killer.over_wires("submit", portal.gate, to_first_fault=True)
    assert found.kills == 1, "the very first stop shows it"
    assert any("was answered and is not there" in fault for fault in found.faults), found


@pytest.mark.proof
def test_two_transactions_instead_of_one_are_found(wired: Start) -> None:
    portal = wired("tests.faults.twins:two_transactions()")
    found = portal.killer.over_wires("submit", portal.gate, to_first_fault=True)
    assert any("is half" in fault for fault in found.faults), found
