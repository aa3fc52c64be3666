"""Scanning from the clerk's page: the button, how it stands, his word when the scanner stops."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import clock
from portal.access import Actor, Role
from portal.db import transaction
from portal.directory.models import Organisation
from portal.documents import held
from portal.dossiers.lifecycle import Status
from portal.extensions import db
from portal.postal import scan_orders, stations
from portal.postal.models import OrderState, ScanOrder, Source
from tests.access.test_stations import PAGE
from tests.factories.post import Road
from tests.factories.stations import make_order, make_station, station_row
from tests.factories.world import World
from tests.portal.postal.pages import send, token
from tests.rig.clocks import TurnedClock
from tests.rig.queries import max_queries

ClientOf = Callable[[Actor], FlaskClient]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def station(road: Road) -> str:
    return make_station(road.clerk, clock.now())[0]


@pytest.fixture
def clerk(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.clerk)


def press(client: FlaskClient, order: str, act: str) -> TestResponse:
    return send(client, f"/buu-dien/lenh-quet/{order}", act=act)


def order_by_button(
    client: FlaskClient, road: Road, dossier: str, chosen: str, **how: str
) -> TestResponse:
    paper = road.papers(dossier)[0].public_id
    data = {"station": chosen, "source": "feeder", "mode": "colour"} | how
    return send(client, f"/buu-dien/ho-so/{dossier}/giay-to/{paper}/quet-tu-may", **data)


def received(order: str, pages: int, reason: str = "jammed") -> None:
    """The station has sent so many pages and stopped."""
    for number in range(1, pages + 1):
        taken = held.look_at(PAGE.getvalue(), number, "page")
        with transaction():
            found = scan_orders.get(order, lock=True)
            found.state = OrderState.SCANNING
            scan_orders.keep(found, number, taken, at=clock.now())
    with transaction():
        scan_orders.stop(scan_orders.get(order, lock=True), reason, at=clock.now())


def only_order() -> ScanOrder:
    db.session.rollback()
    return db.session.query(ScanOrder).one()


def test_without_a_station_there_is_no_button(clerk: FlaskClient, road: Road) -> None:
    page = clerk.get(f"/buu-dien/ho-so/{road.registered()}/kiem-dem").text
    assert "Kiểm đếm giấy tờ" in page
    assert "Quét từ máy" not in page


def test_the_button_gives_an_order_and_the_page_says_how_it_stands(
    clerk: FlaskClient, road: Road, station: str
) -> None:
    dossier = road.registered()
    assert "Quét từ máy" in clerk.get(f"/buu-dien/ho-so/{dossier}/kiem-dem").text
    answer = order_by_button(clerk, road, dossier, station)
    assert answer.status_code == 303
    order = only_order()
    assert (order.state, order.source) == (OrderState.WAITING, Source.FEEDER)
    with max_queries(12):
        page = clerk.get(f"/buu-dien/ho-so/{dossier}/kiem-dem").text
    assert "Đang chờ máy “Quầy 1”" in page
    assert f'data-hx-get="/buu-dien/lenh-quet/{order.public_id}"' in page
    received(order.public_id, 2)
    part = clerk.get(f"/buu-dien/lenh-quet/{order.public_id}", headers=HTMX).text
    assert "Đã giữ 2 trang" in part
    assert "kẹt giấy" in part
    assert "Quét tiếp từ trang 3" in part
    assert "data-hx-get" not in part  # nothing changes any more without the clerk


def test_the_clerk_is_content_with_what_came(clerk: FlaskClient, road: Road, station: str) -> None:
    dossier = road.registered()
    order = make_order(dossier, station, road.clerk, clock.now())
    received(order, 2)
    assert press(clerk, order, "finish").status_code == 303
    assert only_order().state is OrderState.DONE
    (file,) = road.papers(dossier)[0].live_files
    assert (file.pages_total, file.content_type) == (2, "application/pdf")
    assert file.taken_by_name == "Hồ Thị Mai"
    over = clerk.get(f"/buu-dien/lenh-quet/{order}", headers=HTMX)
    assert over.headers["HX-Retarget"].startswith("#postal-scans-")
    assert clerk.get(f"/buu-dien/lenh-quet/{order}").status_code == 303
    assert press(clerk, order, "finish").status_code == 409


def test_a_colleague_goes_on_and_it_is_his_order_then(
    clerk: FlaskClient, road: Road, station: str, world: World, client_of: ClientOf
) -> None:
    order = make_order(road.registered(), station, road.clerk, clock.now())
    received(order, 1)
    colleague = world.actor(Role.POSTAL_CLERK, name="Đỗ Văn Ca")
    assert press(client_of(colleague), order, "go_on").status_code == 303
    now = only_order()
    assert (now.state, now.run, now.pages) == (OrderState.WAITING, 2, 1)
    assert now.user_id == colleague.user_id


def test_a_cancelled_order_keeps_nothing(clerk: FlaskClient, road: Road, station: str) -> None:
    dossier = road.registered()
    order = make_order(dossier, station, road.clerk, clock.now())
    received(order, 2)
    assert press(clerk, order, "cancel").status_code == 303
    assert only_order().state is OrderState.CANCELLED
    assert held.of_order(only_order().id, 1) is None
    assert road.papers(dossier)[0].live_files == []


def test_an_envelope_is_not_sealed_over_a_stack_that_is_not_whole(
    clerk: FlaskClient, road: Road, station: str
) -> None:
    dossier = road.registered()
    road.scanned(dossier)
    road.tallied(dossier)
    order = make_order(dossier, station, road.clerk, clock.now())
    first, second = (paper.public_id for paper in road.papers(dossier))
    typed = {
        "version": str(road.dossier(dossier).version),
        f"{first}-is_present": "y",
        f"{first}-kind": "original",
        f"{first}-pages": "2",
        f"{second}-kind": "copy",
        "act": "seal",
        "seal_number": "NP-1",
    }
    answer = send(clerk, f"/buu-dien/ho-so/{dossier}/kiem-dem", **typed)
    assert answer.status_code == 422
    assert "lệnh quét chưa xong" in answer.text
    press(clerk, order, "cancel")
    typed["version"] = str(road.dossier(dossier).version)
    assert send(clerk, f"/buu-dien/ho-so/{dossier}/kiem-dem", **typed).status_code == 303


def test_a_station_has_one_order_at_a_time_and_says_whose(
    clerk: FlaskClient, road: Road, station: str
) -> None:
    first, second = road.registered(), road.registered()
    make_order(first, station, road.clerk, clock.now())
    answer = order_by_button(clerk, road, second, station)
    assert answer.status_code == 422
    assert f"lệnh quét chưa xong của hồ sơ {road.dossier(first).code}" in answer.text


def test_an_order_nobody_fetches_stands_in_nobodys_way(
    turned_clock: TurnedClock, road: Road, station: str, clerk: FlaskClient
) -> None:
    first, second = road.registered(), road.registered()
    order = make_order(first, station, road.clerk, clock.now())
    turned_clock.advance(minutes=11)
    db.session.rollback()
    part = clerk.get(f"/buu-dien/lenh-quet/{order}", headers=HTMX).text
    assert "không nhận lệnh trong 10 phút" in part
    assert "Quét tiếp từ trang 1" in part
    assert order_by_button(clerk, road, second, station).status_code == 303
    db.session.rollback()
    assert scan_orders.get(order).state is OrderState.CANCELLED


def test_a_dossier_that_was_withdrawn_blocks_no_scanner(
    clerk: FlaskClient, road: Road, station: str
) -> None:
    first, second = road.registered(), road.registered()
    order = make_order(first, station, road.clerk, clock.now())
    received(order, 1)
    road.end(first, Status.WITHDRAWN)
    assert order_by_button(clerk, road, second, station).status_code == 303
    db.session.rollback()
    assert scan_orders.get(order).state is OrderState.CANCELLED


def test_what_nobody_finishes_for_a_week_is_called_off(road: Road, station: str) -> None:
    order = make_order(road.registered(), station, road.clerk, clock.now())
    received(order, 1)
    later = clock.now() + timedelta(days=8)
    with transaction():
        assert scan_orders.sweep(clock.now()) == 0
        assert scan_orders.sweep(later) == 1
    assert only_order().state is OrderState.CANCELLED


@pytest.mark.parametrize("changes", [{"source": "tray"}, {"mode": ""}, {"station": "khong-co"}])
def test_what_nobody_offered_is_refused(
    clerk: FlaskClient, road: Road, station: str, changes: dict[str, str]
) -> None:
    answer = order_by_button(clerk, road, road.registered(), station, **changes)
    assert answer.status_code in (400, 422)
    assert db.session.query(ScanOrder).count() == 0


def test_a_supervisor_pairs_and_shuts_out(road: Road, world: World, client_of: ClientOf) -> None:
    client = client_of(world.actor(Role.POSTAL_SUPERVISOR))
    page = client.get("/buu-dien/may-tram")
    assert page.status_code == 200
    assert "Chưa có máy trạm nào" in page.text
    wrong = send(client, "/buu-dien/may-tram", office="khong-co", name="Quầy 1")
    assert wrong.status_code == 422
    office = road.clerk.organisation
    assert office is not None
    with_code = client.post(
        "/buu-dien/may-tram",
        data={
            "csrf_token": token(client, page.text),
            "idempotency_key": uuid.uuid4().hex,
            "office": _office_name(road.clerk),
            "name": "Quầy 2",
        },
    )
    assert "python -m scanning.station pair" in with_code.text
    db.session.rollback()
    made = stations.of_office(road.clerk.place_id)[0]
    assert made.name == "Quầy 2"
    shown = client.get("/buu-dien/may-tram").text
    assert "Chờ ghép" in shown
    answer = send(client, f"/buu-dien/may-tram/{made.public_id}/thu-hoi")
    assert answer.status_code == 303
    db.session.rollback()
    assert station_row(made.public_id).revoked_at is not None
    assert "Đã thu hồi" in client.get("/buu-dien/may-tram").text


def _office_name(actor: Actor) -> str:

    return db.session.get_one(Organisation, actor.place_id).public_id
