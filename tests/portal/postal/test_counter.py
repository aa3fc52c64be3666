"""The counter through its pages: one Enter opens the next step, a wrong code costs nothing."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.access import Actor, Role
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel
from portal.extensions import db
from portal.postal.models import Pickup
from tests.factories.post import Road
from tests.factories.world import make_dossier
from tests.portal.postal.pages import enter, press, send
from tests.rig.queries import max_queries

ClientOf = Callable[[Actor], FlaskClient]


@pytest.fixture
def clerk(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.clerk)


def target(road: Road, public_id: str, step: str) -> str:
    return f"/buu-dien/ho-so/{public_id}/{step}".rstrip("/")


def test_each_code_opens_its_next_step(road: Road, clerk: FlaskClient) -> None:
    awaited = road.registered()
    sealed = road.sealed()
    on_sealed = road.item(sealed).dossier
    resolved = road.resolved()
    collected = road.collected()
    pickup = db.session.query(Pickup).filter_by(public_id=road.pickup()).one()
    expected = {
        road.dossier(awaited).code: target(road, awaited, "kiem-dem"),
        on_sealed.code: target(road, on_sealed.public_id, "phieu-gui"),
        road.item(sealed).code: target(road, on_sealed.public_id, "phieu-gui"),
        f"https://x.test/tra-cuu?ma={on_sealed.code}": target(
            road, on_sealed.public_id, "phieu-gui"
        ),
        road.dossier(resolved).code: f"/buu-dien/ket-qua/{resolved}/nhan",
        road.item(collected).code: f"/buu-dien/buu-gui/{collected}",
        pickup.code.lower(): target(road, pickup.dossier.public_id, "kiem-dem"),
    }
    assert {code: enter(clerk, code or "").location for code in expected} == expected


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "nhấn Enter"),
        ("H32.10-261116-9999", "Không có hồ sơ mang mã này"),
        ("RH000000121VN", "sai chữ số kiểm tra"),
        ("0900000000", "số điện thoại"),
        ("tào lao", "Không nhận ra mã này"),
    ],
)
def test_a_wrong_code_stays_in_the_field_with_one_sentence(
    clerk: FlaskClient, typed: str, sentence: str
) -> None:
    answer = enter(clerk, typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{typed}"' in page


def test_a_dossier_of_another_office_is_named_but_not_opened(
    road: Road, client_of: ClientOf
) -> None:
    public_id = road.registered()
    stranger = client_of(road.world.actor(Role.POSTAL_CLERK, at=road.world.other_office))
    answer = enter(stranger, road.dossier(public_id).code or "")
    assert answer.status_code == 422
    assert "không thuộc bưu cục này" in answer.get_data(as_text=True)
    item = road.item(road.sealed()).dossier.public_id
    closed = [
        target(road, public_id, ""),
        target(road, public_id, "kiem-dem"),
        target(road, public_id, "kiem-dem/tong"),
        target(road, item, "phieu-gui"),
        f"/buu-dien/buu-gui/{road.collected()}",
        f"/buu-dien/ban-giao/{road.proposed()}",
    ]
    assert {address: stranger.get(address).status_code for address in closed} == dict.fromkeys(
        closed, 404
    )


def test_a_phone_number_gives_the_list_and_is_written_down(road: Road, clerk: FlaskClient) -> None:
    first, second = road.registered("Trần Một"), road.registered("Trần Hai")
    page = enter(clerk, "0912 345 678").get_data(as_text=True)
    assert "Tìm thấy 2 hồ sơ" in page
    assert (road.dossier(first).code or "") in page
    assert (road.dossier(second).code or "") in page
    audit = db.session.query(AuditEvent).filter_by(act="postal:find_person").one()
    assert "912" not in str(audit.detail)


def test_a_dossier_without_an_office_is_taken_where_it_is_brought(
    road: Road, clerk: FlaskClient
) -> None:
    citizen = road.world.actor(Role.CITIZEN)
    public_id = make_dossier(road.world, citizen, channel=Channel.POST, at=road.at)
    with transaction():
        road.dossier(public_id).post_office_id = None
    code = road.dossier(public_id).code or ""
    page = enter(clerk, code)
    shown = page.get_data(as_text=True)
    assert "chưa thuộc bưu cục nào" in shown
    assert road.dossier(public_id).applicant_name not in shown
    guess = press(clerk, page, "/buu-dien/nhan", ma=code, khoa="AAAAAA")
    assert guess.status_code == 422
    assert "Khoá tra cứu chưa đúng" in guess.get_data(as_text=True)
    assert road.dossier(public_id).post_office_id is None
    noted = ("postal:look_unclaimed", "postal:claim_refused")
    lines = db.session.query(AuditEvent).filter(AuditEvent.act.in_(noted)).order_by("id").all()
    assert [line.act for line in lines] == list(noted)
    assert {line.dossier_id for line in lines} == {road.dossier(public_id).id}
    key = road.dossier(public_id).lookup_key or ""
    answer = press(clerk, page, "/buu-dien/nhan", ma=code, khoa=key.lower())
    assert answer.location == target(road, public_id, "kiem-dem")
    assert road.dossier(public_id).post_office_id == road.world.office


def test_who_looks_too_often_at_what_is_not_his_is_stopped_and_written_down(
    road: Road, clerk: FlaskClient
) -> None:
    statuses = [enter(clerk, f"H32.10-261116-{number:04}").status_code for number in range(21)]
    assert statuses == [422] * 20 + [429]
    line = db.session.query(AuditEvent).filter_by(act="postal:claim_stopped").one()
    assert line.actor_id == road.clerk.user_id
    assert line.detail == {"tried": "look_unclaimed"}


WALK_IN = {
    "procedure": "1.004873",
    "applicant_name": "trần  văn khách",
    "citizen_number": "056088001234",
    "phone": "0912 345 678",
    "address": "12 Trần Phú",
    "return_mode": "post",
    "act": "send",
}


def test_a_walk_in_is_sent_under_both_names(road: Road, clerk: FlaskClient) -> None:
    answer = send(clerk, "/buu-dien/ho-so-moi", **WALK_IN)
    assert answer.status_code == 303
    public_id = (answer.location or "").split("/")[3]
    dossier = road.dossier(public_id)
    assert dossier.applicant_name == "trần văn khách"
    assert dossier.submitted_by_id == road.clerk.user_id
    assert dossier.applicant_id is None
    assert (dossier.channel, dossier.status) == (Channel.POST, Status.REGISTERED)
    assert dossier.phone == "+84912345678"
    assert dossier.return_address == "12 Trần Phú"
    page = clerk.get(answer.location or "").get_data(as_text=True)
    assert (dossier.code or "") in page
    assert (dossier.lookup_key or "") in page


def test_a_number_typed_in_groups_finds_its_person_again(road: Road, clerk: FlaskClient) -> None:
    in_groups = WALK_IN | {"citizen_number": "056 088 001 234"}
    answer = send(clerk, "/buu-dien/ho-so-moi", **in_groups)
    public_id = (answer.location or "").split("/")[3]
    assert enter(clerk, "056088001234").location == target(road, public_id, "kiem-dem")


def test_an_empty_walk_in_says_what_is_missing_and_keeps_the_rest(clerk: FlaskClient) -> None:
    wrong = WALK_IN | {"procedure": "", "phone": "12", "citizen_number": "123"}
    answer = send(clerk, "/buu-dien/ho-so-moi", **wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for sentence in ("Chọn thủ tục người dân cần làm", "Số điện thoại chưa đúng", "12 chữ số"):
        assert sentence in page
    assert 'value="12 Trần Phú"' in page


def test_a_card_fills_the_form_and_says_that_it_proves_nothing(clerk: FlaskClient) -> None:
    card = "056088001234||TRẦN VĂN KHÁCH|01011988|Nam|12 Trần Phú, Nha Trang|01012022"
    answer = send(clerk, "/buu-dien/ho-so-moi", card=card, act="card", phone="0912345678")
    page = answer.get_data(as_text=True)
    assert "Dữ liệu đọc từ QR, chưa xác thực" in page
    assert 'value="Trần Văn Khách"' in page
    assert 'value="056088001234"' in page
    assert 'value="0912345678"' in page
    broken = send(clerk, "/buu-dien/ho-so-moi", card="không phải thẻ", act="card")
    assert broken.status_code == 422
    assert "Không đọc được QR" in broken.get_data(as_text=True)


def test_a_walk_in_sent_twice_is_one_dossier(road: Road, clerk: FlaskClient) -> None:
    first = send(clerk, "/buu-dien/ho-so-moi", key="once", **WALK_IN)
    again = send(clerk, "/buu-dien/ho-so-moi", key="once", **WALK_IN)
    assert first.location == again.location


@pytest.mark.parametrize("tab", ["thu-gom", "cho-giay-to", "tai-quay", "niem-phong", "ket-qua"])
def test_a_list_costs_the_same_however_long(road: Road, clerk: FlaskClient, tab: str) -> None:
    for _ in range(3):
        road.pickup()
        road.registered()
        road.tallied(road.registered())
        road.sealed()
        road.collected()
    db.session.rollback()
    with max_queries(12):
        assert clerk.get(f"/buu-dien?xem={tab}").status_code == 200


@pytest.mark.parametrize("role", [Role.COURIER, Role.POSTAL_SUPERVISOR])
def test_the_door_of_the_post_leads_each_to_his_desk(
    road: Road, client_of: ClientOf, role: Role
) -> None:
    home = {Role.COURIER: "/buu-dien/tuyen", Role.POSTAL_SUPERVISOR: "/buu-dien/giam-sat"}[role]
    answer = client_of(road.world.actor(role)).get("/buu-dien")
    assert answer.location == home
