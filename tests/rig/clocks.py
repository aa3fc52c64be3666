"""Turning the clock: inside this process, and from outside for processes we start."""

import datetime
from collections.abc import Mapping
from pathlib import Path

from portal import clock

DAY_OF_WORK = datetime.datetime(2026, 3, 16, 9, 0, tzinfo=clock.ZONE)  # a Monday like any other
LIBRARY = "libfaketimeMT.so.1"


class TurnedClock:
    """The clock of this process, standing still until it is moved."""

    def __init__(self) -> None:
        self.moment = DAY_OF_WORK
        clock.turn(lambda: self.moment)

    def set(self, moment: datetime.datetime) -> None:
        assert moment.tzinfo, "Say which moment: give the time zone."
        self.moment = moment

    def advance(self, **duration: float) -> None:
        """Move on by days=, hours=, minutes=, seconds=."""
        self.moment += datetime.timedelta(**duration)


class OutsideClock:
    """The clock of processes we start, turned by libfaketime; it runs on from where it is set."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock-offset"
        self.set(None)

    def set(self, moment: datetime.datetime | None) -> None:
        """Turn it to a moment, also while processes run; None is the machine's own time."""
        offset = 0.0
        if moment is not None:
            offset = moment.timestamp() - datetime.datetime.now(datetime.UTC).timestamp()
        # Replaced in one step, for a process may be reading it.
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{offset:+.3f}")
        fresh.rename(self.file)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """What a process must be started with so that it and its children read this clock."""
        helpers = str(Path(__file__).parent / "outside_clock")
        return {
            **inherited,
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",  # so that a turn is seen at once
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # time-outs and polls measure real time
            "NO_FAKE_STAT": "1",  # files keep their own times
            "PYTHONPATH": ":".join(filter(None, [helpers, inherited.get("PYTHONPATH", "")])),
        }


def library() -> Path:
    """Where Debian's package libfaketime puts it, on any kind of processor."""
    found = sorted(Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"))
    assert found, "libfaketime is not installed; script/test installs it."
    return found[0]
