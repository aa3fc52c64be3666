"""Erasing one's data: what stands against it, what it asks, what becomes of sealed dossiers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal import clock, forgetting
from portal.access import Actor, Place, Role
from portal.accounts.closing import DEMO_DOMAIN
from portal.accounts.models import Membership, User
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers import counting, leaving, queries
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.models.sealed import SealedDossier
from portal.extensions import db
from tests.factories.country import Country, send_extract, start_online
from tests.rig import on_both_databases
from tests.rig.queries import max_queries
from tests.rig.reader import Reader
from tests.rig.sign_in import PASSWORD

PAGE = "/cua-toi/xoa-du-lieu"
REASON = "Công văn 12/CV yêu cầu trích lục"


def withdrawn(country: Country, citizen: Reader) -> Dossier:
    sent = send_extract(country, citizen)
    citizen.open(f"/cua-toi/ho-so/{sent.public_id}/rut").send("reason", reason="Không cần nữa")
    return sent


def leaves(citizen: Reader, **changes: str) -> Reader:
    given = {"password": PASSWORD, "is_sure": "y"} | changes
    return citizen.open(PAGE).send("password", **given)


def records_clerk(country: Country, dossier: Dossier) -> Reader:
    with country.app.app_context():
        place = db.session.get_one(Organisation, dossier.department_id)
        db.session.expunge(place)
    return Reader(country.sign_in(Role.RECORDS_CLERK, at=place))


def test_a_dossier_under_way_stands_against_it(country: Country) -> None:
    citizen = country.citizen()
    form = citizen.open(PAGE).form("password")
    sent = send_extract(country, citizen)
    values = {**form.values, "password": PASSWORD, "is_sure": "y"}
    assert citizen.post(PAGE, values).status == 409
    assert "Còn hồ sơ đang giải quyết" in citizen.page
    citizen.open(PAGE)
    assert "còn 1 hồ sơ đang giải quyết" in citizen.page
    assert f"/cua-toi/ho-so/{sent.public_id}" in citizen.page
    assert 'name="password"' not in citizen.page
    assert citizen.status == 200


def test_it_asks_for_the_password_and_for_being_sure(country: Country) -> None:
    citizen = country.citizen()
    assert leaves(citizen, password="sai mật khẩu rồi").status == 422
    assert "Mật khẩu chưa đúng." in citizen.page
    assert 'value="sai' not in citizen.page
    assert leaves(citizen, password="").status == 422
    assert "Nhập mật khẩu để xác nhận" in citizen.page
    form = citizen.open(PAGE).form("password")
    assert citizen.post(PAGE, {**form.values, "password": PASSWORD}).status == 422
    assert "Đánh dấu vào ô này" in citizen.page
    with country.app.app_context():
        assert db.session.query(User).one().is_active
    assert leaves(citizen).url == "/da-xoa-du-lieu"


def test_staff_first_give_their_role_back(country: Country) -> None:
    citizen = country.citizen()
    with country.app.app_context(), transaction() as session:
        place = session.query(Organisation).filter_by(code="H32.10").one()
        user = session.query(User).one()
        session.add(
            Membership(user_id=user.id, role=Role.ONESTOP_OFFICER, organisation_id=place.id)
        )
    citizen.open(PAGE)
    assert "quản trị viên thu hồi vai trò" in citizen.page
    assert 'name="password"' not in citizen.page


def test_nobody_takes_the_accounts_of_the_demo_from_the_others(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody may sign in with them; an account somebody made for himself is his own."""
    settings = replace(country.app.config["SETTINGS"], demo=True)
    monkeypatch.setitem(country.app.config, "SETTINGS", settings)
    own, shared = country.citizen(), country.citizen("Trần Văn Thử")
    form = shared.open(PAGE).form("password")
    with country.app.app_context(), transaction() as session:
        user = session.query(User).filter_by(name="Trần Văn Thử").one()
        user.email = f"congdan2@{DEMO_DOMAIN}"
    shared.open(PAGE)
    assert shared.page.count("tài khoản mẫu dùng chung của bản trình diễn") == 1
    assert 'name="password"' not in shared.page
    assert shared.post(PAGE, {**form.values, "password": PASSWORD, "is_sure": "y"}).status == 409
    assert shared.page.count("tài khoản mẫu dùng chung của bản trình diễn") == 1
    assert leaves(own).url == "/da-xoa-du-lieu"


@on_both_databases
def test_a_sealed_dossier_is_on_no_desk(country: Country) -> None:
    citizen = country.citizen()
    dossier = withdrawn(country, citizen)
    with country.app.app_context():
        key = str(db.session.get_one(Dossier, dossier.id).lookup_key)
        place = db.session.get_one(Organisation, dossier.receiving_unit_id)
        db.session.expunge(place)
    officer = Reader(country.sign_in(Role.ONESTOP_OFFICER, at=place))
    assert officer.open(f"/can-bo/ho-so/{dossier.public_id}").status == 200
    leaves(citizen)
    assert officer.open(f"/can-bo/ho-so/{dossier.public_id}").status == 404
    for typed in ("Nguyễn Thị Mẫu", "056185000123", str(dossier.code)):
        officer.open("/can-bo/tim").send("q", q=typed)
        assert dossier.public_id not in officer.page
    visitor = country.visitor().open("/tra-cuu").send("key", code=dossier.code, key=key)
    assert visitor.status == 422
    with country.app.app_context():
        row = db.session.get_one(Dossier, dossier.id)
        assert (row.status, row.applicant_name) == (Status.WITHDRAWN, "")
        for role in Role:
            actor = country_actor(country, role, dossier)
            assert list(db.session.scalars(queries.visible(actor))) == []
            assert sum(counting.by_status(actor).values()) == 0
        with transaction():
            assert counting.recount() == 0


