"""Faults in what running processes ask of their disk, laid by strace from outside.

strace attaches to the web as it runs; it needs no more than the right to trace one's own processes.
Calls are counted for each thread, and one request is answered by one thread.
"""

import re
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.rig.waiting import until

# What SQLite and the object folder make durable things with.
CALLS = ("pwrite64", "fsync", "fdatasync", "write", "link", "mkdir", "unlink")


@cache
def can_trace() -> bool:
    """Whether this machine lets us look into our own processes; some containers do not."""
    program = shutil.which("strace")
    if program is None:
        return False
    tried = subprocess.run(
        [program, "-f", "-o", "/dev/null", "true"], capture_output=True, check=False
    )
    return tried.returncode == 0


@contextmanager
def _strace(pids: Sequence[int], log: str, *options: str) -> Iterator[None]:
    """Attach to processes and all their threads for the length of a block."""
    command = ["strace", "-f", "-qq", "-o", log, *options]
    for pid in pids:
        command += ["-p", str(pid)]
    tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: all(map(_is_traced, pids)), "strace is attached", within=20, every=0.02)
        yield
    finally:
        _end(tracer)


def _end(tracer: "subprocess.Popen[bytes]") -> None:
    """Let go of everybody; where it waits for one that was killed, its death does the same."""
    tracer.send_signal(signal.SIGINT)
    try:
        tracer.wait(1)
    except subprocess.TimeoutExpired:
        tracer.kill()
        tracer.wait()


def _is_traced(pid: int) -> bool:
    """Whether every thread of a process has a tracer; a process that has gone needs none."""
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        try:
            found = re.search(r"TracerPid:\t(\d+)", status.read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if found is None or found[1] == "0":
            return False
    return True


@contextmanager
def counted(pids: Sequence[int]) -> Iterator[Counter[str]]:
    """How often the busiest thread asks for each call during a block; filled at its end.

    Threads of the traced processes only: what they start has its own count and its own fate.
    """
    counts: Counter[str] = Counter()
    with tempfile.NamedTemporaryFile("r", prefix="strace-") as log:
        with _strace(pids, log.name, "-e", f"trace={','.join(CALLS)}"):
            yield counts
            threads = {entry.name for pid in pids for entry in Path(f"/proc/{pid}/task").iterdir()}
        said = re.findall(r"^(\d+) +(\w+)\(", log.read(), re.MULTILINE)
    for (thread, call), number in Counter(said).items():
        if thread in threads:
            counts[call] = max(counts[call], number)


@contextmanager
def faulty(pids: Sequence[int], call: str, what: str, when: str) -> Iterator[None]:
    """`what` happens at the calls of these numbers: "signal=SIGKILL", "error=ENOSPC" …"""
    inject = f"inject={call}:{what}:when={when}"
    with _strace(pids, "/dev/null", "-e", f"trace={call}", "-e", inject):
        yield
