"""What carries a virus is kept from everybody; what nobody could scan is never called clean."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from portal import clock, retention, upkeep
from portal.access import Role
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.documents import scans
from portal.documents.models import DocumentFile, FileState, QuarantinedFile, VirusCheck
from portal.documents.store import store
from portal.errors import Invalid
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.models import Job, JobState
from portal.worker import Worker
from scanning.contract import ScanProgress
from tests.factories.country import Country, hand_in, start_online
from tests.factories.country import file as as_sent
from tests.factories.papers import drawn, make_file, the_file
from tests.factories.world import make_dossier, make_world
from tests.rig.clamav import EICAR, Clamd
from tests.rig.sign_in import SignIn

ILL = drawn() + EICAR


@pytest.fixture(scope="module")
def daemon() -> Iterator[Clamd]:
    one = Clamd()
    yield one
    one.remove()


@pytest.fixture
def scanner(app: Flask, daemon: Clamd) -> Iterator[Clamd]:
    """The daemon, running, and a site that asks it."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, clamd_url=daemon.url)
    app.extensions.pop("scanner_rests_until", None)
    if daemon.process is None:
        daemon.start()
    yield daemon
    app.config["SETTINGS"] = before
    app.extensions.pop("scanner_rests_until", None)


class Case:
    """A citizen's dossier to which files are handed in, and the officer who reads them."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app = app
        with app.test_request_context():
            self.world = make_world()
            actor = self.world.actor(Role.CITIZEN)
            self.dossier = make_dossier(self.world, actor)
            self.owner = sign_in.known(db.session.get_one(User, actor.user_id))

    def hand_in(self, data: bytes) -> str:
        with self.app.test_request_context():
            return make_file(self.world, data, "Đơn.jpg", self.dossier)

    def look(self, file: str) -> DocumentFile:
        with self.app.app_context():
            found = the_file(file)
            _ = (found.pages, found.document)
            return found

    def ways(self, file: str) -> dict[str, int]:
        """What each address of a file answers to its owner."""
        pages = [page.public_id for page in self.look(file).pages]
        at = f"/giay-to/tep/{file}"
        ways = [at, f"{at}/goc", f"{at}/ban-doc.pdf", *(f"/giay-to/trang/{one}" for one in pages)]
        return {way.removeprefix(at): self.owner.get(way).status_code for way in ways}


@pytest.fixture
def case(app: Flask, sign_in: SignIn) -> Case:
    return Case(app, sign_in)


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Do all the work that waits."""

    def do_it() -> None:
        with app.app_context():
            worker = Worker(app, slots=1)
            while worker.work_once():
                pass

    return do_it


def test_a_virus_is_refused_at_the_door_and_kept_from_everybody(
    case: Case, scanner: Clamd, app: Flask
) -> None:
    with pytest.raises(Invalid) as refused:
        case.hand_in(ILL)
    assert str(refused.value.sentence).startswith("Tệp “Đơn.jpg” có vi-rút nên không được nhận.")
    with app.app_context():
        assert db.session.query(DocumentFile).count() == 0
        kept = db.session.query(QuarantinedFile).one()
        assert (kept.virus_name, kept.size) == ("Tests.Eicar.UNOFFICIAL", len(ILL))
        assert store().get(kept.object_key, kept.sha256) == ILL
        event = db.session.query(AuditEvent).filter_by(act="file:quarantine").one()
        assert event.detail["virus"] == kept.virus_name


def test_a_clean_file_says_so_and_opens(case: Case, scanner: Clamd) -> None:
    file = case.hand_in(drawn())
    assert case.look(file).virus_check is VirusCheck.CLEAN
    assert case.ways(file)["/goc"] == 200
    assert "Đã quét vi-rút" in case.owner.get(f"/giay-to/tep/{file}").text


def test_without_a_scanner_the_page_says_that_nobody_looked(case: Case) -> None:
    file = case.hand_in(ILL)
    assert case.look(file).virus_check is VirusCheck.NOT_SCANNED
    page = case.owner.get(f"/giay-to/tep/{file}").text
    assert "Chưa quét vi-rút" in page
    assert "Đã quét" not in page


