"""What a portal's processes together hold in memory and take of the processors, seen from /proc."""

import os
import threading
from pathlib import Path
from typing import Self

from tests.rig.processes import descendants

MEGABYTE = 1024 * 1024


def resident(roots: list[int]) -> int:
    """Bytes in memory of these processes and all they have started; shared ones count once."""
    return sum(_share(pid) for root in roots for pid in descendants(root))


def _share(pid: int) -> int:
    """A page that several hold counts for each with its part only, so that the sum is true."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def processor_seconds(root: int) -> float:
    """What a process and the children it has waited for have taken."""
    fields = Path(f"/proc/{root}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


class Scales:
    """with Scales(pids) as scales: … ; scales.most is by how much they grew at the worst."""

    def __init__(self, roots: list[int]) -> None:
        self.roots = roots
        self.before = resident(roots)
        self.most = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self.over.wait(0.01):
            self.most = max(self.most, resident(self.roots) - self.before)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.over.set()
        self.thread.join()
