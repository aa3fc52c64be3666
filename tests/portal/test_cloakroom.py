"""A form that could not be taken waits with its files for its own person, and for nobody else."""

import io
import os
from datetime import timedelta

import pikepdf
import pytest
from flask import Flask

from portal import clock, upkeep
from portal.access import Role
from portal.accounts.models import Membership, ParkedForm, User
from portal.db import transaction
from portal.documents.models import DocumentFile, FileState, ParkedFile
from portal.documents.store import store
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.notices import Outcome
from portal.extensions import db
from tests.factories.country import SUNDAY, Country, file, picture, start_online
from tests.factories.office import Office
from tests.factories.steps import assign, filled, hidden, step_address
from tests.factories.world import make_world
from tests.portal.test_upkeep import path_of
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.forms import FROM_HERE
from tests.rig.reader import Reader
from tests.rig.sign_in import PASSWORD

FIRST, SECOND = "citizen-1@test.invalid", "citizen-2@test.invalid"
SECRET = "Lê Thị Riêng Tư"


def pdf() -> bytes:
    """One empty page that no other file equals."""
    held = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.save(held)
    return held.getvalue()


@pytest.fixture
def office(app: Flask, turned_clock: TurnedClock) -> Office:
    turned_clock.set(SUNDAY)
    with app.test_request_context():
        return Office(app, make_world())


def come_in(reader: Reader, email: str = FIRST) -> Reader:
    return reader.send("email", email=email, password=PASSWORD)


def paper_page(reader: Reader) -> str:
    """The page of the first paper of a new draft."""
    draft = start_online(reader)
    links = [part.split('"')[0] for part in reader.page.split('href="')[1:]]
    address = next(link for link in links if link.startswith(f"{draft}/giay-to/"))
    reader.open(address)
    return address


def files_of(app: Flask) -> list[str]:
    with app.app_context():
        return [row.name for row in db.session.query(DocumentFile).order_by(DocumentFile.id)]


def sent_too_late(country: Country, clock: TurnedClock, *more: tuple[io.BytesIO, str]) -> Reader:
    """A citizen who sends photographs when the session is over already."""
    citizen = country.citizen()
    paper_page(citizen)
    clock.advance(minutes=31)
    return citizen.send("files", files=[file(picture(), "mặt trước.jpg"), *more])


@on_both_databases
def test_files_sent_after_the_session_had_ended_arrive_as_if_sent_then(
    app: Flask, country: Country, turned_clock: TurnedClock
) -> None:
    bad = file(b"<!doctype html><p>PDF</p>", "trang.pdf")
    citizen = sent_too_late(country, turned_clock, bad)
    assert citizen.status == 401
    come_in(citizen)
    assert "mặt trước.jpg" in citizen.page
    assert "“trang.pdf” không phải là ảnh hoặc PDF" in citizen.page
    again = citizen.form("kept_form")
    citizen.send("kept_form")
    assert citizen.status == 422
    assert "“trang.pdf” không phải là ảnh hoặc PDF" in citizen.page
    assert files_of(app) == ["mặt trước.jpg"]
    repeated = citizen.post(again.action, again.values)
    assert repeated.status == 422
    assert files_of(app) == ["mặt trước.jpg"]
    with app.app_context():
        kept = db.session.query(ParkedFile).filter_by(name="mặt trước.jpg").one()
        taken = db.session.query(DocumentFile).one()
        assert kept.used_at == clock.now()
        assert (taken.original_sha256, kept.object_key) == (kept.sha256, None)
        assert store().get(taken.original_key, kept.sha256) == picture()
        assert len(list(store().keys())) == 1


def test_nobody_else_who_signs_in_learns_of_the_form(
    app: Flask, country: Country, turned_clock: TurnedClock
) -> None:
    citizen = sent_too_late(country, turned_clock)
    asked = citizen.page
    country.citizen("Người Khác")
    come_in(citizen, SECOND)
    assert citizen.url == "/cua-toi"
    assert "mặt trước" not in asked + citizen.page
    with app.app_context():
        name = db.session.query(ParkedForm.public_id).scalar()
    assert citizen.open(f"/gui-tiep/{name}").status == 404
    assert files_of(app) == []


