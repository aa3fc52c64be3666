"""The closed room: reads one file at a time under hard limits and reports on a pipe.

Started by `scanning.limited` only, as a process group of its own. It holds no credentials, sees no
store and no database, and dies with its parent: when standard input closes, the whole group goes.
"""

import contextlib
import json
import os
import queue
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scanning.errors import Refused, ScanError

Report = Callable[[dict[str, Any]], None]
Task = Callable[[dict[str, Any], Report], dict[str, Any]]


def main() -> None:
    """Set the limits, then answer tasks line by line until the parent goes."""
    limits = json.loads(sys.argv[1])
    _limit(limits)
    channel = _take_over_stdout()
    tasks = _listen()
    while True:
        _answer(tasks.get(), channel, limits["cpu_seconds"])


def _limit(limits: dict[str, int]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    # Address space is mostly libraries and never touched; what is written to costs memory.
    resource.setrlimit(resource.RLIMIT_DATA, (limits["data_bytes"], limits["most_data_bytes"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold somebody's paper
    _step_back(limits["nice"])


def _step_back(nice: int) -> None:
    """Come after those who wait for a page of the portal.

    Linux may weigh sessions against each other before processes, and the child is one of its own:
    then only the weight of the session counts.
    """
    os.nice(nice)
    if nice:
        with contextlib.suppress(OSError):  # a kernel that does not
            Path("/proc/self/autogroup").write_text(str(nice))


def _take_over_stdout() -> int:
    """Keep the pipe for reports; whatever a library prints goes nowhere."""
    channel = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return channel


def _listen() -> "queue.Queue[dict[str, Any]]":
    tasks: queue.Queue[dict[str, Any]] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            tasks.put(json.loads(line))
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=read, daemon=True).start()
    return tasks


def _answer(request: dict[str, Any], channel: int, cpu_seconds: int) -> None:
    _allow_cpu(cpu_seconds)
    lock = threading.Lock()

    def report(event: dict[str, Any]) -> None:
        with lock:
            _send(channel, event)

    try:
        event = {"event": "done", **_task(request["task"])(request, report)}
    except Refused as refusal:
        event = {"event": "refused", "reason": refusal.reason, "detail": refusal.detail}
    except ScanError as error:
        event = {
            "event": "failed",
            "code": error.code,
            "try_again": error.try_again,
            "where": str(error),
        }
    except MemoryError:
        event = {"event": "failed", "code": "out_of_memory", "try_again": False, "where": ""}
    except Exception as error:
        event = {
            "event": "failed",
            "code": _name_failure(error),
            "try_again": True,
            "where": _where(error),
        }
    report(event)


def _allow_cpu(seconds: int) -> None:
    """Each task gets the same time, so what earlier ones used is added."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(
        resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, resource.RLIM_INFINITY)
    )


def _task(name: str) -> Task:
    if name == "inspect":
        from scanning.inspection import inspect_task  # noqa: PLC0415 - once the limits are set

        return inspect_task
    if name == "bind":
        from scanning.binding import bind_task  # noqa: PLC0415 - once the limits are set

        return bind_task
    from scanning.pipeline import scan_task  # noqa: PLC0415 - half a second the check does not need

    return scan_task


def _send(channel: int, event: dict[str, Any]) -> None:
    data = (json.dumps(event, ensure_ascii=False) + "\n").encode()
    while data:
        data = data[os.write(channel, data) :]


def _name_failure(error: Exception) -> str:
    """What no file can be blamed for is told apart from what a file does to its reader."""
    if (isinstance(error, ImportError) and "memory" in str(error)) or "map segment" in str(error):
        return "out_of_memory"  # a library that did not fit
    if isinstance(error, ImportError | NameError | SyntaxError):
        return "engine_defect"
    # OpenCV reports a failed allocation as an error of its own, number -4.
    return "out_of_memory" if getattr(error, "code", None) == -4 else "crashed"


def _where(error: Exception) -> str:
    """Kind and place of an error, without its text: that could quote the paper."""
    frames = traceback.extract_tb(error.__traceback__)
    last = next(
        (f for f in reversed(frames) if f"{os.sep}scanning{os.sep}" in f.filename), frames[-1]
    )
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


if __name__ == "__main__":
    main()
