"""Two officers at once, whose work it is, and the paper that carries a result."""

import io
from datetime import timedelta

import pikepdf
import pytest

from portal.access import Role
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import ReturnMode
from portal.dossiers.models.notices import Outcome
from portal.extensions import db
from portal.jobs.models import Job
from tests.factories.office import FRIDAY, Office
from tests.factories.steps import (
    assign,
    filled,
    hidden,
    send,
    step_address,
)
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock


@pytest.fixture(autouse=True)
def friday(turned_clock: TurnedClock) -> TurnedClock:
    turned_clock.set(FRIDAY + timedelta(hours=1))
    return turned_clock


@on_both_databases
def test_of_two_who_decide_one_wins_and_the_other_keeps_what_he_typed(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    first = office.client(Role.OFFICER, None, "Cán bộ Một")
    second = office.client(Role.OFFICER, None, "Cán bộ Hai")
    seen = filled(office, second, Verb.DECIDE, public_id)
    assert send(office, first, Role.OFFICER, public_id, Verb.DECIDE).status_code == 303
    answer = second.post(
        step_address(public_id, Verb.DECIDE, Role.OFFICER),
        data=seen | {"kind": "denied", "summary": "Không đủ điều kiện vì khai sai"},
    )
    assert answer.status_code == 409
    assert "Đã có kết quả giải quyết." in answer.text
    assert "Không đủ điều kiện vì khai sai" in answer.text
    with office.inside():
        assert [outcome.summary for outcome in db.session.query(Outcome)] == ["Đồng ý cấp"]


def test_after_a_conflict_the_same_form_may_be_sent_again_if_the_step_still_stands(
    office: Office,
) -> None:
    """Somebody only took the dossier meanwhile; the decision is shown again, on the new state."""
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    stale = filled(office, client, Verb.STOP, public_id)
    assign(office, client, public_id, "nhan-xu-ly")
    address = step_address(public_id, Verb.STOP, Role.OFFICER)
    answer = client.post(address, data=stale)
    assert answer.status_code == 409
    assert "nhận xử lý hồ sơ" in answer.text
    again = stale | {name: hidden(answer.text, name) for name in ("version", "idempotency_key")}
    assert client.post(address, data=again).status_code == 303
    assert office.look(public_id).status is Status.STOPPED


def test_a_form_sent_twice_acts_once(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    form = filled(office, client, Verb.DECIDE, public_id)
    address = step_address(public_id, Verb.DECIDE, Role.OFFICER)
    assert [client.post(address, data=form).status_code for _ in range(2)] == [303, 303]
    with office.inside():
        assert db.session.query(Outcome).count() == 1


def test_a_dossier_is_taken_by_one_officer_and_put_back_by_him(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    first = office.client(Role.OFFICER, None, "Cán bộ Một")
    second = office.client(Role.OFFICER, None, "Cán bộ Hai")
    assert assign(office, first, public_id, "nhan-xu-ly").status_code == 303
    taken = assign(office, second, public_id, "nhan-xu-ly")
    assert taken.status_code == 409
    assert "Cán bộ Một đang xử lý" in second.get(f"/can-bo/ho-so/{public_id}").text
    assert assign(office, second, public_id, "tra-lai-phong").status_code == 409
    assert assign(office, first, public_id, "tra-lai-phong").status_code == 303
    assert office.look(public_id).officer_id is None


def pdf() -> bytes:
    held = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.save(held)
    return held.getvalue()


def test_the_result_file_goes_into_the_dossier_and_is_queued_to_be_read(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    form = filled(office, client, Verb.DECIDE, public_id)
    address = step_address(public_id, Verb.DECIDE, Role.OFFICER)
    upload = {"outcome": (io.BytesIO(pdf()), "kết quả.pdf")}
    assert client.post(address, data=form | upload).status_code == 303
    page = client.get(f"/can-bo/ho-so/{public_id}").text
    assert "kết quả.pdf" in page
    with office.inside():
        outcome = db.session.query(Outcome).one()
        assert outcome.document is not None
        assert [file.name for file in outcome.document.files] == ["kết quả.pdf"]
        assert db.session.query(Job).filter_by(dossier_id=outcome.dossier_id).count() == 1


def test_a_bad_result_file_gets_its_sentence_beside_the_field(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    form = filled(office, client, Verb.DECIDE, public_id)
    upload = {"outcome": (io.BytesIO(b"<html>"), "ket-qua.pdf")}
    answer = client.post(step_address(public_id, Verb.DECIDE, Role.OFFICER), data=form | upload)
    assert answer.status_code == 422
    assert "ket-qua.pdf" in answer.text
    assert "Đồng ý cấp" in answer.text
    assert office.look(public_id).status is Status.PROCESSING


def test_an_uploaded_result_survives_a_conflict(office: Office) -> None:
    """It was stored at the first try; the second try needs no new choice."""
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    stale = filled(office, client, Verb.DECIDE, public_id)
    assign(office, client, public_id, "nhan-xu-ly")
    address = step_address(public_id, Verb.DECIDE, Role.OFFICER)
    answer = client.post(address, data=stale | {"outcome": (io.BytesIO(pdf()), "kết quả.pdf")})
    assert answer.status_code == 409
    assert "Đã nhận tệp “kết quả.pdf”" in answer.text
    kept = {name: hidden(answer.text, name) for name in ("version", "idempotency_key", "kept")}
    assert client.post(address, data=stale | kept).status_code == 303
    with office.inside():
        document = db.session.query(Outcome).one().document
        assert document is not None
        assert document.files[0].name == "kết quả.pdf"


def test_a_kept_file_cannot_be_made_up_or_borrowed(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    answer = send(office, client, Role.OFFICER, public_id, Verb.DECIDE, kept="WyJhIiwge31d.x")
    assert answer.status_code == 422
    assert "Tệp đã gửi lần trước không còn được giữ" in answer.text
    assert hidden(answer.text, "kept") == ""
    assert office.look(public_id).status is Status.PROCESSING


def test_the_receiver_stands_on_the_control_sheet_and_not_in_the_history(office: Office) -> None:
    """The history is read by anyone who has code and key."""
    public_id = office.dossier(Status.RESOLVED)
    client = office.client(Role.ONESTOP_OFFICER)
    receiver = "Trần Văn Nhận Hộ"
    send(
        office, client, Role.ONESTOP_OFFICER, public_id, Verb.RETURN_OUTCOME,
        receiver=receiver, shown="authorised",
    )  # fmt: skip
    page = client.get(f"/can-bo/ho-so/{public_id}").text
    assert receiver in page
    assert receiver not in page[page.index("dossiers-history") :]
    with office.inside():
        lines = db.session.query(ControlSheetLine).order_by(ControlSheetLine.id).all()
    assert lines[-1].taker_name == receiver
    assert "ủy quyền" in lines[-1].note


def test_a_result_that_goes_by_post_is_not_returned_at_the_desk(office: Office) -> None:
    public_id = office.dossier(Status.RESOLVED, return_mode=ReturnMode.POST)
    client = office.client(Role.ONESTOP_OFFICER)
    answer = send(office, client, Role.ONESTOP_OFFICER, public_id, Verb.RETURN_OUTCOME)
    assert answer.status_code == 409
    assert office.look(public_id).status is Status.RESOLVED
    assert "bàn giao cho bưu điện" in client.get(f"/can-bo/ho-so/{public_id}").text
