"""The doors for the counters' computers: a token opens what is its own, and nothing else does."""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal import clock
from portal.access import Actor, Role
from portal.accounts.models import Membership
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.directory.models import Organisation, OrganisationKind
from portal.documents import held
from portal.documents.models import HeldPage
from portal.doors import ROWS
from portal.extensions import db
from portal.postal import scan_orders, stations
from portal.postal.models import ScanOrder
from tests.factories.post import Road
from tests.factories.stations import make_order, make_station
from tests.factories.world import make_world
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.sign_in import SignIn
from tests.rig.waiting import until

PAGE = io.BytesIO()
Image.new("L", (60, 80), 200).save(PAGE, "JPEG")


@dataclass
class Post:
    """Two offices, each with a station, and an order at the first."""

    road: Road
    station: str
    token: str
    foreign: str
    order: str
    client: FlaskClient

    def ask(self, method: str, path: str, token: str | None = None, **how: Any) -> TestResponse:
        headers = how.pop("headers", {}) | {"Authorization": f"Bearer {token or self.token}"}
        return self.client.open(path, method=method, headers=headers, **how)

    def begin(self, token: str | None = None) -> TestResponse:
        path = f"/may-quet/lenh/{self.order}/bat-dau"
        return self.ask("POST", path, token, json={"run": 1})

    def send(self, number: int = 1, token: str | None = None) -> TestResponse:
        data = PAGE.getvalue()
        digest = base64.b64encode(sha256(data).digest()).decode()
        headers = {"Content-Digest": f"sha-256=:{digest}:"}
        path = f"/may-quet/lenh/{self.order}/trang/{number}"
        return self.ask("POST", path, token, data=data, headers=headers)

    def end(self, token: str | None = None, pages: int = 1) -> TestResponse:
        path = f"/may-quet/lenh/{self.order}/ket-thuc"
        return self.ask("POST", path, token, json={"run": 1, "pages": pages, "reason": ""})


@pytest.fixture
def post(app: Flask) -> Post:
    with app.test_request_context():
        world = make_world()
        road = Road.laid(world)
        station, token = make_station(road.clerk, clock.now())
        stranger = world.actor(Role.POSTAL_CLERK, at=world.other_office)
        _other, foreign = make_station(stranger, clock.now())
        order = make_order(road.registered(), station, road.clerk, clock.now())
    return Post(road, station, token, foreign, order, app.test_client())


def test_a_station_of_another_office_finds_no_order_here(post: Post) -> None:
    asked = post.ask("GET", "/may-quet/lenh", post.foreign)
    assert asked.json == {"order": None}
    for answer in (post.begin(post.foreign), post.send(1, post.foreign), post.end(post.foreign)):
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"
    assert post.begin().status_code == 200  # and it was there all the time


@on_both_databases
def test_a_revoked_station_is_out_on_its_next_request(post: Post, app: Flask) -> None:
    assert post.begin().status_code == 200
    assert post.send().status_code == 200
    with app.test_request_context(), transaction():
        stations.revoke(
            stations.get(post.station, for_=post.road.clerk), by=post.road.clerk, at=clock.now()
        )
    paired = [row for row in ROWS if row.is_machine and row.is_paired]
    for row in paired:
        path = row.path.replace("<public_id>", post.order).replace("<int:number>", "2")
        answer = post.ask(row.method, path)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), path
    with app.test_request_context():
        kept = scan_orders.get(post.order)
        assert (kept.state, kept.pages, kept.reason) == ("stopped", 1, "revoked")


def test_nobodys_cookie_opens_a_door_and_no_token_opens_a_page(
    post: Post, sign_in: SignIn, app: Flask
) -> None:
    with app.test_request_context():
        admin = sign_in(Role.ADMIN)
    assert admin.get("/may-quet/lenh").status_code == 401
    assert admin.post(f"/may-quet/lenh/{post.order}/bat-dau", json={"run": 1}).status_code == 401
    for path in ("/buu-dien", "/buu-dien/may-tram", f"/buu-dien/lenh-quet/{post.order}"):
        assert "/dang-nhap" in post.ask("GET", path).headers["Location"]


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Basic abc", "Bearer khong-co", "bearer x"]
)
def test_without_a_known_token_nothing_is_answered(post: Post, given: str) -> None:
    headers = {"Authorization": given} if given else {}
    assert post.client.get("/may-quet/lenh", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "header", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}]
)
def test_a_page_of_another_site_reaches_no_machines_door(
    post: Post, header: dict[str, str]
) -> None:
    for row in ROWS:
        if row.is_machine:
            path = row.path.replace("<public_id>", post.order).replace("<int:number>", "1")
            assert post.ask(row.method, path, headers=header).status_code == 403, path


def test_what_the_clerk_may_no_longer_do_his_order_may_not_either(post: Post, app: Flask) -> None:
    assert post.begin().status_code == 200
    with app.test_request_context(), transaction() as session:
        session.query(Membership).filter_by(user_id=post.road.clerk.user_id).update(
            {"is_active": False}
        )
    assert post.ask("GET", "/may-quet/lenh").json == {"order": None}
    assert post.send().status_code == 410
    assert post.end().status_code == 410


