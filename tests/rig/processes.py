"""The portal's own processes, started as script/server starts them, on a data folder of its own."""

import datetime
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.rig.clocks import OutsideClock
from tests.rig.waiting import until

ROOT = Path(__file__).resolve().parents[2]
# Settings of whoever runs the tests must not leak into the portal under test.
OURS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")


class PortalProcess:
    """One running portal: its address, its clock, and ways to hurt it."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        at: datetime.datetime | None = None,
        like: Path | None = None,
        patience: float = 240,
        **settings: str,
    ) -> None:
        """Start on an empty data folder, or on a copy of the folder `like`."""
        self.data = folder / "data"
        self.log = folder / "server.log"
        if like is not None:
            shutil.copytree(like, self.data)
        self.patience = patience
        self.environment = {
            name: os.environ[name] for name in OURS if name in os.environ
        } | settings
        self.clock = OutsideClock(folder)
        if at is not None:
            self.clock.set(at)
            self.environment = self.clock.environment(self.environment)
        self.command = [
            *(sys.executable, "script/supervise.py"),
            *("--port", "0", "--data", str(self.data)),
            *options,
        ]
        self.start()

    def start(self) -> None:
        """Start, and wait until the portal has said where it is."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.url = until(self.address, "the portal is running", within=self.patience)

    def address(self) -> str | None:
        """The address the portal printed, once it has."""
        output = self.log.read_text(encoding="utf-8")
        assert self.process.poll() is None, f"the portal ended by itself:\n{output}"
        found = re.search(r"is running at (\S+)", output)
        return found[1] if found else None

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page, asked without cookies."""
        host = self.url.split("//")[1]
        connection = http.client.HTTPConnection(host, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def child(self, name: str) -> int | None:
        """The process number of "web" or "worker"; None while it is down."""
        word = {"web": "gunicorn", "worker": "portal.worker"}[name]
        running = (pid for pid in children_of(self.process.pid) if word in command_of(pid))
        return next(running, None)

    def kill(self, name: str) -> int:
        """Kill "web" or "worker" outright, and tell which process that was."""
        pid = self.child(name)
        assert pid, f"{name} is not running"
        os.kill(pid, signal.SIGKILL)
        return pid

    def family(self) -> set[int]:
        """Every process the portal has started, however deep."""
        return descendants(self.process.pid) - {self.process.pid}

    def processor_seconds(self) -> float:
        """What it and all it started have taken of the processors so far, busy or not."""
        ticks = 0
        for pid in {self.process.pid, *self.family()}:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # its own and its ended children's
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> int:
        """Ask it to end as Ctrl-C would, and tell its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)


def children_of(pid: int) -> list[int]:
    """The present children of all threads of a process; none if it is gone."""
    found: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(number) for number in listing.read_text().split()]
        except FileNotFoundError:
            continue
    return found


def descendants(pid: int) -> set[int]:
    """A process and all it has started, however deep."""
    found, new = set(), {pid}
    while new:
        found |= new
        new = {child for parent in new for child in children_of(parent)} - found
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
