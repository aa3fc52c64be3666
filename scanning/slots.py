"""How many pages may be worked on at once, counted across processes."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

_PAUSE = 0.02  # a page takes about a second


class Slots:
    """Locked files of a shared folder: a process that is killed gives its slot back by dying."""

    def __init__(self, folder: Path, count: int) -> None:
        self.paths = [folder / f"slot-{number}" for number in range(count)]

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a free slot and hold it."""
        file = self._wait()
        try:
            yield
        finally:
            file.close()

    def _wait(self) -> IO[bytes]:
        while True:
            for path in self.paths:
                file = path.open("ab")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    file.close()
                else:
                    return file
            time.sleep(_PAUSE)


class Unlimited:
    """For a file that has the machine to itself; its own threads are the limit."""

    def take(self) -> nullcontext[None]:
        """Nothing to wait for."""
        return nullcontext()
