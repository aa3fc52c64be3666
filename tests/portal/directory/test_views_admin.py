"""An administrator keeps how organisations are reached, and closes them."""

import pytest
from flask import Flask

from portal.access import Role
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.directory.models import Organisation, OrganisationKind
from portal.extensions import db
from tests.rig.forms import new_key, send
from tests.rig.queries import max_queries
from tests.rig.sign_in import SignIn


class Desk:
    """An administrator, a post and one office under it."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            self.post = Organisation(code="BD56", name="Bưu điện tỉnh", kind=OrganisationKind.POST)
            self.office = Organisation(
                code="BC56-01",
                name="Bưu cục Thử",
                kind=OrganisationKind.POST_OFFICE,
                parent=self.post,
                phone="0258 3822 123",
            )
            session.add_all([self.post, self.office])
        self.admin = sign_in(Role.ADMIN)

    def do(self, place: Organisation, act: str, **fields: str) -> tuple[int, str]:
        path = f"/quan-tri/to-chuc/{place.public_id}/{act}"
        answer = send(self.admin, path, idempotency_key=new_key(), **fields)
        return answer.status_code, answer.text

    def now(self, place: Organisation) -> Organisation:
        with self.app.app_context():
            return db.session.query(Organisation).filter_by(code=place.code).one()

    def last(self, act: str) -> AuditEvent:
        with self.app.app_context():
            return db.session.query(AuditEvent).filter_by(act=act).one()


@pytest.fixture
def desk(app: Flask, sign_in: SignIn) -> Desk:
    return Desk(app, sign_in)


def test_all_organisations_are_listed(desk: Desk) -> None:
    with max_queries(12):
        page = desk.admin.get("/quan-tri/to-chuc").text
    assert page.index("BC56-01") < page.index("BD56")


def test_a_contact_is_changed_and_the_log_says_which_part(desk: Desk) -> None:
    fields = {"address": "Số 1", "phone": "0258 3822 123", "hours": "8–17", "contact": "Bà Mai"}
    assert desk.do(desk.office, "lien-he", **fields)[0] == 303
    office = desk.now(desk.office)
    assert (office.address, office.hours, office.contact) == ("Số 1", "8–17", "Bà Mai")
    assert desk.last("organisation:edit").detail == {"changed": ["address", "hours", "contact"]}


def test_a_wrong_number_keeps_what_was_typed(desk: Desk) -> None:
    status, text = desk.do(desk.office, "lien-he", phone="gọi Mai", contact="Bà Mai mới")
    assert status == 422
    assert "Số điện thoại gồm 10 hoặc 11 chữ số" in text
    assert "gọi Mai" in text
    assert "Bà Mai mới" in text
    assert desk.now(desk.office).phone == "0258 3822 123"


def test_an_organisation_closes_from_below_and_opens_again(desk: Desk) -> None:
    status, text = desk.do(desk.post, "ngung", reason="Sáp nhập")
    assert status == 409
    assert "đơn vị trực thuộc" in text
    assert desk.do(desk.office, "ngung", reason="")[0] == 422
    assert "Ghi lý do ngừng tổ chức." in desk.do(desk.office, "ngung", reason="  ")[1]
    assert desk.do(desk.office, "ngung", reason="Sáp nhập")[0] == 303
    assert not desk.now(desk.office).is_active
    assert desk.last("organisation:close").reason == "Sáp nhập"
    assert desk.do(desk.office, "ngung", reason="Lần nữa")[0] == 409
    assert desk.do(desk.post, "ngung", reason="Sáp nhập")[0] == 303
    assert desk.do(desk.office, "mo-lai")[0] == 303
    assert desk.now(desk.office).is_active
    assert desk.do(desk.office, "mo-lai")[0] == 409