def test_nothing_of_a_parked_form_can_be_read_in_the_database(
    app: Flask, country: Country, turned_clock: TurnedClock
) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    citizen.open(f"{draft}/khai/requester")
    turned_clock.advance(minutes=31)
    citizen.send("requester_name", action="later", requester_name=SECRET)
    assert SECRET not in citizen.page
    with app.app_context():
        form = db.session.query(ParkedForm).one()
        assert SECRET.encode() not in (form.content_sealed or b"")
    come_in(citizen)
    citizen.send("requester_name")
    assert SECRET in citizen.open(f"{draft}/khai/requester").page


def test_form_left_open_on_a_shared_computer_is_not_sent_by_the_next_person(
    app: Flask, country: Country
) -> None:
    """Its typed page may still stand in another tab when somebody else has signed in."""
    reader = country.citizen()
    draft = start_online(reader)
    form = reader.open(f"{draft}/khai/requester").form("requester_name")
    form.values |= {"requester_name": [SECRET], "action": ["later"]}
    country.citizen("Người Khác")
    reader.open("/dang-nhap")
    come_in(reader, SECOND)
    reader.arrive(reader.client.post(form.action, data=form.values, headers=FROM_HERE))
    assert reader.status == 401
    assert "mở cho một tài khoản khác" in reader.page
    assert SECRET not in reader.page
    come_in(reader)
    reader.send("requester_name")
    assert SECRET in reader.open(f"{draft}/khai/requester").page


def test_stale_token_keeps_the_files_too(app: Flask, country: Country) -> None:
    citizen = country.citizen()
    address = paper_page(citizen)
    form = citizen.form("files")
    citizen.client.delete_cookie("form")
    sent = form.values | {"files": [file(picture(), "sau.jpg")]}
    offered = citizen.client.post(address, data=sent, headers=FROM_HERE)
    assert offered.status_code == 400
    citizen.arrive(offered)
    citizen.send("kept_form")
    assert citizen.status == 200
    assert files_of(app) == ["sau.jpg"]


def test_form_without_a_mark_is_offered_to_nobody_when_its_token_is_stale(
    country: Country,
) -> None:
    citizen = country.citizen()
    address = paper_page(citizen)
    citizen.client.delete_cookie("form")
    stale = {"csrf_token": "stale", "note": SECRET}
    answer = citizen.client.post(address, data=stale, headers=FROM_HERE)
    assert answer.status_code == 403
    assert SECRET not in answer.text


def test_form_is_sent_in_the_role_it_was_shown_in(app: Flask, country: Country) -> None:
    citizen = country.citizen()
    address = paper_page(citizen)
    form = citizen.form("files")
    with app.app_context(), transaction() as session:
        user = session.query(User).filter_by(email=FIRST).one()
        session.add(Membership(user_id=user.id, role=Role.AUDITOR))
        session.flush()
        auditor = session.query(Membership).filter_by(role=Role.AUDITOR).one().id
    citizen.open("/vai-tro").send("/vai-tro", membership=str(auditor))
    citizen.post(address, form.values | {"files": [file(picture(), "sau.jpg")]})
    assert citizen.status == 409
    assert "Công dân" in citizen.page
    citizen.send("resume")
    assert "làm việc với vai trò khác" in citizen.page
    citizen.send("kept_form")
    assert files_of(app) == ["sau.jpg"]


def test_what_waited_a_day_goes_with_its_object_and_says_so(
    app: Flask, country: Country, turned_clock: TurnedClock
) -> None:
    citizen = sent_too_late(country, turned_clock)
    come_in(citizen)
    offered = citizen.form("kept_form")
    with app.app_context():
        key = db.session.query(ParkedFile.object_key).scalar() or ""
        os.utime(path_of(app, key), times=(clock.now().timestamp(),) * 2)
        upkeep.sweep(clock.now() + timedelta(hours=23))
        assert store().exists(key)
        upkeep.sweep(clock.now() + timedelta(hours=25))
        assert not store().exists(key)
        assert db.session.query(ParkedForm).count() == db.session.query(ParkedFile).count() == 0
    citizen.post(offered.action, offered.values)
    assert citizen.status == 409
    assert "quá 24 giờ" in citizen.page
    assert files_of(app) == []


