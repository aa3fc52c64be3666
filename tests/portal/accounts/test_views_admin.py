"""The administrator's desk: accounts and roles, with effect at once and written down."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import clock
from portal.access import Role
from portal.accounts.models import Membership, User
from portal.audit.models import AuditEvent
from portal.backups import services as copies
from portal.db import transaction
from portal.directory.models import Organisation, OrganisationKind
from portal.extensions import db
from tests.factories.chained import Log
from tests.rig.clocks import TurnedClock
from tests.rig.forms import new_key, send
from tests.rig.queries import max_queries
from tests.rig.sign_in import PASSWORD, SignIn


class Desk:
    """An administrator at work, and somebody to work on."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app, self.sign_in = app, sign_in
        with app.app_context(), transaction() as session:
            self.office = Organisation(
                code="BC56-01", name="Bưu cục Thử", kind=OrganisationKind.POST_OFFICE
            )
            self.operator = Organisation(
                code="VANHANH", name="Đơn vị vận hành", kind=OrganisationKind.OPERATOR
            )
            session.add_all([self.office, self.operator])
        self.admin = sign_in(Role.ADMIN, at=self.operator, name="Vũ Quản Trị")
        self.clerk = sign_in(Role.POSTAL_CLERK, at=self.office, name="Hồ Thị Mai")

    def address(self, name: str = "Hồ Thị Mai") -> str:
        with self.app.app_context():
            user = db.session.query(User).filter_by(name=name).one()
            return f"/quan-tri/nguoi-dung/{user.public_id}"

    def do(self, path: str, **fields: str) -> tuple[int, str]:
        answer = send(self.admin, path, idempotency_key=new_key(), **fields)
        return answer.status_code, answer.text

    def acts(self, act: str) -> list[AuditEvent]:
        with self.app.app_context():
            return db.session.query(AuditEvent).filter_by(act=act).all()


@pytest.fixture
def desk(app: Flask, sign_in: SignIn) -> Desk:
    return Desk(app, sign_in)


def is_in(client: FlaskClient) -> bool:
    return client.get("/vai-tro").status_code == 200


def test_the_overview_says_what_waits(desk: Desk) -> None:
    page = desk.admin.get("/quan-tri").text
    assert "Việc nền cần xem" in page
    assert "Người dùng" in page


def test_the_overview_says_whether_the_log_is_sealed_and_agrees(desk: Desk) -> None:
    log = Log(desk.app)
    log.write(2)
    log.seal()
    with max_queries(12):
        page = desk.admin.get("/quan-tri").text
    assert "dòng, lần cuối" in page
    assert f"đến dòng {log.last()}, lúc" in page
    assert "không còn khớp" not in page
    with log.thief() as run:
        run("DELETE FROM audit_seals")
    assert "Nhật ký không còn khớp với dấu kiểm" in desk.admin.get("/quan-tri").text


def test_the_overview_says_how_old_the_last_copy_is(desk: Desk, turned_clock: TurnedClock) -> None:
    assert "Chưa có bản sao lưu nào trong 36 giờ qua" in desk.admin.get("/quan-tri").text
    with desk.app.app_context(), transaction():
        now = clock.now()
        run = copies.begin("/sao-luu/dem", at=now)
        copies.finish(run.id, rows=1234, objects=56, size=7_800_000, at=now)
    page = desk.admin.get("/quan-tri").text
    assert "1234 dòng, 56 tệp, 7,4 MB" in page
    assert "Chưa có bản sao lưu nào" not in page
    turned_clock.advance(hours=37)
    again = desk.sign_in(Role.ADMIN, at=desk.operator, name="Vũ Quản Trị")
    assert "Chưa có bản sao lưu nào trong 36 giờ qua" in again.get("/quan-tri").text


def test_people_are_found_by_name_mail_and_role(desk: Desk) -> None:
    def names(query: str) -> list[str]:
        text = desk.admin.get(f"/quan-tri/nguoi-dung?{query}").text
        return re.findall(r"<bdi>([^<]+)</bdi></a>", text)

    assert names("") == ["Hồ Thị Mai", "Vũ Quản Trị"]
    assert names("tim=Mai") == ["Hồ Thị Mai"]
    assert names("tim=admin-1%40test") == ["Vũ Quản Trị"]
    assert names("vai-tro=admin") == ["Vũ Quản Trị"]
    assert names("tim=%25") == []
    assert names("vai-tro=nobody") == ["Hồ Thị Mai", "Vũ Quản Trị"]


