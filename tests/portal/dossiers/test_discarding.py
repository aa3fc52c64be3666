"""A citizen throws a draft away: nothing of it stays anywhere, and only he can do it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import clock
from portal.audit.models import AuditEvent
from portal.backups import services as backups
from portal.db import transaction
from portal.documents.erasing import queue_erasing
from portal.documents.models import Document, DocumentFile, DocumentPage, ParkedFile
from portal.documents.store import put, store
from portal.dossiers.erasing import ERASED
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.jobs.models import Job, JobState
from portal.worker import Worker
from tests.factories.country import (
    Country,
    file,
    fill_extract,
    hand_in,
    picture,
    send_extract,
    start_online,
)
from tests.hostile import searching
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.reader import Reader
from tests.scanning import files as papers

WORD, NAME = "Hoatieucanary", "tep-hoa-tieu"


def a_draft(country: Country, citizen: Reader) -> str:
    """A draft with words and a file of two pages, read by the worker."""
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    citizen.open(f"{draft}/khai/requester").send(
        "requester_name", action="save", requester_name=f"Nguyễn {WORD}"
    )
    page = papers.born_digital(f"<h1>{WORD}</h1><p>Một trang giấy có chữ.</p>")
    hand_in(citizen, draft, files=[file(page, f"{NAME}.pdf")])
    work(country)
    return draft


def raw(country: Country) -> Iterator[tuple[str, str]]:
    """The file of SQLite with its journal, as whoever steals it would read it."""
    url = country.app.config["SETTINGS"].database_url
    path = Path(url.removeprefix("sqlite:///"))
    for one in path.parent.glob("portal.db*") if url.startswith("sqlite") else ():
        yield one.name, one.read_bytes().decode("latin-1")


def work(country: Country) -> None:
    with country.app.app_context():
        while Worker(country.app, slots=1).work_once():
            pass


@pytest.mark.tools
def test_nothing_of_a_draft_stays_but_a_line_that_says_it_went(country: Country) -> None:
    citizen = country.citizen()
    with country.app.app_context():
        before = set(store().keys())
    draft = a_draft(country, citizen)
    (row,) = country.dossiers()
    with country.app.app_context():
        assert db.session.query(DocumentPage).count() == 1
        assert set(store().keys()) > before
    citizen.open(f"{draft}/xoa")
    assert "1 tệp đã tải lên" in citizen.page
    citizen.send("/xoa")
    assert citizen.url.startswith("/cua-toi?")
    assert "Đã xoá bản nháp" in citizen.page
    with country.app.app_context():
        for model in (Dossier, Document, DocumentFile, DocumentPage):
            assert db.session.query(model).count() == 0, model.__name__
        (line,) = db.session.query(AuditEvent).filter_by(act=ERASED)
        assert (line.subject_id, line.dossier_id) == (row.public_id, row.id)
        assert (line.reason, line.detail) == (None, {"why": "citizen"})
    work(country)
    for word in (WORD, WORD.lower(), NAME):
        assert searching.where(word, searching.rows(country.app)) == set()
        assert searching.where(word, raw(country)) == set()
    with country.app.app_context():
        assert set(store().keys()) == before
        assert db.session.query(Job).filter(Job.state != JobState.DONE).count() == 0


def test_one_button_pressed_twice_is_one_answer(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    form = citizen.open(f"{draft}/xoa").form("/xoa")
    first = citizen.post(form.action, dict(form.values), follow=False)
    assert first.status == 303
    again = citizen.post(form.action, dict(form.values), follow=False)
    assert (again.status, again.url) == (303, first.url)
    assert country.dossiers() == []
    assert citizen.open(draft).status == 404


def test_a_booking_is_thrown_away_too(country: Country) -> None:
    citizen = country.citizen()
    citizen.open("/cua-toi/hen-buu-ta/1.004873").send("/cua-toi/hen-buu-ta/")
    (draft,) = country.dossiers()
    citizen.open("/cua-toi")
    address = f"/cua-toi/ban-nhap/{draft.public_id}/xoa"
    assert address in citizen.page
    citizen.open(address).send("/xoa")
    assert country.dossiers() == []


def test_what_was_sent_is_withdrawn_and_not_thrown_away(country: Country) -> None:
    citizen = country.citizen()
    sent = send_extract(country, citizen)
    assert citizen.open(f"/cua-toi/ban-nhap/{sent.public_id}/xoa").status == 409
    assert "đã được gửi nên không xoá được" in citizen.page
    citizen.open("/cua-toi")
    assert f"{sent.public_id}/xoa" not in citizen.page


def test_nobody_throws_away_what_is_anothers(country: Country) -> None:
    owner, other = country.citizen(), country.citizen("Trần Văn Khác")
    draft = start_online(owner)
    form = owner.open(f"{draft}/xoa").form("/xoa")
    assert other.open(f"{draft}/xoa").status == 404
    values = other.open("/cua-toi/nop/2.000635").form("/cua-toi/nop/").values
    sent = {**values, "version": form.values["version"]}
    assert other.post(form.action, sent).status == 404
    assert len(country.dossiers()) == 1


def test_what_was_written_meanwhile_is_said_before_it_goes(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    form = citizen.open(f"{draft}/xoa").form("/xoa")
    fill_extract(citizen, draft)
    assert citizen.post(form.action, dict(form.values)).status == 409
    assert "Bản nháp chưa bị xoá" in citizen.page
    assert len(country.dossiers()) == 1
    citizen.send("/xoa")
    assert country.dossiers() == []


def test_a_form_of_the_draft_that_waits_goes_with_it(
    country: Country, turned_clock: TurnedClock
) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    page = citizen.open(draft).page
    paper = next(part.split('"')[0] for part in page.split('href="') if "/giay-to/" in part[:99])
    citizen.open(paper)
    turned_clock.advance(minutes=31)
    citizen.send("files", files=[file(picture(), "cho.jpg")])
    with country.app.app_context():
        (parked,) = db.session.query(ParkedFile)
        key = str(parked.object_key)
        assert store().exists(key)
    citizen.open("/dang-nhap").send(
        "email", email="citizen-1@test.invalid", password="a long enough password"
    )
    citizen.open(f"{draft}/xoa").send("/xoa")
    work(country)
    with country.app.app_context():
        assert db.session.query(ParkedFile).count() == 0
        assert not store().exists(key)


@on_both_databases
def test_the_next_dossier_does_not_inherit_the_lines_of_an_erased_one(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    (gone,) = country.dossiers()
    citizen.open(f"{draft}/xoa").send("/xoa")
    sent = send_extract(country, citizen)
    assert sent.id > gone.id


def test_objects_wait_for_a_backup_under_way(country: Country) -> None:
    with country.app.app_context():
        key = put(b"still being copied", "text/plain").key
        with transaction():
            queue_erasing([key], at=clock.now())
            run = backups.begin("somewhere", at=clock.now()).id
        Worker(country.app, slots=1).work_once()
        assert store().exists(key)
        with transaction():
            backups.give_up(run)
            db.session.query(Job).update({"run_after": clock.now()})
        Worker(country.app, slots=1).work_once()
        assert not store().exists(key)
