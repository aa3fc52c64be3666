"""Results, the courier's round and the supervisor's page."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.access import Actor, Role
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.dossiers.lifecycle import Status
from portal.extensions import db
from portal.postal.lifecycle import ItemState, PickupState
from portal.postal.models import Pickup
from tests.factories.post import Road
from tests.portal.postal.pages import send, token
from tests.rig.queries import max_queries

ClientOf = Callable[[Actor], FlaskClient]


@pytest.fixture
def road(road: Road) -> Road:
    """The round is today's, so these people live today."""
    road.at = clock.now()
    return road


@pytest.fixture
def clerk(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.clerk)


@pytest.fixture
def courier(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.courier)


def version(road: Road, item: str) -> str:
    db.session.rollback()
    return str(road.item(item).dossier.version)


def test_a_result_goes_from_the_agency_to_the_door(
    road: Road, clerk: FlaskClient, courier: FlaskClient
) -> None:
    public_id = road.resolved()
    path = f"/buu-dien/ket-qua/{public_id}/nhan"
    assert path in clerk.get("/buu-dien?xem=ket-qua").get_data(as_text=True)
    seen = str(road.dossier(public_id).version)
    assert send(clerk, path, version=seen, giver_name="").status_code == 422
    answer = send(clerk, path, version=seen, giver_name="Lê Thị Hà")
    item = (answer.location or "").rpartition("/")[2]
    out = send(
        clerk,
        f"/buu-dien/buu-gui/{item}/di-phat",
        version=version(road, item),
        courier=road.courier.public_id,
    )
    assert out.status_code == 303
    assert f"/buu-dien/buu-gui/{item}/phat" in courier.get("/buu-dien/tuyen").get_data(as_text=True)
    form = {
        "version": version(road, item),
        "relation": "self",
        "recipient_name": "Nguyễn Thị Mẫu",
    }
    unchecked = send(courier, f"/buu-dien/buu-gui/{item}/phat", **form)
    assert unchecked.status_code == 422
    assert "Phải kiểm tra căn cước" in unchecked.get_data(as_text=True)
    assert 'value="Nguyễn Thị Mẫu"' in unchecked.get_data(as_text=True)
    done = send(courier, f"/buu-dien/buu-gui/{item}/phat", is_checked="y", **form)
    assert done.location == "/buu-dien/tuyen"
    db.session.rollback()
    assert road.dossier(public_id).status is Status.RETURNED
    assert "Nguyễn Thị Mẫu" in clerk.get(f"/buu-dien/buu-gui/{item}").get_data(as_text=True)


def test_a_proof_of_delivery_on_an_old_picture_keeps_what_was_typed(
    road: Road, courier: FlaskClient
) -> None:
    item = road.out()
    form = {"relation": "self", "recipient_name": "Nguyễn Thị Mẫu", "is_checked": "y"}
    old = str(int(version(road, item)) - 1)
    answer = send(courier, f"/buu-dien/buu-gui/{item}/phat", version=old, **form)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert 'value="Nguyễn Thị Mẫu"' in page
    assert re.search(rf'name="version"[^>]* value="{version(road, item)}"', page)
    assert "nội dung đã nhập vẫn còn ở dưới" in page
    failed = {"version": old, "reason": "absent", "note": "Cổng khoá"}
    answer = send(courier, f"/buu-dien/buu-gui/{item}/khong-phat-duoc", **failed)
    assert answer.status_code == 409
    assert 'value="Cổng khoá"' in answer.get_data(as_text=True)
    assert road.item(item).state is ItemState.OUT_FOR_DELIVERY


def test_a_failed_attempt_is_written_with_its_reason_and_next_day(
    road: Road, clerk: FlaskClient, courier: FlaskClient
) -> None:
    item = road.out()
    path = f"/buu-dien/buu-gui/{item}/khong-phat-duoc"
    assert send(courier, path, version=version(road, item)).status_code == 422
    answer = send(courier, path, version=version(road, item), reason="absent", note="Cổng khoá")
    assert answer.location == "/buu-dien/tuyen"
    page = clerk.get(f"/buu-dien/buu-gui/{item}").get_data(as_text=True)
    assert "Vắng nhà – Cổng khoá" in page
    assert "ít nhất 2 ngày làm việc" in page
    early = send(
        clerk,
        f"/buu-dien/buu-gui/{item}/di-phat",
        version=version(road, item),
        courier=road.courier.public_id,
    )
    assert early.status_code == 422
    assert "ít nhất 2 ngày làm việc: từ" in early.get_data(as_text=True)