def test_a_long_list_is_read_in_pieces_and_costs_the_same(desk: Desk) -> None:
    with desk.app.app_context(), transaction() as session:
        for number in range(120):
            user = User(
                email=f"n{number}@test.invalid",
                name=f"Người {number:03}",
                password_hash="!",
                created_at=db.session.query(User).first().created_at,
            )
            user.memberships.append(Membership(role=Role.CITIZEN))
            session.add(user)
    seen: list[str] = []
    path = "/quan-tri/nguoi-dung?tim=Ng%C6%B0%E1%BB%9Di"
    for _piece in range(3):
        with max_queries(12):
            text = desk.admin.get(path).text
        seen += re.findall(r"<bdi>(Người \d+)</bdi></a>", text)
        older = re.search(r'href="([^"]*truoc=[^"]*)"', text)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"Người {number:03}" for number in reversed(range(120))]
    assert path == ""
    newer = re.search(r'href="([^"]*sau=[^"]*)"', text)
    assert newer is not None
    back = desk.admin.get(newer[1].replace("&amp;", "&")).text
    assert "Người 069" in back
    assert desk.admin.get("/quan-tri/nguoi-dung?truoc=khong-co").status_code == 200


def test_an_account_is_made_and_can_sign_in(desk: Desk) -> None:
    status, _text = desk.do(
        "/quan-tri/nguoi-dung/tao-moi",
        name="Bùi Văn Sơn",
        email="Son@Test.Invalid",
        role="postal_clerk",
        organisation=desk.office.public_id,
        password=PASSWORD,
    )
    assert status == 303
    (event,) = [e for e in desk.acts("account:create") if e.actor_name == "Vũ Quản Trị"]
    assert event.detail == {"role_given": "postal_clerk"}
    visitor = desk.app.test_client()
    answer = send(visitor, "/dang-nhap", email="son@test.invalid", password=PASSWORD)
    assert answer.status_code == 303


def test_a_password_is_no_part_of_what_is_remembered_of_a_form(desk: Desk) -> None:
    """Otherwise its digest would lie in the database; so another password is the same form."""
    fields = {"name": "A", "email": "a@test.invalid", "role": "citizen"}
    key, path = new_key(), "/quan-tri/nguoi-dung/tao-moi"
    first = send(desk.admin, path, idempotency_key=key, password=PASSWORD, **fields)
    again = send(desk.admin, path, idempotency_key=key, password="x" * 20, **fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": ""}, "Nhập họ và tên."),
        ({"name": "   "}, "Nhập họ và tên."),
        ({"email": "khong phai"}, "Thư điện tử chưa đúng."),
        ({"role": ""}, "Chọn vai trò."),
        ({"role": "courier", "organisation": ""}, "Vai trò này thuộc loại tổ chức: Bưu cục."),
        ({"role": "citizen"}, "Vai trò này không gắn với tổ chức nào."),
        ({"password": "ngan"}, "Mật khẩu phải có từ 12 ký tự trở lên."),
        ({"email": "postal_clerk-2@test.invalid"}, "Thư điện tử này đã có tài khoản."),
    ],
    ids=["name", "spaces", "mail", "role", "place", "no place", "password", "taken"],
)
def test_a_wrong_answer_keeps_everything_typed(
    desk: Desk, changed: dict[str, str], told: str
) -> None:
    fields = {
        "name": "Bùi Văn Sơn",
        "email": "son@test.invalid",
        "role": "postal_clerk",
        "organisation": desk.office.public_id,
        "password": PASSWORD,
    }
    status, text = desk.do("/quan-tri/nguoi-dung/tao-moi", **(fields | changed))
    assert status == 422
    assert told in text
    kept = (fields | changed)["name"] or (fields | changed)["email"]
    assert kept in text
    assert PASSWORD not in text


def test_somebody_disabled_is_out_at_once_and_may_come_back(desk: Desk) -> None:
    assert is_in(desk.clerk)
    assert desk.do(f"{desk.address()}/ngung", **{"disable-reason": "Đã nghỉ việc"})[0] == 303
    assert not is_in(desk.clerk)
    assert desk.acts("account:disable")[0].reason == "Đã nghỉ việc"
    assert desk.do(f"{desk.address()}/mo-lai")[0] == 303
    assert not is_in(desk.clerk)  # the old session stays dead
    assert is_in(desk.sign_in.known(person(desk)))


