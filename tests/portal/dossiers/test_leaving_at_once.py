"""Erasing one's data at the very moment something else happens with it: nothing is left over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import text

from portal import clock, forgetting
from portal.accounts.models import ParkedForm, User, WebSession
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.documents import scans
from portal.documents.erasing import ERASE
from portal.documents.models import DocumentFile, DocumentPage, ParkedFile
from portal.documents.store import put
from portal.dossiers import sealing
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.models import Job
from portal.jobs.services import Claimed, LeaseLost
from scanning.contract import PageResult, ScanProgress, StoredObject
from tests.factories.country import (
    Country,
    file,
    fill_extract,
    hand_in,
    picture,
    start_online,
)
from tests.portal.dossiers.test_leaving import PAGE, leaves, withdrawn
from tests.rig.reader import Reader
from tests.rig.sign_in import PASSWORD
from tests.rig.waiting import until

SURE = {"password": PASSWORD, "is_sure": "y"}
# SQLite lets one write after the other.
on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def twin(country: Country, citizen: Reader) -> Reader:
    """The same person in another window."""
    other = country.visitor()
    cookie = citizen.client.get_cookie("sid")  # type: ignore[attr-defined]
    other.client.set_cookie("sid", cookie.value)  # type: ignore[attr-defined]
    return other


def at_once(*acts: Callable[[], Reader]) -> list[int]:
    """What each was answered."""
    together = Barrier(len(acts))

    def press(act: Callable[[], Reader]) -> int:
        together.wait()
        return act().status

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(press, acts))


def ready(country: Country, citizen: Reader) -> tuple[Reader, str]:
    """Somebody before the page that erases his data, with a draft that could be sent."""
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    hand_in(citizen, draft, files=[file(picture(), "the.jpg")])
    return twin(country, citizen).open(PAGE), draft


def nothing_is_left(country: Country) -> bool:
    """Either he is gone with all that was his, or he is here with his dossier under way.

    After the worker's next round: a form kept for him at that very moment goes only then.
    """
    with country.app.app_context():
        forgetting.settle(clock.now())
        user = db.session.query(User).one()
        states = [row.status for row in db.session.query(Dossier).filter_by(applicant_id=user.id)]
        if user.erased_at is None:
            return states == [Status.REGISTERED]
        rows = (ParkedForm, ParkedFile, WebSession, DocumentFile)
        return states == [] and not any(db.session.query(row).count() for row in rows)


@on_postgresql
def test_who_sends_and_erases_at_once_does_one_of_them(country: Country) -> None:
    citizen = country.citizen()
    leaving_one, draft = ready(country, citizen)
    citizen.open(f"{draft}/kiem-tra")
    answers = at_once(
        lambda: citizen.send("/gui", action="send", follow=False),
        lambda: leaving_one.send("password", follow=False, **SURE),
    )
    assert nothing_is_left(country), answers
    assert answers[1] in (303, 409), answers


@on_postgresql
def test_a_file_that_comes_while_all_is_erased_is_not_kept(country: Country) -> None:
    citizen = country.citizen()
    leaving_one, draft = ready(country, citizen)
    page = citizen.open(draft).page
    paper = next(part.split('"')[0] for part in page.split('href="') if "/giay-to/" in part[:99])
    citizen.open(paper)
    answers = at_once(
        lambda: citizen.send("files", files=[file(picture("HAI"), "hai.jpg")], follow=False),
        lambda: leaving_one.send("password", follow=False, **SURE),
    )
    assert nothing_is_left(country), answers
    assert answers[1] == 303


@on_postgresql
def test_no_draft_is_begun_in_an_account_that_is_just_erased(country: Country) -> None:
    citizen = country.citizen()
    leaving_one = twin(country, citizen).open(PAGE)
    citizen.open("/cua-toi/nop/2.000635")
    answers = at_once(
        lambda: citizen.send("/cua-toi/nop/", follow=False),
        lambda: leaving_one.send("password", follow=False, **SURE),
    )
    assert nothing_is_left(country), answers
    assert answers[1] == 303


@on_postgresql
def test_two_windows_erase_once(country: Country) -> None:
    citizen = country.citizen()
    windows = [twin(country, citizen).open(PAGE) for _ in range(2)]
    answers = at_once(
        *(lambda one=one: one.send("password", follow=False, **SURE) for one in windows)  # type: ignore[misc]
    )
    assert 303 in answers, answers
    with country.app.app_context():
        assert db.session.query(AuditEvent).filter_by(act="account:erase").count() == 1


def test_a_second_press_and_an_old_window_bring_nothing_back(country: Country) -> None:
    """The button twice, the back button, and a form that was open in another window."""
    citizen = country.citizen()
    draft = start_online(citizen)
    other = twin(country, citizen).open(f"{draft}/khai/requester")
    form = citizen.open(PAGE).form("password")
    assert citizen.post(form.action, {**form.values, **SURE}).url == "/da-xoa-du-lieu"
    assert "/dang-nhap" in citizen.post(form.action, {**form.values, **SURE}).page
    assert "/dang-nhap" in citizen.open(PAGE).url
    other.send("requester_name", action="save", requester_name="Nguyễn Thị Mẫu")
    assert "/dang-nhap" in other.page
    assert nothing_is_left(country)


@on_postgresql
def test_a_page_that_is_written_down_meanwhile_goes_too(country: Country) -> None:
    """With its words in the index, and its pictures: the worker has it, and its lease is good."""
    citizen = country.citizen()
    draft = start_online(citizen)
    hand_in(citizen, draft, files=[file(picture(), "the.jpg")])
    written, erased = Event(), Event()

    def waits() -> bool:
        with country.app.app_context():
            return bool(db.session.scalar(text(WAITS)))

    with ThreadPoolExecutor(2) as people:
        worker = people.submit(_reads, country, written, erased)
        assert written.wait(60)
        gone = people.submit(lambda: citizen.open(f"{draft}/xoa").send("/xoa").status)
        until(waits, "who erases waits for the page that is written down")
        erased.set()
        worker.result(60)
        assert gone.result(60) == 200
    with country.app.app_context():
        assert db.session.query(DocumentPage).count() == 0
        assert db.session.scalar(text("SELECT count(*) FROM page_search")) == 0
        (promised,) = db.session.query(Job).filter_by(kind=ERASE)
        assert len(promised.payload["keys"]) == 3


def _reads(country: Country, written: Event, erased: Event) -> None:
    with country.app.app_context():
        with transaction():
            claimed = jobs.claim(at=clock.now())
            assert claimed
        page = _page()
        with transaction():
            scans.take_progress(claimed, _progress(claimed, page))
            written.set()
            assert erased.wait(60)
        with pytest.raises(LeaseLost), transaction():
            scans.take_progress(claimed, _progress(claimed, page))


def _page() -> PageResult:
    image, thumb = (put(b"a page", f"image/{kind}") for kind in ("webp", "png"))
    stored = [StoredObject(one.key, one.sha256, 6, "image/webp") for one in (image, thumb)]
    return PageResult(
        1,
        10,
        10,
        300,
        "assumed",
        0,
        True,
        0.0,
        False,
        90.0,
        (),
        (),
        "ocr",
        text="Chữ của người đã xoá",
        image=stored[0],
        thumb=stored[1],
    )


def _progress(claimed: Claimed, page: PageResult) -> ScanProgress:
    return ScanProgress(claimed.public_id, claimed.token, 1, 1, page)


def test_what_a_race_left_to_an_erased_person_is_erased_by_the_worker(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    (row,) = country.dossiers()
    with country.app.app_context():
        with transaction() as session:
            session.query(User).one().erased_at = clock.now()
        forgetting.settle(clock.now())
    assert country.dossiers() == [], (draft, row)


def test_nobody_without_a_department_opens_what_belongs_to_none(country: Country) -> None:
    citizen = country.citizen()
    dossier = withdrawn(country, citizen)
    leaves(citizen)
    with country.app.app_context(), transaction():
        sealed = sealing.find(str(dossier.code), dossier.department_id)
        assert sealed
        sealed.sealed.department_id = None
        db.session.flush()
        assert sealing.find(str(dossier.code), None) is None