def country_actor(country: Country, role: Role, dossier: Dossier) -> Actor:
    """Somebody in this role at the place that had it."""
    where = dossier.department_id if role is Role.RECORDS_CLERK else dossier.receiving_unit_id
    row = db.session.get_one(Organisation, where)
    place = Place(row.id, row.code, row.name, row.kind.value, None, row.province_code, True)
    return Actor(0, "x", "x", "x", role, place, 0, 0, False, 1)


def test_the_archive_opens_it_with_a_reason_that_stays(country: Country) -> None:
    citizen = country.citizen()
    dossier = withdrawn(country, citizen)
    clerk = records_clerk(country, dossier)
    leaves(citizen)
    clerk.open("/can-bo/niem-phong").send("reason", code=dossier.code, reason="")
    assert clerk.status == 422
    assert "Nguyễn Thị Mẫu" not in clerk.page
    clerk.open("/can-bo/niem-phong")
    with max_queries(12):
        clerk.send("reason", code=dossier.code, reason=REASON)
    assert "Nguyễn Thị Mẫu" in clerk.page
    assert "Không cần nữa" in clerk.page
    assert "056185000123" not in clerk.page
    clerk.send("file")
    assert clerk.answer is not None
    assert clerk.answer.headers["Content-Disposition"].startswith('attachment; filename="the.jpg"')
    with country.app.app_context():
        lines = db.session.query(AuditEvent).filter_by(reason=REASON).order_by(AuditEvent.id)
        assert [(line.act, line.role) for line in lines] == [
            ("dossier:open_sealed", "records_clerk"),
            ("file:open_original", "records_clerk"),
        ]


def test_another_department_finds_nothing(country: Country) -> None:
    citizen = country.citizen()
    dossier = withdrawn(country, citizen)
    leaves(citizen)
    with country.app.app_context():
        other = (
            db.session.query(Organisation)
            .filter(Organisation.kind == "department", Organisation.id != dossier.department_id)
            .first()
        )
        assert other
        db.session.expunge(other)
    clerk = Reader(country.sign_in(Role.RECORDS_CLERK, at=other))
    clerk.open("/can-bo/niem-phong").send("reason", code=dossier.code, reason=REASON)
    assert clerk.status == 422
    assert "không có hồ sơ niêm phong nào" in clerk.page
    with country.app.app_context():
        assert db.session.query(AuditEvent).filter_by(act="dossier:open_sealed").count() == 0


def test_what_was_under_way_in_an_older_copy_is_sealed_when_it_ends(country: Country) -> None:
    sent = send_extract(country, country.citizen())
    with country.app.app_context():
        with transaction() as session:
            leaving.erase(session.query(User).one(), at=clock.now())
        assert db.session.query(SealedDossier).count() == 0
        with transaction() as session:
            row = session.get_one(Dossier, sent.id)
            row.status = Status.REJECTED
        assert leaving.left_over() == [sent.id]
        forgetting.settle(clock.now())
        assert leaving.left_over() == []
        assert db.session.query(SealedDossier).one().dossier_id == sent.id


def test_of_very_many_dossiers_the_worker_seals_the_rest(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else waits while thousands are sealed."""
    monkeypatch.setattr(leaving, "AT_ONCE", 1)
    citizen = country.citizen()
    for _ in range(3):
        withdrawn(country, citizen)
    leaves(citizen)
    with country.app.app_context():
        assert db.session.query(SealedDossier).count() == 1
        forgetting.settle(clock.now())
        assert db.session.query(SealedDossier).count() == 3
        assert [row.applicant_name for row in db.session.query(Dossier)] == [""] * 3


def test_the_log_says_that_somebody_left_and_not_who(country: Country) -> None:
    citizen = country.citizen("Lê Thị Rời Đi")
    leaves(citizen)
    with country.app.app_context():
        (line,) = db.session.query(AuditEvent).filter_by(act="account:erase")
        user = db.session.query(User).one()
        assert (line.subject_id, line.actor_name, line.detail) == (user.public_id, "", {})
        assert user.email == user.public_id


def test_an_erased_account_is_not_opened_again(country: Country) -> None:
    citizen = country.citizen()
    leaves(citizen)
    assert "/dang-nhap" in citizen.open("/cua-toi").url
    admin = Reader(country.sign_in(Role.ADMIN))
    with country.app.app_context():
        gone = db.session.query(User).filter(User.erased_at.is_not(None)).one().public_id
    assert admin.open(f"/quan-tri/nguoi-dung/{gone}").status == 404
    assert gone not in admin.open("/quan-tri/nguoi-dung").page


def test_pages_of_leaving(country: Country, axe_of_html: Callable[..., None]) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    axe_of_html(citizen.open(f"{draft}/xoa").page)
    axe_of_html(citizen.open("/cua-toi").page)
    axe_of_html(citizen.open(PAGE).page)
    axe_of_html(leaves(citizen, password="").page)
    dossier = withdrawn(country, citizen)
    clerk = records_clerk(country, dossier)
    axe_of_html(leaves(citizen).page)
    axe_of_html(clerk.open("/can-bo/niem-phong").page)
    axe_of_html(clerk.send("reason", code=dossier.code, reason=REASON).page)
