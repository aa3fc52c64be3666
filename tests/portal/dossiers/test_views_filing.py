"""Filing online without scripts: nothing typed is lost, and one send makes one dossier."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from werkzeug.datastructures import MultiDict

from portal.catalogue.models import Procedure
from portal.db import transaction
from portal.documents.models import DocumentFile
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, ReturnMode
from portal.extensions import db
from portal.outbox import OutboxMessage
from tests.factories.country import (
    REQUESTER,
    Country,
    file,
    fill_extract,
    hand_in,
    picture,
    send_extract,
    start_online,
)
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.queries import max_queries
from tests.rig.reader import Reader
from tests.rig.sign_in import PASSWORD


@on_both_databases
def test_a_citizen_files_from_beginning_to_code(country: Country) -> None:
    citizen = country.citizen()
    dossier = send_extract(country, citizen)
    assert citizen.url.endswith("/da-gui")
    assert dossier.code == "H32.10-261122-0001"
    assert dossier.code in citizen.page
    assert "data:image/svg+xml" in citizen.page
    assert (dossier.status, dossier.channel) == (Status.REGISTERED, Channel.ONLINE)
    assert (dossier.applicant_name, dossier.return_mode) == ("Nguyễn Thị Mẫu", ReturnMode.DESK)
    with country.app.app_context():
        row = db.session.get_one(type(dossier), dossier.id)
        assert row.citizen_number == "056185000123"
        assert row.phone == "+84900000123"
        assert row.lookup_key
        assert row.lookup_key in citizen.page
        given = json.loads(row.answers_text or "{}")
        assert "subject_name" not in given
        assert db.session.query(OutboxMessage).count() == 1


def test_the_start_link_asks_to_sign_in_and_comes_back(country: Country) -> None:
    country.citizen()  # makes the account citizen-1@test.invalid
    visitor = country.visitor().open("/cua-toi/nop/2.000635")
    assert visitor.url.startswith("/dang-nhap")
    visitor.send("password", email="citizen-1@test.invalid", password=PASSWORD)
    assert visitor.url == "/cua-toi/nop/2.000635"
    assert "Bắt đầu" in visitor.page


def test_a_second_start_goes_on_with_the_first_draft(country: Country) -> None:
    citizen = country.citizen()
    first = start_online(citizen)
    assert "Điền tiếp bản nháp" in citizen.open("/cua-toi/nop/2.000635").page
    assert start_online(citizen) == first
    assert len(country.dossiers()) == 1


def test_an_empty_page_says_beside_each_field_what_is_missing(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    empty = dict.fromkeys(REQUESTER, "")
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **empty)
    assert citizen.status == 422
    assert citizen.page.count("govuk-form-group--error") == 6
    assert 'id="requester_phone-error"' in citizen.page
    assert 'href="#requester_phone"' in citizen.page
    assert "<title>Lỗi:" in citizen.page


def test_a_mistake_keeps_everything_else_that_was_typed(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    wrong = REQUESTER | {"requester_phone": "12 <b>", "requester_address": 'Số "1" & ngõ 2'}
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **wrong)
    assert citizen.status == 422
    form = citizen.form("requester_name")
    assert form.values["requester_phone"] == ["12 <b>"]
    assert form.values["requester_address"] == ['Số "1" & ngõ 2']
    assert form.values["requester_commune"] == ["22366"]
    assert "Số điện thoại chưa đúng" in citizen.page


def test_half_a_page_can_be_put_aside_and_is_there_again(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    half = {"requester_birth": "85", "requester_phone": "0900 000 123"}
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="later", **half)
    assert citizen.url == draft
    assert "Đang làm dở" in citizen.page
    citizen.open(f"{draft}/khai/requester")
    assert citizen.form("requester_name").values["requester_birth"] == ["85"]


def test_a_number_put_aside_that_nobody_can_count_still_opens_the_check(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    citizen.open(f"{draft}/khai/request").send("copies", action="later", copies="9" * 5000)
    assert citizen.open(f"{draft}/kiem-tra").status == 200


def test_communes_come_without_scripts_by_the_button(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    citizen.open(f"{draft}/khai/requester").send(
        "requester_name", action="province", requester_commune_province="56", requester_phone="09"
    )
    assert citizen.status == 200
    assert "Phường Nha Trang" in citizen.page
    assert citizen.form("requester_name").values["requester_phone"] == ["09"]


def test_a_commune_of_another_province_is_refused(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    astray = REQUESTER | {"requester_commune_province": "01"}
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **astray)
    assert citizen.status == 422
    assert "thuộc tỉnh, thành phố đã chọn" in citizen.page


def test_pages_can_be_filled_in_any_order(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    citizen.open(f"{draft}/khai/request").send("copies", action="save", copies="1")
    assert citizen.url.endswith("/khai/return")
    assert citizen.open(draft).page.count("Đã xong") == 1


def test_a_change_from_the_check_returns_to_the_check(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    citizen.open(f"{draft}/kiem-tra")
    citizen.open(f"{draft}/khai/request?ve=kiem-tra").send("copies", action="save", copies="3")
    assert citizen.url == f"{draft}/kiem-tra"
    assert "24.000" in citizen.page


def test_answers_hidden_since_are_shown_nowhere_and_never_sent(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    other = {"subject_name": "Trần Văn Con", "subject_birth": "2015", "relation": "Mẹ"}
    citizen.open(f"{draft}/khai/subject").send("for_whom", action="save", for_whom="other", **other)
    assert "Trần Văn Con" in citizen.open(f"{draft}/kiem-tra").page
    citizen.open(f"{draft}/khai/subject").send("for_whom", action="save", for_whom="self")
    assert "Trần Văn Con" not in citizen.open(f"{draft}/kiem-tra").page


def test_the_check_masks_numbers_and_says_doubts(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    odd = REQUESTER | {"requester_citizen_number": "056186000123"}
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **odd)
    page = citizen.open(f"{draft}/kiem-tra").page
    assert "056186000123" not in page
    assert "0561••••0123" in page
    assert "năm sinh là 1986" in page


def test_what_is_not_complete_cannot_be_sent(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    page = citizen.open(f"{draft}/kiem-tra").page
    assert "Còn 1 phần chưa xong" in page
    token = citizen.form("csrf_token").values["csrf_token"] if "csrf_token" in page else [""]
    version = str(country.dossiers()[0].version)
    sent = {"idempotency_key": "k1", "version": version, "csrf_token": token[0]}
    citizen.open(f"{draft}/khai/request")
    sent["csrf_token"] = citizen.form("copies").values["csrf_token"][0]
    citizen.post(f"{draft}/gui", sent)
    assert citizen.status == 422
    assert "Chưa có tệp cho giấy tờ" in citizen.page
    assert country.dossiers()[0].status is Status.DRAFT


@on_both_databases
def test_twenty_presses_at_once_make_one_dossier(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    hand_in(citizen, draft, files=[file(picture(), "the.jpg")])
    citizen.open(f"{draft}/kiem-tra")
    sent = MultiDict(citizen.form("/gui").values)
    cookies = {name: citizen.client.get_cookie(name) for name in ("sid", "form")}
    answers = []

    def press() -> None:
        client = country.app.test_client()
        for name, cookie in cookies.items():
            assert cookie is not None
            client.set_cookie(name, cookie.value)
        answers.append(client.post(f"{draft}/gui", data=sent))

    threads = [Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert [dossier.code for dossier in country.dossiers()] == ["H32.10-261122-0001"]


def test_what_was_sent_is_no_draft_any_more(country: Country) -> None:
    citizen = country.citizen()
    dossier = send_extract(country, citizen)
    again = citizen.open(f"/cua-toi/ban-nhap/{dossier.public_id}/kiem-tra")
    assert again.status == 409
    assert "đã được gửi" in again.page
    assert citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/da-gui").status == 200


def test_a_stale_check_page_does_not_send_what_was_changed_elsewhere(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    hand_in(citizen, draft, files=[file(picture(), "the.jpg")])
    citizen.open(f"{draft}/kiem-tra")
    stale = dict(citizen.form("/gui").values)
    citizen.open(f"{draft}/khai/request").send("copies", action="save", copies="9")
    citizen.post(f"{draft}/gui", stale)
    assert citizen.status == 409
    assert country.dossiers()[0].status is Status.DRAFT


def test_a_session_that_ends_in_the_middle_of_a_page_loses_no_word(
    country: Country, turned_clock: TurnedClock
) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    citizen.open(f"{draft}/khai/request")
    turned_clock.advance(minutes=45)
    citizen.send("copies", action="save", copies="7", purpose="Nhập học")
    assert citizen.status == 401
    assert "Những gì Ông/Bà đã nhập và các tệp đã chọn vẫn còn" in citizen.page
    citizen.send("password", email="citizen-1@test.invalid", password=PASSWORD)
    assert "Nội dung đã nhập vẫn còn nguyên" in citizen.page
    citizen.send("copies")
    citizen.open(f"{draft}/khai/request")
    form = citizen.form("copies")
    assert (form.values["copies"], form.values["purpose"]) == (["7"], ["Nhập học"])


def test_a_draft_is_its_owners_alone(country: Country) -> None:
    draft = start_online(country.citizen())
    stranger = country.citizen("Người Lạ")
    for address in (draft, f"{draft}/khai/request", f"{draft}/kiem-tra"):
        assert stranger.open(address).status == 404


def test_a_procedure_without_a_form_asks_who_and_what(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen, "1.001193")
    assert "Nội dung yêu cầu" in citizen.page
    citizen.open(f"{draft}/khai/request")
    assert "Ông/Bà yêu cầu giải quyết việc gì?" in citizen.page
    assert "Chưa có mẫu chính thức" in citizen.open(draft).page


def test_a_version_published_meanwhile_is_pinned_at_sending(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    hand_in(citizen, draft, files=[file(picture(), "the.jpg")])
    with country.app.app_context(), transaction() as session:
        procedure = session.query(Procedure).filter_by(code="2.000635").one()
        new = _copy_of(procedure)
        procedure.versions.append(new)
    citizen.open(f"{draft}/kiem-tra").send("/gui")
    assert citizen.status == 422
    assert "đã chuyển sang quy định mới" in citizen.page
    citizen.send("/gui")
    assert citizen.url.endswith("/da-gui")
    with country.app.app_context():
        dossier = db.session.get_one(type(country.dossiers()[0]), country.dossiers()[0].id)
        assert dossier.procedure_version.number == 2
        assert db.session.query(DocumentFile).one().document.component_id in {
            component.id for component in dossier.procedure_version.components
        }


def _copy_of(procedure: Procedure) -> object:
    old = procedure.versions[-1]
    skip = {"id", "procedure_id", "number", "content_hash"}
    values = {
        column.key: getattr(old, column.key)
        for column in type(old).__table__.columns
        if column.key not in skip
    }
    new = type(old)(**values, number=2, content_hash="another")
    for paper in old.components:
        data = {
            column.key: getattr(paper, column.key)
            for column in type(paper).__table__.columns
            if column.key not in {"id", "version_id"}
        }
        new.components.append(type(paper)(**data))
    return new


@pytest.mark.parametrize("tail", ["", "/khai/requester", "/kiem-tra"])
def test_a_page_of_filing_asks_the_database_little(country: Country, tail: str) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    with max_queries(12):
        citizen.open(f"{draft}{tail}")


def test_pages_of_a_sent_dossier_ask_the_database_little(country: Country) -> None:
    citizen = country.citizen()
    dossier = send_extract(country, citizen)
    for address in ("/cua-toi", f"/cua-toi/ho-so/{dossier.public_id}", citizen.url):
        with max_queries(12):
            citizen.open(address)


def test_drafts_stay_open_for_days(country: Country, turned_clock: TurnedClock) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    turned_clock.advance(minutes=20)
    citizen.open(f"{draft}/khai/request").send("copies", action="save", copies="2")
    turned_clock.set(turned_clock.moment + timedelta(days=9))
    again = country.visitor().open(draft)
    again.send("password", email="citizen-1@test.invalid", password=PASSWORD)
    assert again.url == draft
    assert "Đã xong" in again.page


@on_both_databases
@pytest.mark.parametrize("door", ["nop/2.000635", "hen-buu-ta/1.004873"])
def test_two_who_begin_at_the_same_moment_go_on_with_one_draft(country: Country, door: str) -> None:
    """One person in two windows: the forms are two, the draft is one."""
    first = country.citizen().open(f"/cua-toi/{door}")
    cookie = first.client.get_cookie("sid")
    assert cookie is not None
    readers = [country.visitor() for _ in range(6)]
    for reader in readers:
        reader.client.set_cookie("sid", cookie.value)
        reader.open(f"/cua-toi/{door}")
    together = Barrier(len(readers))

    def press(reader: Reader) -> int:
        together.wait()
        return reader.send(f"/cua-toi/{door}", follow=False).status

    with ThreadPoolExecutor(len(readers)) as pool:
        assert set(pool.map(press, readers)) == {303}
    assert len(country.dossiers()) == 1


@pytest.mark.parametrize("action", ["later", "save"])
def test_a_draft_keeps_no_more_than_an_answer_may_have(country: Country, action: str) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    citizen.open(f"{draft}/khai/requester")
    endless = "ấ" * 300_000
    citizen.send("requester_name", action=action, requester_name=endless)
    assert citizen.status == 422
    assert "ký tự. Ông/Bà viết gọn lại" in citizen.page
    assert endless in citizen.page
    assert not country.dossiers()[0].answers_text
