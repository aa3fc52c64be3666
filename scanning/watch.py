"""Ends a closed room in which one page takes too much of the processor, however deep it is in C."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_PAUSE = 0.2

End = Callable[[], None]


class Watch:
    """Looks at the processor's clock of a thread that cannot look for itself.

    Not at the clock on the wall: a page is no heavier because the machine is busy.
    """

    def __init__(self, seconds: float, end: End) -> None:
        self.seconds, self.end = seconds, end

    @contextmanager
    def over(self) -> Iterator[None]:
        """Watch the present thread until it is through."""
        clock, through = time.pthread_getcpuclockid(threading.get_ident()), threading.Event()
        until = time.clock_gettime(clock) + self.seconds

        def look() -> None:
            while not through.wait(_PAUSE):
                if time.clock_gettime(clock) > until:
                    self.end()

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            through.set()
            watcher.join()


def refusing(report: Callable[[dict[str, Any]], None]) -> End:
    """Refuse the file and die, as nothing else stops a library at work."""

    def end() -> None:
        report({"event": "refused", "reason": "timeout"})
        os.killpg(os.getpgrp(), signal.SIGKILL)

    return end
