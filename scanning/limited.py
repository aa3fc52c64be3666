"""Runs the closed room from outside: limits, a clock, and a way out that always works."""

import contextlib
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scanning.errors import Refused, ScanError
from scanning.scratch import scratch_folder
from scanning.settings import child_environment

_LINE_BYTES = 16 * 1024 * 1024  # one report; a page's text is some kilobytes
_SOURCE = Path(__file__).resolve().parent.parent


class LimitedChild(contextlib.AbstractContextManager["LimitedChild"]):
    """One child process that may be asked for several tasks, one after another.

    The parent never waits longer than it said: every read has a deadline, and leaving the `with`
    block kills the whole process group, grandchildren included.
    """

    def __init__(
        self,
        *,
        memory_bytes: int,
        data_bytes: int = resource.RLIM_INFINITY,
        unpack_bytes: int = 0,  # so much more while a large picture is unpacked
        cpu_seconds: int,
        file_bytes: int = 1 << 30,
        nice: int = 5,  # a third of the weight of whoever waits for a page of the portal
    ) -> None:
        limits = {
            "memory_bytes": memory_bytes,
            "data_bytes": data_bytes,
            "most_data_bytes": data_bytes + unpack_bytes if data_bytes >= 0 else data_bytes,
            "cpu_seconds": cpu_seconds,
            "file_bytes": file_bytes,
            "nice": nice,
        }
        self.scratch = contextlib.ExitStack()
        folder = str(self.scratch.enter_context(scratch_folder()))
        environment = child_environment() | {
            "PYTHONPATH": str(_SOURCE),
            "HOME": folder,
            "TMPDIR": folder,
        }
        self.process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [sys.executable, "-P", "-m", "scanning.child", json.dumps(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may quote the paper; errors are told by name
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        self.unread = b""
        self.deadline = 0.0
        self.spent_before = 0.0  # processor time by the question, of itself and what it waited for
        self.spent = 0.0  # and from the last question to the end

    def __exit__(self, *_reason: object) -> None:
        self.close()

    @property
    def is_closed(self) -> bool:
        """Whether it can no longer be asked."""
        return self.process.returncode is not None

    def close(self) -> None:
        """End the child and everything it started; safe to call twice."""
        if self.process.returncode is None:
            # Before wait(): until then the number cannot belong to anybody else.
            self.spent = _processor_seconds(self.process.pid) - self.spent_before
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                # A question that no longer reached the child lies in the buffer and is tried again.
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self.scratch.close()

    def ask(self, task: str, *, seconds: float, **request: Any) -> Iterator[dict[str, Any]]:
        """The child's reports, the last of which is the answer ("event": "done").

        Raises `Refused` with the child's reason, or `timeout` when the time is up, and `ScanError`
        when the child failed or died.
        """
        self.deadline = time.monotonic() + seconds
        self.spent_before = _processor_seconds(self.process.pid)
        self._write(json.dumps({"task": task, **request}).encode() + b"\n")
        while True:
            event = json.loads(self._read_line())
            if event["event"] == "refused":
                raise Refused(event["reason"], event.get("detail", ""))
            if event["event"] == "failed":
                raise ScanError(event["code"], event["where"], try_again=event["try_again"])
            yield event
            if event["event"] == "done":
                return

    def allow(self, seconds: float) -> None:
        """Give the present task so much more time, of the clock and of the processor."""
        self.deadline += seconds
        soft, hard = resource.prlimit(self.process.pid, resource.RLIMIT_CPU)
        resource.prlimit(self.process.pid, resource.RLIMIT_CPU, (soft + int(seconds), hard))

    def _write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._death() from None

    def _read_line(self) -> bytes:
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self.unread:
                if not selector.select(max(0.0, self.deadline - time.monotonic())):
                    self.close()
                    raise Refused("timeout")
                data = os.read(pipe, 1 << 16)
                if not data or len(self.unread) > _LINE_BYTES:
                    raise self._death()
                self.unread += data
        line, _, self.unread = self.unread.partition(b"\n")
        return line

    def _death(self) -> Exception:
        """What to say of a child that ended without an answer."""
        self.close()  # the end of the pipe came first, so its own end is what wait() tells
        code = self.process.returncode
        if code == -signal.SIGXCPU:
            return Refused("timeout")
        if code == -signal.SIGABRT:  # how libraries in C end when they may have no more memory
            return ScanError("out_of_memory", "the reading process gave up")
        return ScanError("child_died", f"the reading process ended with {code}", try_again=True)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    ticks = fields.rpartition(")")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