def test_result_file_waits_behind_the_shield(
    app: Flask, office: Office, turned_clock: TurnedClock
) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    reader = Reader(client).open(step_address(public_id, Verb.DECIDE, Role.OFFICER))
    turned_clock.advance(minutes=16)
    upload = file(pdf(), "kết quả.pdf")
    reader.send("summary", kind="granted", summary="Đồng ý", outcome=upload)
    assert reader.status == 403
    assert "Đồng ý" not in reader.page
    reader.send("password", password=PASSWORD)
    reader.send("kept_form")
    assert reader.status == 200
    with office.inside():
        document = db.session.query(Outcome).one().document
        assert document is not None
        assert [one.name for one in document.files] == ["kết quả.pdf"]


def kept_over_a_conflict(office: Office) -> tuple[Reader, str]:
    """An officer whose decision met a colleague's change; the file is with us already."""
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    stale = filled(office, client, Verb.DECIDE, public_id)
    assign(office, client, public_id, "nhan-xu-ly")
    address = step_address(public_id, Verb.DECIDE, Role.OFFICER)
    reader = Reader(client).post(address, stale | {"outcome": file(pdf(), "kết quả.pdf")})
    assert reader.status == 409
    return reader, public_id


def test_kept_result_is_no_orphan_to_the_sweep(app: Flask, office: Office) -> None:
    reader, _public_id = kept_over_a_conflict(office)
    with app.app_context():
        key = db.session.query(ParkedFile.object_key).scalar() or ""
        os.utime(path_of(app, key), times=(clock.now().timestamp() - 48 * 3600,) * 2)
        upkeep.sweep(clock.now())
        assert store().exists(key)
    reader.send("summary", kind="granted", summary="Đồng ý")
    assert reader.status == 200
    with app.app_context():
        assert db.session.query(DocumentFile).one().original_key == key
        assert list(upkeep.verify()) == []


def test_vanished_result_is_said_beside_its_field(app: Flask, office: Office) -> None:
    reader, public_id = kept_over_a_conflict(office)
    with app.app_context():
        store().delete(db.session.query(ParkedFile.object_key).scalar() or "")
    reader.send("summary", kind="granted", summary="Đồng ý")
    assert reader.status == 422
    assert "“kết quả.pdf” không còn được giữ" in reader.page
    assert "Đồng ý" in reader.page
    assert office.look(public_id).status is Status.PROCESSING
    assert files_of(app) == []


def test_mistake_in_another_field_does_not_cost_the_result_file(app: Flask, office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    form = filled(office, client, Verb.DECIDE, public_id) | {"summary": ""}
    address = step_address(public_id, Verb.DECIDE, Role.OFFICER)
    reader = Reader(client).post(address, form | {"outcome": file(pdf(), "kết quả.pdf")})
    assert reader.status == 422
    assert "Đã nhận tệp “kết quả.pdf”" in reader.page
    reader.send("summary", kind="granted", summary="Đồng ý")
    assert files_of(app) == ["kết quả.pdf"]
    assert hidden(reader.page, "kept") == ""


def test_answer_to_a_supplement_keeps_words_and_files(
    app: Flask, office: Office, turned_clock: TurnedClock
) -> None:
    public_id = office.dossier(Status.SUPPLEMENT_REQUIRED)
    reader = Reader(office.client(Role.CITIZEN)).open(f"/cua-toi/ho-so/{public_id}/bo-sung")
    turned_clock.advance(minutes=31)
    name = "files-0"
    reader.send(
        name, **{name: file(pdf(), "trích lục.pdf"), "words-0": "Gửi kèm", "action": "send"}
    )
    assert reader.status == 401
    come_in(reader, office.actor(Role.CITIZEN).email)
    reader.send("kept_form")
    assert reader.status == 200
    assert files_of(app) == ["trích lục.pdf"]
    assert office.look(public_id).status is not Status.SUPPLEMENT_REQUIRED
    with app.app_context():
        assert db.session.query(DocumentFile).one().state is FileState.RECEIVED
