"""The closed room and its way out."""

import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from scanning.errors import Refused, ScanError
from scanning.limited import LimitedChild
from scanning.settings import MEGABYTE, Limits
from tests.drawing.pages import draw_page
from tests.scanning import files

LARGE = {"memory_bytes": 1536 * MEGABYTE, "cpu_seconds": 60}


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.jpg"
    path.write_bytes(draw_page(1).data)
    (tmp_path / "out").mkdir()
    return path


def scan(child, page, seconds=300):
    return child.ask(
        "scan",
        seconds=seconds,
        path=str(page),
        name=page.name,
        folder=str(page.parent / "out"),
        languages="vie",
        limits=asdict(Limits()),
    )


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def eight_pages():
    return files.tiff(*[draw_page(seed, dpi=300).image for seed in range(8)])


def group_of(pid):
    """Living processes of a process group."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == pid and fields[0] != "Z":
                members.append(int(entry.name))
    return members


def test_a_child_answers_task_after_task(page):
    with LimitedChild(**LARGE) as child:
        for _ in range(2):
            *_, answer = scan(child, page)
            assert answer["event"] == "done"


def test_a_killed_child_is_a_failure_that_may_be_tried_again(page):
    with LimitedChild(**LARGE) as child:
        events = scan(child, page)
        assert next(events)["event"] == "opened"
        os.kill(child.process.pid, signal.SIGKILL)
        with pytest.raises(ScanError) as failure:
            list(events)
    assert (failure.value.code, failure.value.try_again) == ("child_died", True)


def test_time_that_is_up_ends_child_and_grandchildren(page, tmp_path, monkeypatch):
    command = tmp_path / "bin" / "tesseract"  # a site's own, which is started for each page
    command.parent.mkdir()
    command.write_text('#!/bin/sh\nexec /usr/bin/tesseract "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent), prepend=":")
    page.write_bytes(eight_pages())  # so much that somebody who looks rarely still sees it read
    child = LimitedChild(**LARGE)
    pid = child.process.pid
    next(scan(child, page, seconds=300))
    assert wait_until(lambda: len(group_of(pid)) == 2)
    child.close()
    assert wait_until(lambda: not group_of(pid))
    assert child.is_closed


def test_a_task_that_takes_too_long_is_refused(page):
    with LimitedChild(**LARGE) as child, pytest.raises(Refused) as refusal:
        list(scan(child, page, seconds=0.2))
    assert refusal.value.reason == "timeout"


def test_processor_time_is_limited_too(tmp_path, page):
    page.write_bytes(eight_pages())  # all are seen before the first is read
    with LimitedChild(memory_bytes=LARGE["memory_bytes"], cpu_seconds=1) as child:
        with pytest.raises(Refused) as refusal:
            list(scan(child, page))
        assert child.process.returncode == -signal.SIGXCPU
    assert refusal.value.reason == "timeout"


def test_who_reads_comes_after_who_waits_for_a_page():
    with LimitedChild(**LARGE) as child:
        pid = child.process.pid
        assert wait_until(lambda: os.getpriority(os.PRIO_PROCESS, pid) == 5)
        session = Path(f"/proc/{pid}/autogroup")  # where Linux weighs sessions, and only there
        if session.exists():
            assert wait_until(lambda: session.read_text().endswith("nice 5\n"))


def test_a_child_dies_with_its_parent():
    program = (
        "import sys, time\n"
        "from scanning.limited import LimitedChild\n"
        "child = LimitedChild(memory_bytes=1 << 30, cpu_seconds=60)\n"
        "print(child.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with parent:
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    assert wait_until(lambda: not is_running(pid))


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "going"])
def test_a_child_that_is_asked_after_its_end_says_so(page, gone):
    with LimitedChild(**LARGE) as child:
        os.kill(child.process.pid, signal.SIGKILL)
        if gone:  # its pipe is broken before the question; else perhaps only after it
            os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(ScanError):
            list(scan(child, page))


def test_a_long_file_gets_more_time_while_it_is_read(page):
    with LimitedChild(memory_bytes=LARGE["memory_bytes"], cpu_seconds=60) as child:
        events = scan(child, page, seconds=300)
        next(events)
        soft, _hard = resource.prlimit(child.process.pid, resource.RLIMIT_CPU)
        before = child.deadline
        child.allow(120)
        assert child.deadline == before + 120
        assert resource.prlimit(child.process.pid, resource.RLIMIT_CPU)[0] == soft + 120
        assert list(events)[-1]["event"] == "done"


def test_only_a_long_file_gets_more_time():
    limits = Limits()
    assert limits.more_seconds(1) == limits.more_seconds(150) == 0
    assert limits.more_seconds(500) == 500 * 6 - 900
    assert limits.more_seconds(10_000) == limits.more_seconds(1000)
