"""What waits is shown word for word before it is sent, and is bounded in time, room and source."""

import re
from datetime import timedelta

from flask import Flask

from portal import cloakroom, clock, upkeep
from portal.access import Role
from portal.accounts.models import ParkedForm, User
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.documents.models import ParkedFile
from portal.documents.store import store
from portal.dossiers.lifecycle import Status, Verb
from portal.extensions import db
from tests.factories.country import Country, file, picture
from tests.factories.office import Office
from tests.factories.steps import step_address
from tests.portal.test_cloakroom import (
    FIRST,
    come_in,
    files_of,
    office,
    paper_page,
    pdf,
    sent_too_late,
)
from tests.rig.clocks import TurnedClock
from tests.rig.reader import Reader
from tests.rig.sign_in import PASSWORD

__all__ = ["office"]


def shown(reader: Reader) -> str:
    """What stands on a page, hidden fields and tags left out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reader.page))


def back_at_desk(
    office: Office, public_id: str, turned_clock: TurnedClock, **typed: object
) -> Reader:
    """An officer unlocks his desk, at which a decision was sent while it was locked."""
    reader = Reader(office.client(Role.OFFICER))
    reader.open(step_address(public_id, Verb.DECIDE, Role.OFFICER))
    turned_clock.advance(minutes=16)
    reader.send("summary", **typed)
    return reader.send("password", password=PASSWORD)


def test_form_sent_at_a_locked_desk_is_shown_word_for_word_before_it_counts(
    app: Flask, office: Office, turned_clock: TurnedClock
) -> None:
    """A passer-by may have typed it: the officer reads what it is before he sends it."""
    public_id = office.dossier(Status.PROCESSING)
    reader = back_at_desk(office, public_id, turned_clock, kind="refused", summary="Lời người lạ")
    page = shown(reader)
    assert "màn hình đang khoá" in page
    assert "Lời người lạ" in page
    assert Verb.DECIDE.label in page
    assert (office.look(public_id).code or "?") in page
    assert "summary" not in page
    with app.app_context():
        line = db.session.query(AuditEvent).filter_by(act="form:park").one()
        assert line.actor_id is None
        assert line.detail["browser_of"] == office.actor(Role.OFFICER).user_id
        assert line.detail["why"] == "locked"


def test_what_waits_is_found_again_at_the_desk_and_can_be_thrown_away(
    app: Flask, office: Office, turned_clock: TurnedClock
) -> None:
    typed = {"kind": "granted", "summary": "Đồng ý", "outcome": file(pdf(), "kq.pdf")}
    reader = back_at_desk(office, office.dossier(Status.PROCESSING), turned_clock, **typed)
    reader.open("/can-bo")
    assert "Ông/Bà có nội dung chưa gửi" in reader.page
    reader.send("/bo")
    assert "nội dung chưa gửi" not in reader.open("/can-bo").page
    with app.app_context():
        assert db.session.query(ParkedForm).count() == 0


def test_what_was_sent_waits_no_more(
    app: Flask, country: Country, turned_clock: TurnedClock
) -> None:
    citizen = sent_too_late(country, turned_clock)
    come_in(citizen)
    again = citizen.form("kept_form")
    citizen.send("kept_form")
    assert "nội dung chưa gửi" not in citizen.open("/cua-toi").page
    assert citizen.post(again.action, again.values).status == 200
    assert files_of(app) == ["mặt trước.jpg"]


def test_stranger_with_a_mark_leaves_no_file(app: Flask, country: Country) -> None:
    citizen = country.citizen()
    address = paper_page(citizen)
    mark = citizen.form("files").values["form_owner"]
    stranger = country.visitor().open("/dang-nhap")
    token = stranger.form("email").values["csrf_token"]
    sent = {"csrf_token": token, "form_owner": mark, "files": [file(picture(), "lạ.jpg")]}
    assert stranger.post(address, sent).status == 401
    with app.app_context():
        assert db.session.query(ParkedForm).count() == 1
        assert db.session.query(ParkedFile.object_key).scalar() is None
        assert list(store().keys()) == []


def test_what_a_person_may_leave_in_a_day_has_an_end(
    app: Flask, country: Country, turned_clock: TurnedClock
) -> None:
    citizen = country.citizen()
    paper_page(citizen)
    most = cloakroom.DOSSIERS_A_DAY * app.config["SETTINGS"].max_dossier_mb * cloakroom.MEGABYTE
    with app.app_context(), transaction() as session:
        user = session.query(User).filter_by(email=FIRST).one()
        kept = {"user_id": user.id, "path": "/", "field": "files", "name": "cũ.jpg"}
        kept |= {"size": most, "parked_at": clock.now() + timedelta(minutes=30)}
        session.add(ParkedFile(object_key="aa/bb/x", **kept))
    turned_clock.advance(minutes=31)
    citizen.send("files", files=[file(picture(), "mới.jpg")])
    come_in(citizen)
    assert "trong một ngày chỉ giữ được" in citizen.page


def test_day_old_files_are_asked_for_again_beside_the_words(
    app: Flask, country: Country, turned_clock: TurnedClock
) -> None:
    citizen = sent_too_late(country, turned_clock)
    come_in(citizen)
    offered = citizen.form("kept_form")
    with app.app_context():
        upkeep.sweep(clock.now() + timedelta(hours=25))
    citizen.post(offered.action, offered.values | {"note": "Lời còn lại"})
    assert citizen.status == 409
    assert "chọn lại tệp" in citizen.page
    assert "Lời còn lại" in shown(citizen)
