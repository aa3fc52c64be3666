"""A worker that stood still or whose clock is wrong, a web without handles or killed half-way."""

import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.conftest import OnDisk
from tests.faults.kit.chain import Chain
from tests.faults.kit.seen import is_taken_later
from tests.faults.kit.site import Back, NoAnswer, Site
from tests.faults.test_worker_faults import Shelf
from tests.rig.clocks import OutsideClock
from tests.rig.waiting import until

ONE_SLOT = ("--slots", "1", "--lease", "3")
WAITS = 'while [ ! -e "{}" ]; do sleep 0.1; done; exec /usr/bin/tesseract "$@"\n'


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    site = Site(tmp_path)
    yield Shelf(site)
    site.close()


def pages_of(shelf: Shelf) -> dict[int, int]:
    """How many pages each file has in the end."""
    found = shelf.oracle.rows("SELECT file_id, count(*) FROM document_pages GROUP BY file_id")
    return dict(found)


@pytest.mark.proof
@pytest.mark.tools
def test_a_worker_that_stood_still_changes_nothing_when_it_goes_on(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Another has read its file meanwhile; its own late answer is refused, and it works on."""
    go, reader = tmp_path / "go", tmp_path / "bin/tesseract"
    reader.parent.mkdir()
    reader.write_text(
        '#!/bin/sh\ncase "$*" in *--version*|*--list-langs*) exec /usr/bin/tesseract "$@";; esac\n'
        + WAITS.format(go)
    )
    reader.chmod(0o755)
    path = f"{reader.parent}:{os.environ['PATH']}"
    public_id = shelf.lay()
    with Back(shelf.site, *ONE_SLOT, PATH=path) as slow:
        assert slow.process is not None
        until(lambda: shelf.job(public_id)[0] == "leased", "it is taken", within=60)
        os.kill(slow.process.pid, signal.SIGSTOP)
        with Back(shelf.site, *ONE_SLOT):
            until(lambda: shelf.is_read(public_id), "the other reads it", within=60)
        known = shelf.oracle.rows("SELECT id, image_key, text FROM document_pages")
        os.kill(slow.process.pid, signal.SIGCONT)
        go.touch()
        other = shelf.lay()
        until(lambda: shelf.is_read(other), "the first one works on", within=60)
        assert slow.process.poll() is None
    assert shelf.job(public_id)[0] == "done"
    assert set(known) <= set(shelf.oracle.rows("SELECT id, image_key, text FROM document_pages"))
    assert set(pages_of(shelf).values()) == {1}


@pytest.mark.proof
@pytest.mark.tools
def test_a_worker_whose_clock_is_ahead_reads_each_file_once(shelf: Shelf, tmp_path: Path) -> None:
    """It takes leases for expired that are not, so both read the same file: one is written."""
    clock = OutsideClock(tmp_path)
    clock.file.write_text("+600.000")
    files = [shelf.lay() for _ in range(6)]
    with (
        Back(shelf.site, "--slots", "1"),
        Back(shelf.site, "--slots", "1", **clock.environment({})),
    ):
        until(lambda: all(map(shelf.is_read, files)), "all are read", within=240)
        until(lambda: {shelf.job(one)[0] for one in files} == {"done"}, "all are done", within=240)
    assert pages_of(shelf) == dict.fromkeys(pages_of(shelf), 1)
    assert len(pages_of(shelf)) == len(files)
    assert Chain(shelf.site, shelf.oracle).faults() == []
    print(f"tries of six files beside a clock ten minutes ahead: {list(map(shelf.job, files))}")


@contextmanager
def no_handles(pids: list[int]) -> Iterator[None]:
    """These processes may open nothing more."""
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in pids}
    for pid, (_soft, hard) in limits.items():
        held = max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir())
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (held + 1, hard))
    try:
        yield
    finally:
        for pid, limit in limits.items():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)


@pytest.mark.proof
def test_a_web_without_handles_takes_nothing_by_halves_and_comes_back(on_disk: OnDisk) -> None:
    intention = on_disk.desk.upload()
    with no_handles(on_disk.web.workers()), suppress(NoAnswer):
        assert intention.sending.send(on_disk.web, patience=8).status == 503
    assert on_disk.oracle.faults([intention.entry]) == []
    until(lambda: answers(on_disk.web.get), "it answers again", within=30)
    is_taken_later(on_disk.web, on_disk.oracle, intention)


def answers(get: Callable[..., object]) -> bool:
    with suppress(NoAnswer):
        return bool(get("/thu-tuc", patience=10))
    return False


@pytest.mark.proof
def test_a_kill_in_the_middle_of_an_upload_leaves_nothing(on_disk: OnDisk) -> None:
    intention, web = on_disk.desk.upload(), on_disk.web
    body, kind = intention.sending._body()
    head = (
        f"POST {intention.sending.path} HTTP/1.1\r\nHost: {web.host}\r\nContent-Type: {kind}\r\n"
        f"Cookie: {intention.sending.person.cookies}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    before = set(on_disk.site.data.parent.rglob("*"))
    host, port = web.host.split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode() + body[: len(body) // 2])
        until(lambda: not unread(int(port)), "the half has been taken in", within=20)
        web.kill()
    web.start()
    assert on_disk.oracle.parts(intention.entry).are_none
    left = set(on_disk.site.data.parent.rglob("*")) - before
    sent = intention.sending.uploads[0].data[:200]
    assert [path for path in left if path.is_file() and sent in path.read_bytes()] == []
    is_taken_later(web, on_disk.oracle, intention)


def unread(port: int) -> bool:
    """Whether the kernel still holds bytes for who listens there."""
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = row.split()
        if fields[1].endswith(f":{port:04X}") and fields[3] == "01" and fields[4][9:] != "00000000":
            return True
    return False