@pytest.mark.tools
def test_while_the_scanner_is_away_papers_are_taken_and_read_but_nobody_gets_the_original(
    case: Case, scanner: Clamd, work: Callable[[], None], app: Flask
) -> None:
    scanner.stop()
    file = case.hand_in(ILL)
    assert case.look(file).virus_check is VirusCheck.WAITING
    work()
    page = case.owner.get(f"/giay-to/tep/{file}").text
    assert "Đang chờ quét vi-rút" in page
    assert "/goc" not in page
    assert case.look(file).state is FileState.READ
    ways = case.ways(file)
    assert ways.pop("/goc") == 409
    assert set(ways.values()) == {200}
    with app.app_context():
        job = db.session.query(Job).filter_by(kind="virus").one()
        assert (job.state, job.reason, job.tries) == (JobState.QUEUED, "scanner_away", 0)
        with transaction():
            db.session.query(Job).filter_by(kind="virus").one().run_after = clock.now()
    scanner.start()
    work()
    ill = case.look(file)
    assert (ill.virus_check, ill.state, ill.reason) == (
        VirusCheck.INFECTED,
        FileState.REFUSED,
        "infected",
    )
    assert ill.pages == []
    assert set(case.ways(file).values()) <= {200, 403, 404}
    assert case.ways(file)["/goc"] == 403
    assert "Có vi-rút, đã cách ly" in case.owner.get(f"/giay-to/tep/{file}").text
    with app.app_context():
        assert store().get(ill.original_key, ill.original_sha256) == ILL
        assert db.session.query(AuditEvent).filter_by(act="file:quarantine").count() == 1


def test_a_clean_file_that_waited_opens_once_the_scanner_is_back(
    case: Case, scanner: Clamd, work: Callable[[], None], app: Flask
) -> None:
    scanner.stop()
    file = case.hand_in(drawn())
    scanner.start()
    work()
    assert case.look(file).virus_check is VirusCheck.CLEAN
    assert case.ways(file)["/goc"] == 200


def test_a_deaf_scanner_delays_one_upload_and_not_the_next(case: Case, scanner: Clamd) -> None:
    scanner.pause()
    try:
        first, second = case.hand_in(drawn(1)), case.hand_in(drawn(2))
    finally:
        scanner.resume()
    taken = case.look(first).taken_at, case.look(second).taken_at
    assert (taken[1] - taken[0]).total_seconds() < 4
    assert case.look(second).virus_check is VirusCheck.WAITING


def test_a_page_that_is_read_late_does_not_open_an_infected_file_again(
    case: Case, scanner: Clamd, work: Callable[[], None], app: Flask
) -> None:
    scanner.stop()
    file = case.hand_in(ILL)
    with app.app_context(), transaction():
        reading = jobs.claim(at=clock.now())
        assert reading is not None
        assert scans.begin(reading) is not None
    scanner.start()
    work()
    with app.app_context(), pytest.raises(jobs.LeaseLost), transaction():
        scans.take_progress(reading, ScanProgress(reading.public_id, reading.token, 1, 1))
    assert case.look(file).state is FileState.REFUSED


def test_the_sender_gets_one_sentence_and_the_attempt_bears_his_name(
    country: Country, scanner: Clamd
) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    page = hand_in(citizen, draft, files=[as_sent(ILL, "đơn.jpg"), as_sent(drawn(2), "hai.jpg")])
    assert "Tệp “đơn.jpg” có vi-rút nên không được nhận." in page.page
    assert "hai.jpg" in page.page
    with country.app.app_context():
        event = db.session.query(AuditEvent).filter_by(act="file:quarantine").one()
        person = db.session.query(User).filter_by(email="citizen-1@test.invalid").one()
        assert (event.actor_name, event.actor_id) == ("", person.id)
        assert db.session.query(QuarantinedFile).one().user_id == person.id
        assert db.session.query(DocumentFile).one().name == "hai.jpg"


def test_quarantine_is_emptied_in_the_end(case: Case, scanner: Clamd, app: Flask) -> None:
    with pytest.raises(Invalid):
        case.hand_in(ILL)
    with app.app_context():
        key = db.session.query(QuarantinedFile).one().object_key
        upkeep.sweep(clock.now())
        assert key in set(store().keys())
        kept = retention.kept(retention.What.QUARANTINE, clock.now().date())
        upkeep.sweep(clock.now() + kept * 1.01)
        assert db.session.query(QuarantinedFile).count() == 0