@on_both_databases
def test_each_page_is_written_down_with_station_and_clerk(post: Post, app: Flask) -> None:
    assert post.begin().status_code == 200
    assert post.send().status_code == post.send().status_code == 200  # twice is once
    assert post.end().json == {"state": "done"}
    with app.test_request_context():
        lines = db.session.query(AuditEvent).filter(AuditEvent.act.like("scan:%")).all()
        told = [(line.act, line.actor_name, line.detail["station"]) for line in lines]
        dossier = db.session.query(ScanOrder).filter_by(public_id=post.order).one().dossier_id
        assert {line.dossier_id for line in lines} == {dossier}
    acts = ("scan:order", "scan:page", "scan:finish")
    assert told == [(act, "Hồ Thị Mai", "Quầy 1") for act in acts]


def test_an_unchanged_answer_is_a_bare_304(post: Post) -> None:
    first = post.ask("GET", "/may-quet/lenh")
    again = post.ask("GET", "/may-quet/lenh", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    post.begin()
    changed = post.ask("GET", "/may-quet/lenh", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_code_works_once_for_ten_minutes_and_guessing_is_slowed(
    app: Flask, turned_clock: TurnedClock
) -> None:
    client = app.test_client()
    with app.test_request_context():
        clerk = Road.laid(make_world()).clerk
        codes = [_invited(clerk, name) for name in ("một", "hai")]
    answer = client.post("/may-quet/ghep", json={"code": codes[0].lower()})
    assert answer.status_code == 201
    assert client.post("/may-quet/ghep", json={"code": codes[0]}).status_code == 422
    turned_clock.advance(minutes=11)
    assert client.post("/may-quet/ghep", json={"code": codes[1]}).status_code == 422
    statuses = [
        client.post("/may-quet/ghep", json={"code": "AAAA-AAAA"}).status_code for _ in range(10)
    ]
    assert statuses[-1] == 429


def test_a_station_that_comes_back_late_starts_no_scanner(
    turned_clock: TurnedClock, post: Post, app: Flask
) -> None:
    assert post.begin().status_code == 200
    turned_clock.advance(minutes=9)
    assert post.begin().status_code == 200  # it died before its scanner moved, and asks again
    turned_clock.advance(minutes=2)
    assert post.begin().status_code == 409
    with app.test_request_context():
        kept = scan_orders.get(post.order)
        assert (kept.state, kept.reason) == ("stopped", "interrupted")


def test_a_stack_whose_dossier_is_anothers_now_waits_for_him(post: Post, app: Flask) -> None:
    assert post.begin().status_code == 200
    assert post.send().status_code == 200
    with app.test_request_context(), transaction() as session:
        other = session.query(Organisation.id).filter(
            Organisation.kind == OrganisationKind.POST_OFFICE,
            Organisation.id != post.road.clerk.place_id,
        )
        scan_orders.get(post.order).dossier.post_office_id = other.first()[0]
    answer = post.end()
    assert (answer.status_code, answer.json) == (200, {"state": "stopped"})
    with app.test_request_context():
        kept = scan_orders.get(post.order)
        assert (kept.pages, kept.reason) == (1, "not_taken")


GIVES_WAY_ONCE = """
CREATE SEQUENCE given_way;
CREATE FUNCTION give_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('given_way') = 1 THEN RAISE EXCEPTION USING ERRCODE = '40P01'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER gives_way BEFORE INSERT ON held_pages FOR EACH ROW EXECUTE FUNCTION give_way()
"""
NO_MORE = "DROP FUNCTION give_way CASCADE; DROP SEQUENCE given_way"


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_page_that_gives_way_to_another_is_taken_all_the_same(post: Post, app: Flask) -> None:
    assert post.begin().status_code == 200
    with app.test_request_context(), transaction() as session:
        session.execute(text(GIVES_WAY_ONCE))
    try:
        assert post.send().status_code == 200
    finally:
        with app.test_request_context(), transaction() as session:
            session.execute(text(NO_MORE))
    with app.test_request_context():
        assert scan_orders.get(post.order).pages == 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_page_that_comes_while_its_order_is_called_off_is_not_held(
    post: Post, app: Flask
) -> None:
    assert post.begin().status_code == 200

    def call_off() -> None:
        with app.test_request_context(), transaction():
            scan_orders.cancel(scan_orders.get(post.order), by=None, at=clock.now())

    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with app.test_request_context(), ThreadPoolExecutor(1) as others:
        taken = held.look_at(PAGE.getvalue(), 1, "page")
        with transaction(), db.engine.connect() as looking:
            scan_orders.keep(scan_orders.get(post.order, lock=True), 1, taken, at=clock.now())
            called_off = others.submit(call_off)
            until(lambda: looking.scalar(waits), "the other one waits for the order")
        called_off.result(20)
        db.session.rollback()
        assert scan_orders.get(post.order).state == "cancelled"
        assert db.session.query(HeldPage).count() == 0


def _invited(by: Actor, name: str) -> str:
    with transaction():
        made = stations.invite(_office(by), name, by=by, at=clock.now())
        return made[1]


def _office(by: Actor) -> Any:

    return db.session.get_one(Organisation, by.place_id)
