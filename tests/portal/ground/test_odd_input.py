"""Whatever stands in an address or a field gets a page and a sentence, never a fault."""

from uuid import uuid4

import pytest
from flask import Flask

from portal.access import Role
from portal.dossiers.lifecycle import Status
from tests.factories.office import Office
from tests.factories.steps import token_of
from tests.factories.world import make_world
from tests.rig.sign_in import SignIn

HUGE, ENDLESS = "9" * 30, "9" * 5000


@pytest.fixture
def office(app: Flask) -> Office:
    with app.test_request_context():
        return Office(app, make_world())


@pytest.mark.parametrize("mark", [HUGE, ENDLESS, "-1", "²", "٣", "x", "2147483648"])
@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.CITIZEN, "/cua-toi?truoc="),
        (Role.POSTAL_CLERK, "/buu-dien?sau="),
        (Role.ADMIN, "/quan-tri/nhat-ky?truoc="),
    ],
)
def test_a_mark_that_no_row_has_shows_the_list_from_its_beginning(
    office: Office, role: Role, address: str, mark: str
) -> None:
    assert office.client(role).get(address + mark).status_code == 200


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_no_dossier_has_shows_the_inbox_from_its_beginning(
    office: Office, moment: str
) -> None:
    inbox = office.client(Role.ONESTOP_OFFICER).get(f"/can-bo?sau={moment}~H32.10")
    assert inbox.status_code == 200


@pytest.mark.parametrize("day", ["01/01/0001", "31/12/9999"])
@pytest.mark.parametrize("field", ["tu", "den"])
def test_a_day_out_of_all_time_is_said_beside_its_field(
    sign_in: SignIn, field: str, day: str
) -> None:
    page = sign_in(Role.AUDITOR).get("/quan-tri/nhat-ky", query_string={field: day})
    assert page.status_code == 422
    assert "Nhập ngày dạng 20/11/2026." in page.text


@pytest.mark.parametrize("number", [HUGE, ENDLESS, "²"])
def test_a_turn_or_size_that_nobody_offered_becomes_the_usual(office: Office, number: str) -> None:
    public_id = office.dossier(Status.PROCESSING)
    office.page(public_id, "Tờ khai")
    query = {"xoay": number, "co": number}
    page = office.client(Role.OFFICER).get(f"/can-bo/ho-so/{public_id}", query_string=query)
    assert page.status_code == 200


@pytest.mark.parametrize("version", [HUGE, ENDLESS, "²", "-1", ""])
def test_a_version_that_never_was_is_an_old_picture(office: Office, version: str) -> None:
    public_id = office.dossier(Status.PROCESSING)
    officer = office.client(Role.OFFICER)
    form = {"csrf_token": token_of(officer), "idempotency_key": uuid4().hex, "version": version}
    answer = officer.post(f"/can-bo/ho-so/{public_id}/nhan-xu-ly", data=form)
    assert answer.status_code == 409


def test_an_amount_of_thousands_of_digits_is_said_beside_its_field(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    officer = office.client(Role.OFFICER)
    form = {
        "csrf_token": token_of(officer),
        "idempotency_key": uuid4().hex,
        "version": str(office.look(public_id).version),
        "amount": ENDLESS,
        "reason": "Lệ phí",
    }
    answer = officer.post(f"/can-bo/ho-so/{public_id}/yeu-cau-nop", data=form)
    assert answer.status_code == 422
    assert "Nhập số tiền bằng số" in answer.text
