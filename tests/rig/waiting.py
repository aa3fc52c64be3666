"""Waiting for a state instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(
    look: Callable[[], Found], what: str, *, within: float = 30.0, every: float = 0.05
) -> Found:
    """Ask again until the answer is true, and give it back; fail, saying what never came."""
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline, f"after {within:.0f} s still not: {what}"
        time.sleep(every)
    return found