def test_a_courier_sees_doors_and_no_papers(road: Road, courier: FlaskClient) -> None:
    pickup = db.session.query(Pickup).filter_by(public_id=road.pickup()).one()
    item = road.out()
    page = courier.get("/buu-dien/tuyen").get_data(as_text=True)
    assert pickup.code in page
    assert "12 Trần Phú" in page
    assert "Cấp Giấy xác nhận" not in page
    assert "0987" not in page
    dossier = road.item(item).dossier.public_id
    for path in (f"/buu-dien/ho-so/{dossier}", f"/buu-dien/ho-so/{dossier}/kiem-dem"):
        assert courier.get(path).status_code == 403


def test_each_look_at_a_number_is_written_down(road: Road, courier: FlaskClient) -> None:
    pickup = road.pickup()

    def ask(kind: str, stop: str) -> tuple[int, str]:
        data = {"csrf_token": token(courier), "kind": kind, "stop": stop}
        answer = courier.post("/buu-dien/tuyen/dien-thoai", data=data)
        return answer.status_code, answer.get_data(as_text=True)

    status, page = ask("pickup", pickup)
    assert status == 200
    assert 'href="tel:0987654321"' in page
    db.session.rollback()
    assert db.session.query(AuditEvent).filter_by(act="postal:see_phone").count() == 1
    foreign = road.pickup(office=road.world.other_office)
    waiting = road.collected()
    done = road.pickup(state=PickupState.COLLECTED)
    for kind, stop in (("pickup", foreign), ("item", waiting), ("pickup", done)):
        assert ask(kind, stop)[0] == 404


def test_a_visit_is_collected_once_or_missed_with_its_reason(
    road: Road, courier: FlaskClient
) -> None:
    first, second = road.pickup(), road.pickup()
    path = f"/buu-dien/tuyen/thu-gom/{first}/da-nhan"
    assert send(courier, path).status_code == 303
    assert send(courier, path).status_code == 409
    assert send(courier, f"/buu-dien/tuyen/thu-gom/{second}/chua-nhan").status_code == 422
    missed = send(courier, f"/buu-dien/tuyen/thu-gom/{second}/chua-nhan", reason="wrong_address")
    assert missed.status_code == 303
    db.session.rollback()
    states = {row.public_id: row for row in db.session.query(Pickup)}
    assert states[first].state is PickupState.COLLECTED
    assert states[first].collected_by == "Lê Văn Đường"
    assert states[second].missed_reason == "wrong_address"


def test_a_round_costs_the_same_however_long(road: Road, courier: FlaskClient) -> None:
    for _ in range(3):
        road.pickup()
        road.out()
    db.session.rollback()
    with max_queries(12):
        assert courier.get("/buu-dien/tuyen").status_code == 200


def test_the_supervisor_sees_what_stands_still_in_every_office(
    road: Road, client_of: ClientOf
) -> None:
    long_ago = road.at - timedelta(days=5)
    late = db.session.query(Pickup).filter_by(public_id=road.pickup(on=long_ago.date())).one().code
    still, moving = road.sealed(), road.sealed()
    unsealed = road.tallied(road.registered())
    with transaction():
        road.item(still).moved_at = long_ago
        road.item(unsealed).moved_at = long_ago
    supervisor = client_of(road.world.actor(Role.POSTAL_SUPERVISOR))
    db.session.rollback()
    with max_queries(12):
        page = supervisor.get("/buu-dien/giam-sat").get_data(as_text=True)
    assert late in page
    assert road.item(still).code in page
    assert road.item(unsealed).code in page
    assert road.item(moving).code not in page
    assert "BC56-01" in page
    assert "BC56-02" in page
    dossier = road.item(still).dossier.public_id
    assert supervisor.get(f"/buu-dien/ho-so/{dossier}").status_code == 200
    assert supervisor.get(f"/buu-dien/ho-so/{dossier}/phieu-gui").status_code == 403


def test_of_two_people_one_delivers(road: Road, clerk: FlaskClient, courier: FlaskClient) -> None:
    item = road.out()
    form = {
        "version": version(road, item),
        "relation": "self",
        "recipient_name": "Nguyễn Thị Mẫu",
        "is_checked": "y",
    }
    answers = [send(who, f"/buu-dien/buu-gui/{item}/phat", **form) for who in (courier, clerk)]
    assert [answer.status_code for answer in answers] == [303, 409]
    db.session.rollback()
    assert road.item(item).state is ItemState.DELIVERED
    assert len(road.item(item).deliveries) == 1
