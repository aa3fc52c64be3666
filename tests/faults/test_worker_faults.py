"""Reading hangs, crashes, is killed, or is very long: others are served, and a clerk reads why."""

import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from portal.access import Role
from portal.jobs.messages import sentence
from tests.drawing.pages import draw_page
from tests.factories.papers import drawn, make_file
from tests.factories.world import make_dossier
from tests.faults.conftest import Wired
from tests.faults.kit.oracle import Oracle, read_folder
from tests.faults.kit.seen import timed_until
from tests.faults.kit.site import Back, Site
from tests.faults.kit.wire import Stop
from tests.rig.mail_server import MailServer
from tests.rig.processes import command_of, is_alive
from tests.rig.waiting import until

pytestmark = pytest.mark.tools

ASKED = """#!/bin/sh
case "$*" in *--version*|*--list-langs*) exec /usr/bin/tesseract "$@";; esac
"""
SHORT_LEASE = ("--slots", "1", "--lease", "3")


class Shelf:
    """Files that wait to be read, and what is written down about them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.oracle = Oracle(site.database_url, read_folder(site.objects))

    def lay(self, data: bytes | None = None, name: str = "don.jpg") -> str:
        with self.site.app.test_request_context():
            return make_file(self.site.world, data or drawn(dpi=100), name)

    def file(self, public_id: str) -> tuple[str, str | None]:
        (found,) = self.oracle.rows(
            "SELECT state, reason FROM document_files WHERE public_id = ?", public_id
        )
        return found

    def job(self, public_id: str) -> tuple[str, str | None, int, int]:
        """State, reason, tries and pages done of the work on a file."""
        (found,) = self.oracle.rows(
            "SELECT state, reason, tries, done FROM jobs WHERE unique_key = ?", f"scan:{public_id}"
        )
        return found

    def is_read(self, public_id: str) -> bool:
        return self.file(public_id)[0] == "read"

    def hurry(self) -> None:
        """Let no work wait for its next try."""
        with sqlite3.connect(self.site.database_url.removeprefix("sqlite:///"), timeout=30) as held:
            held.execute("UPDATE jobs SET run_after = '2020-01-01' WHERE state = 'queued'")


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    site = Site(tmp_path, MAX_PAGE_SECONDS="2", MAX_UPLOAD_MB="100")
    yield Shelf(site)
    site.close()


@pytest.fixture
def reader(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """reader("exec sleep 99") puts a reader before the real one that does this with a page."""

    def put(what: str) -> dict[str, str]:
        stub = tmp_path / "bin" / "tesseract"
        stub.parent.mkdir(exist_ok=True)
        stub.write_text(ASKED + what + "\n")
        stub.chmod(0o755)
        return {"PATH": f"{stub.parent}:{os.environ['PATH']}"}

    return put


def sleepers() -> list[int]:
    found = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in found if "sleep 987" in command_of(pid) and is_alive(pid)]


def test_a_reader_that_hangs_costs_one_page_and_leaves_nothing_behind(
    shelf: Shelf, reader: Callable[[str], dict[str, str]]
) -> None:
    public_id = shelf.lay()
    with Back(shelf.site, "--slots", "1", **reader("exec sleep 987")):
        until(lambda: shelf.is_read(public_id), "the file is done with", within=45)
        until(lambda: not sleepers(), "the hanging reader is gone", within=5)
    problems = shelf.oracle.rows("SELECT problems FROM document_pages")[0][0]
    assert "unreadable" in problems


@pytest.mark.proof
def test_a_reader_that_kills_its_room_fails_after_five_tries_with_a_sentence(
    shelf: Shelf, reader: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    poison = shelf.lay()
    with Back(shelf.site, "--slots", "1", **reader("kill -9 $PPID; exec sleep 1")) as worker:

        def has_failed() -> bool:
            shelf.hurry()
            return shelf.job(poison)[0] == "failed"

        until(has_failed, "it is given up", within=90, every=0.3)
        state, reason, tries, _done = shelf.job(poison)
        assert (state, reason, tries) == ("failed", "child_died", 5)
        assert shelf.file(poison) == ("failed", "child_died")
        with shelf.site.app.test_request_context():
            assert str(sentence(reason)).startswith("Tiến trình đọc tệp dừng đột ngột")
        (tmp_path / "bin" / "tesseract").unlink()
        good = shelf.lay()
        seconds = timed_until(lambda: shelf.is_read(good), "the next file is read", within=30)
        assert worker.process is not None
        assert worker.process.poll() is None
    print(f"a good file after a poisoned one: {seconds:.1f} s")


def long_file(pages: int) -> bytes:
    """The same page so many times, light enough to be sent."""
    page = draw_page(3, dpi=75).image.convert("L")
    copies: list[Image.Image] = [page] * (pages - 1)
    held = io.BytesIO()
    page.save(held, "PDF", save_all=True, append_images=copies, resolution=75, quality=30)
    return held.getvalue()


@pytest.mark.parametrize(
    "pages", [24, pytest.param(500, marks=pytest.mark.proof)], ids=["24 pages", "500 pages"]
)
def test_a_page_is_read_beside_a_long_file(shelf: Shelf, pages: int) -> None:
    long = shelf.lay(long_file(pages), "so-goc.pdf")
    other = shelf.lay(long_file(pages), "so-goc-2.pdf")
    with Back(shelf.site, "--slots", "1", MAX_PAGE_SECONDS="120"):
        until(lambda: shelf.job(long)[3] >= 1, "the long file is under way", within=60)
        short = shelf.lay()
        seconds = timed_until(lambda: shelf.is_read(short), "the short one is read", within=60)
        assert shelf.job(long)[0] == "leased"
        assert shelf.job(other)[0] == "queued", "long files still wait for each other"
    print(f"one page behind two files of {pages} pages: {seconds:.1f} s")
    assert seconds <= 30


@pytest.mark.proof
def test_a_worker_that_dies_five_times_over_a_file_gives_it_up(shelf: Shelf) -> None:
    public_id = shelf.lay()
    for tries in range(1, 6):
        with Back(shelf.site, *SHORT_LEASE):
            until(lambda n=tries: shelf.job(public_id)[2] == n, "it is taken again", within=60)
    with Back(shelf.site, *SHORT_LEASE):
        until(lambda: shelf.job(public_id)[0] == "failed", "it is given up", within=60)
    assert shelf.file(public_id) == ("failed", "worker_died")


@pytest.mark.proof
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_file_is_read_once_wherever_its_worker_dies(
    wired: Callable[..., Wired], when: str
) -> None:
    """Every commit of the worker from its start until the file is read, idle ones among them."""
    portal = wired()
    portal.web.kill()
    shelf = Shelf(portal.site)
    shelf.oracle = portal.oracle
    kills, slowest, number = 0, 0.0, 0
    while True:
        number += 1
        public_id = shelf.lay()
        with portal.gate.stopped(number, when) as stop, Back(portal.site, *SHORT_LEASE) as worker:

            def is_over(stop: Stop = stop, one: str = public_id) -> bool:
                return stop.reached.is_set() or shelf.is_read(one)

            until(is_over, "the worker stands at a commit, or is done", within=90)
            struck = stop.reached.is_set() and not shelf.is_read(public_id)
            worker.kill()
        with Back(portal.site, *SHORT_LEASE):
            seconds = timed_until(lambda one=public_id: shelf.is_read(one), "it is read", within=90)
        slowest, kills = max(slowest, seconds), kills + struck
        state, _reason, tries, _done = shelf.job(public_id)
        assert (state, tries <= 2) == ("done", True)
        if not struck:
            break
    pages = portal.oracle.rows("SELECT file_id, count(*) FROM document_pages GROUP BY file_id")
    assert {row[1] for row in pages} == {1}
    assert portal.oracle.faults([]) == []
    print(f"kills of the worker {when} a commit: {kills}, read again within {slowest:.1f} s")


class Moody(MailServer):
    """Turns every third mail away for now."""

    asked = 0

    @property
    def refusing(self) -> bool:
        self.asked += 1
        return self.asked % 3 == 0

    @refusing.setter
    def refusing(self, _value: bool) -> None:
        """Its mood is its own."""


@pytest.mark.proof
def test_every_mail_arrives_though_server_and_sender_fail(tmp_path: Path) -> None:
    """Fifty mails, a third of the tries refused, and the sender killed four times among them."""
    with Moody() as server:
        site = Site(tmp_path, MAIL_URL=server.url)
        shelf = Shelf(site)
        with site.app.test_request_context():
            clerk = site.world.actor(Role.POSTAL_CLERK)
            for _ in range(50):
                make_dossier(site.world, clerk)
        unsent = "SELECT count(*) FROM outbox_messages WHERE state <> 'sent'"
        for left in (40, 30, 20, 10, 0):
            with Back(site, "--slots", "1"):
                until(
                    lambda n=left: shelf.oracle.number(unsent) <= n, f"{left} are left", within=300
                )
        names = [mail["Message-ID"] for mail in server.mails]
        site.close()
    print(f"mails: {len(set(names))} of 50 arrived, {len(names)} times, {server.asked} tries")
    assert len(set(names)) == 50