def test_a_reason_is_asked_beside_its_own_button(desk: Desk) -> None:
    status, text = desk.do(f"{desk.address()}/ngung", **{"disable-reason": ""})
    assert status == 422
    assert "Ghi lý do; lý do được lưu vào nhật ký." in text
    assert 'id="disable-reason-error"' in text
    assert is_in(desk.clerk)


def test_a_role_that_was_taken_works_no_more(desk: Desk) -> None:
    path = f"{desk.address()}/thu-hoi/1"
    assert desk.do(path, **{"role-1-reason": "Chuyển công tác"})[0] == 303
    assert not is_in(desk.clerk)
    (event,) = desk.acts("account:lose_role")
    assert event.detail == {"role_taken": "postal_clerk", "place": "BC56-01"}
    assert desk.do(path, **{"role-1-reason": "Lần nữa"})[0] == 409
    assert desk.do(f"{desk.address()}/thu-hoi/9", **{"role-9-reason": "Lần nữa"})[0] == 404


def test_a_role_is_given_once_and_can_be_given_again(desk: Desk) -> None:
    give = f"{desk.address()}/giao-vai-tro"
    place = desk.office.public_id
    assert desk.do(give, role="courier", organisation=place)[0] == 303
    status, text = desk.do(give, role="courier", organisation=place)
    assert status == 422
    assert "đã có vai trò đó" in text
    assert desk.do(f"{desk.address()}/thu-hoi/2", **{"role-2-reason": "Thôi"})[0] == 303
    assert desk.do(give, role="courier", organisation=place)[0] == 303
    assert len(desk.acts("account:give_role")) == 2
    with desk.app.app_context():
        assert len(person_here(desk).memberships) == 2


def test_the_last_administrator_stays(desk: Desk) -> None:
    me = desk.address("Vũ Quản Trị")
    status, text = desk.do(f"{me}/thu-hoi/1", **{"role-1-reason": "Thử"})
    assert status == 409
    assert "quản trị viên cuối cùng" in text
    assert desk.do(f"{me}/ngung", **{"disable-reason": "Thử"})[0] == 409
    desk.sign_in(Role.ADMIN, at=desk.operator, name="Người Thứ Hai")
    assert desk.do(f"{desk.address('Người Thứ Hai')}/ngung", **{"disable-reason": "x"})[0] == 303
    assert desk.do(f"{me}/thu-hoi/1", **{"role-1-reason": "Thử"})[0] == 409
    assert is_in(desk.admin)


def test_a_new_password_ends_the_old_sessions(desk: Desk) -> None:
    assert desk.do(f"{desk.address()}/mat-khau", password="ngan")[0] == 422
    assert is_in(desk.clerk)
    assert desk.do(f"{desk.address()}/mat-khau", password="mot mat khau moi")[0] == 303
    assert not is_in(desk.clerk)
    email = person(desk).email
    answer = send(desk.app.test_client(), "/dang-nhap", email=email, password="mot mat khau moi")
    assert answer.status_code == 303


def test_a_lost_authenticator_is_forgotten(desk: Desk) -> None:
    with desk.app.app_context(), transaction():
        person_here(desk).totp_secret = "JBSWY3DPEHPK3PXP"
    assert "Xoá mã xác thực" in desk.admin.get(desk.address()).text
    path = f"{desk.address()}/ma"
    assert desk.do(path, **{"second-factor-reason": "Mất điện thoại"})[0] == 303
    with desk.app.app_context():
        assert person_here(desk).totp_secret is None


def test_nobody_else_sees_the_desk(desk: Desk) -> None:
    for path in ("/quan-tri", "/quan-tri/nguoi-dung", desk.address(), "/quan-tri/patterns"):
        assert desk.clerk.get(path).status_code == 403
    assert desk.admin.get("/quan-tri/patterns").status_code == 200
    assert desk.admin.get("/quan-tri/nguoi-dung/khong-co").status_code == 404


def person(desk: Desk) -> User:
    with desk.app.app_context():
        return person_here(desk)


def person_here(desk: Desk) -> User:
    return db.session.query(User).filter_by(name="Hồ Thị Mai").one()
