"""What time it is in Viet Nam; the one place that reads the clock, so that tests can turn it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def _system() -> datetime:
    return datetime.now(ZONE)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present moment, aware, in Vietnamese time."""
    return _source()


def today() -> date:
    """The present day in Viet Nam."""
    return now().date()


def turn(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source` instead of the machine; None goes back to the machine."""
    global _source  # noqa: PLW0603 - the clock is one per process by nature
    _source = source or _system


@dataclass
class Play:
    """The moment that is being played."""

    moment: datetime


@contextmanager
def played() -> Iterator[Play]:
    """Let the caller set the time for a while: the demonstration plays a year through."""
    play = Play(now())
    before = _source
    turn(lambda: play.moment)
    try:
        yield play
    finally:
        turn(before)
