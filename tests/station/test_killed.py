"""Killed at any moment: no page lost, none twice, the order kept."""

import subprocess
from pathlib import Path

import pytest

from portal.postal.models import OrderState
from tests.faults.kit.disk import can_trace
from tests.rig.waiting import until
from tests.station.kit import Counter

DONE, STOPPED = OrderState.DONE, OrderState.STOPPED
SHEETS = 3
# What the station does to its disk and to the line, by the names of the system's calls.
CALLS = ("rename", "unlink", "fsync", "truncate", "sendto", "recvfrom", "vfork", "flock", "mkdir")

needs_tracing = pytest.mark.skipif(not can_trace(), reason="this machine lets nobody trace")


def tracer(folder: Path, call: str, number: int) -> list[str]:
    """Lets the station die as it is about to make this call for the so-manieth time."""
    log = str(folder / "strace.log")
    rule = f"inject={call}:signal=KILL:when={number}"
    return ["strace", "-qq", "-o", log, "-e", f"trace={call}", "-e", rule]


def dies(counter: Counter, call: str, number: int) -> str | None:
    """Start the station so that it dies there; its order, or None where it never came so far."""
    counter.fresh(SHEETS)
    order = counter.order()
    counter.computer.start(*tracer(counter.folder, call, number))
    process = counter.computer.process
    assert process is not None

    def is_settled() -> bool:
        return process.poll() is not None or counter.state(order)[0] is DONE

    until(is_settled, f"dead at {call} {number}, or done")
    died = process.poll() is not None
    counter.computer.kill()
    return order if died else None


def comes_home(counter: Counter, order: str) -> int:
    """Start it again, as often as the clerk has to press the button; how often he had to."""
    pressed = 0
    counter.computer.start()
    while counter.becomes(order, DONE, STOPPED) is STOPPED:
        assert counter.state(order)[2] == "interrupted"
        counter.go_on(order)
        pressed += 1
        assert pressed < 3
    return pressed


def is_whole(counter: Counter, order: str) -> None:
    assert counter.sheets_of(order) == list(range(1, SHEETS + 1))
    assert counter.waiting_pages() == 0
    until(lambda: not any(counter.computer.data.glob("spool/*")), "the spool is empty")


@needs_tracing
def test_a_death_loses_no_page(counter: Counter) -> None:
    """As a page has been written and is about to get its name."""
    order = dies(counter, "rename", 3)
    assert order is not None, "it died"
    comes_home(counter, order)
    is_whole(counter, order)


@pytest.mark.proof
@needs_tracing
def test_every_death_of_every_kind_loses_no_page(counter: Counter) -> None:
    """Before each call of each kind in turn, until a run of three sheets makes no more of them."""
    deaths = pressed = 0
    for call in CALLS:
        number = 1
        while (order := dies(counter, call, number)) is not None:
            pressed += comes_home(counter, order)
            is_whole(counter, order)
            deaths, number = deaths + 1, number + 1
        print(f"{call}: {number - 1} deaths")
    print(f"station killed {deaths} times; the clerk had to press again {pressed} times")
    assert deaths > 40


@pytest.mark.proof
def test_a_computer_that_loses_its_scanner_too_keeps_what_came(counter: Counter) -> None:
    """Power cut: station and scanner die together, in the middle of sheet two."""
    counter.fresh(SHEETS)
    (counter.sheets / "2.hold").touch()
    order = counter.order()
    counter.computer.start()
    until(lambda: counter.state(order)[1] == 1, "one page has arrived")
    run = counter.computer.data / "spool" / order / "run-1"
    subprocess.run(["pkill", "-KILL", "-s", (run / "pid").read_text().strip()], check=True)
    counter.computer.kill()
    (counter.sheets / "2.hold").unlink()
    assert comes_home(counter, order) == 1
    is_whole(counter, order)
