"""One dossier on its whole road; whoever looks at it keeps a ledger, and its owner's page agrees.

Ten people, each through his own doors: what they saw stands there, each look as often as it was
had, and nothing else does. What is seen in a list of work, or refused, is no look.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient

from portal.access import Role
from portal.db import transaction
from portal.directory.models import Organisation
from portal.documents.services import ensure_documents
from portal.dossiers import services
from portal.dossiers.lifecycle import Verb
from portal.dossiers.models.dossier import Channel
from portal.dossiers.models.notices import OutcomeKind
from portal.extensions import db
from portal.postal import returns
from portal.postal import services as postal
from portal.postal.lifecycle import PickupState
from portal.postal.models import Pickup, Slot
from tests.factories.office import FRIDAY, Office
from tests.factories.post import Road
from tests.factories.steps import step_address, token_of
from tests.factories.world import make_dossier
from tests.portal.dossiers.test_looks import CELL, OLDER, ROW, address, look_up
from tests.rig.clocks import TurnedClock

HANDED_ON = "Hồ sơ, giấy tờ chuyển tay"
OPENED, LISTED = "Mở hồ sơ", "Thấy hồ sơ trong danh sách"
ROUND = "Tuyến thu gom và phát trong ngày: tên, địa chỉ"
GLANCED = "Xem lướt tệp (ảnh thu nhỏ, chữ trên trang)"
NUMBER = "056185980017"
Look = tuple[str, str, str]  # who, what was done, where


@dataclass
class Walk:
    """The dossier, who is about, and what each of them saw, written down as he saw it."""

    office: Office
    road: Road
    clock: TurnedClock
    dossier: str
    ledger: Counter[Look] = field(default_factory=Counter)
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def person(self, role: Role, name: str = "Người Thử", at: int | None = None) -> FlaskClient:
        key = f"{role} {name}"
        if key not in self.clients:
            self.clients[key] = self.office.client(role, at, name)
        return self.clients[key]

    def looks(self, role: Role, path: str, where: str = "", what: str = OPENED, **how: str) -> None:
        """He opens it and writes down what he has seen."""
        name = how.pop("name", "Người Thử")
        answer = self.person(role, name).get(path, headers=how)
        assert answer.status_code in (200, 409), f"{path}: {answer.status_code} {answer.location}"
        if what:
            self.ledger[str(role.label), what, where] += 1

    def glances(self, role: Role) -> None:
        """Beside the page he has opened stands the scan of the counter, with its words."""
        self.ledger[str(role.label), GLANCED, "Tờ khai (tệp quet.pdf)"] += 1

    def sees_no_more(self, role: Role, path: str, **how: str) -> None:
        """What he opens is a list of work, a part of the page he has just opened, or his again."""
        self.looks(role, path, what="", **how)

    def is_refused(self, role: Role, path: str, at: int | None = None) -> None:
        assert self.person(role, "Người Ngoài", at).get(path).status_code in (403, 404)

    def sends(self, role: Role, path: str, *, name: str = "Người Thử", **fields: str) -> int:
        client = self.person(role, name)
        fields |= {"csrf_token": token_of(client), "idempotency_key": f"{len(self.ledger)}{path}"}
        return client.post(path, data=fields).status_code

    def told(self, asked: str = "") -> Counter[Look]:
        """What stands on the owner's page, all of it, without the hands it went through."""
        found: Counter[Look] = Counter()
        path = address(self.dossier) + asked
        while path:
            text = self.person(Role.CITIZEN).get(path).text
            for row in ROW.findall(text):
                who, what = (
                    [part.strip() for part in re.split(r"<br>|<[^>]*>", cell) if part.strip()]
                    for cell in CELL.findall(row)
                )
                if HANDED_ON not in what:
                    found[who[0], what[0], "".join(what[1:])] += 1
            older = OLDER.search(text)
            path = older[1].replace("&amp;", "&") if older else ""
        return found


@pytest.fixture
def walk(office: Office, turned_clock: TurnedClock) -> Walk:
    turned_clock.set(FRIDAY)
    roles = (Role.POSTAL_CLERK, Role.ONESTOP_OFFICER, Role.COURIER)
    road = Road(office.world, *[office.actor(role) for role in roles], at=FRIDAY)
    citizen = office.actor(Role.CITIZEN)
    with office.inside():
        dossier = make_dossier(office.world, citizen, channel=Channel.POST, at=FRIDAY)
        with transaction() as session:
            found = office.load(dossier)
            found.citizen_number = NUMBER
            ensure_documents(found)
            booked = Pickup(
                code="TG-LANXEM",
                dossier=found,
                post_office_id=office.world.office,
                state=PickupState.REQUESTED,
                slot_on=FRIDAY.date(),
                slot=Slot.MORNING,
                address="12 Trần Phú",
                commune_code=office.world.commune,
                requested_at=FRIDAY,
            )
            booked.phone = "+84987654321"
            session.add(booked)
    return Walk(office, road, turned_clock, dossier)


def at_the_door(walk: Walk) -> None:
    """The courier sees where to go; looking at his round again is the same look."""
    with walk.office.inside():
        pickup = walk.road.dossier(walk.dossier)
        visit = db.session.query(Pickup).filter_by(dossier_id=pickup.id).one().public_id
    walk.looks(Role.COURIER, "/buu-dien/tuyen", ROUND, LISTED)
    walk.sees_no_more(Role.COURIER, "/buu-dien/tuyen")
    walk.looks(
        Role.COURIER,
        f"/buu-dien/tuyen/thu-gom/{visit}/chua-nhan",
        "Trang ghi lần chưa thu gom được",
    )
    sent = walk.sends(Role.COURIER, "/buu-dien/tuyen/dien-thoai", kind="pickup", stop=visit)
    assert sent == 200
    walk.ledger[str(Role.COURIER.label), "Xem số điện thoại", ""] += 1
    with walk.office.inside(), transaction():
        walk.road.visited(db.session.query(Pickup).filter_by(public_id=visit).one())


def at_the_counter(walk: Walk) -> str:
    """The clerk counts and seals, his supervisor looks in; returns the envelope."""
    mine = f"/buu-dien/ho-so/{walk.dossier}"
    for _ in range(2):
        walk.looks(Role.POSTAL_CLERK, mine, "Trang hồ sơ tại bưu cục")
    walk.looks(Role.POSTAL_CLERK, f"{mine}/kiem-dem", "Trang kiểm đếm giấy tờ")
    for _ in range(3):  # the page asks by itself
        walk.sees_no_more(Role.POSTAL_CLERK, f"{mine}/kiem-dem/tong")
    walk.sees_no_more(Role.POSTAL_CLERK, "/buu-dien?xem=thu-gom")
    walk.looks(Role.POSTAL_SUPERVISOR, mine, "Trang hồ sơ tại bưu cục")
    walk.sees_no_more(Role.POSTAL_SUPERVISOR, "/buu-dien/giam-sat")
    walk.is_refused(Role.POSTAL_CLERK, mine, walk.office.world.other_office)
    with walk.office.inside():
        walk.road.scanned(walk.dossier)
        walk.road.tallied(walk.dossier)
        with transaction():
            found = walk.road.dossier(walk.dossier)
            sealed = postal.seal(found, "NP-1", "", by=walk.road.clerk, at=FRIDAY).public_id
    walk.looks(Role.POSTAL_CLERK, f"{mine}/phieu-gui", "Trang phong bì đã niêm phong")
    walk.looks(Role.POSTAL_CLERK, f"/buu-dien/buu-gui/{sealed}/phieu-gui.pdf", "", "In phiếu gửi")
    return sealed


def at_the_table(walk: Walk, sealed: str) -> None:
    """The envelope changes hands together with another person's."""
    with walk.office.inside():
        record = walk.road.proposed(sealed, walk.road.sealed())
    walk.looks(Role.POSTAL_CLERK, f"/buu-dien/ban-giao/{record}", "Bảng kê bàn giao")
    walk.looks(Role.ONESTOP_OFFICER, f"/can-bo/ban-giao/{record}", "Bảng kê bàn giao")
    paper = f"/can-bo/ban-giao/{record}/bien-ban.pdf"
    walk.looks(Role.ONESTOP_OFFICER, paper, "", "In bảng kê bàn giao")
    walk.sees_no_more(Role.ONESTOP_OFFICER, "/can-bo/ban-giao")
    with walk.office.inside():
        walk.road.sign(record)


def at_the_centre(walk: Walk) -> None:
    """Accepted and given on."""
    mine = f"/can-bo/ho-so/{walk.dossier}"
    walk.looks(Role.ONESTOP_OFFICER, mine, "Trang hồ sơ")
    walk.glances(Role.ONESTOP_OFFICER)
    accept = step_address(walk.dossier, Verb.ACCEPT, Role.ONESTOP_OFFICER)
    walk.looks(Role.ONESTOP_OFFICER, accept, "Trang tiếp nhận")
    forward = step_address(walk.dossier, Verb.FORWARD, Role.ONESTOP_OFFICER)
    with walk.office.inside(), transaction():
        services.accept(walk.road.dossier(walk.dossier), by=walk.road.officer, at=FRIDAY)
    walk.looks(Role.ONESTOP_OFFICER, forward, "Trang chuyển xử lý")
    with walk.office.inside(), transaction() as session:
        department = session.get_one(Organisation, walk.office.world.department)
        services.forward(
            walk.road.dossier(walk.dossier), department, by=walk.road.officer, at=FRIDAY
        )


def in_the_department(walk: Walk, picture: str) -> None:
    """Read, looked for, decided; a form that is sent empty shows the page and is a look as well."""
    mine = f"/can-bo/ho-so/{walk.dossier}"
    for name in ("Cán Bộ Một", "Cán Bộ Hai"):
        walk.looks(Role.OFFICER, mine, "Trang hồ sơ", name=name)
        walk.glances(Role.OFFICER)
        walk.looks(Role.OFFICER, picture, "Tờ khai, trang 1", "Mở ảnh trang", name=name)
        walk.sees_no_more(Role.OFFICER, mine, name=name, **{"HX-Request": "true"})
    walk.sees_no_more(Role.OFFICER, "/can-bo", name="Cán Bộ Ba")
    assert walk.sends(Role.OFFICER, "/can-bo/tim", name="Cán Bộ Ba", q=NUMBER) == 200
    walk.ledger["Cán bộ thụ lý", LISTED, "Kết quả tìm theo số của một người"] += 1
    stop = step_address(walk.dossier, Verb.STOP, Role.OFFICER)
    for _ in range(2):
        assert walk.sends(Role.OFFICER, stop, name="Cán Bộ Bốn") == 422
    walk.ledger["Cán bộ thụ lý", OPENED, "Trang dừng xử lý"] += 1
    theirs = f"/lanh-dao/ho-so/{walk.dossier}"
    walk.looks(Role.LEADER, theirs, "Trang hồ sơ")
    walk.glances(Role.LEADER)
    walk.looks(Role.LEADER, f"{theirs}/quyet-dinh", "Trang ký quyết định")
    walk.looks(Role.RECORDS_CLERK, mine, "Trang hồ sơ")
    walk.glances(Role.RECORDS_CLERK)
    walk.sees_no_more(Role.CONTROL, "/lanh-dao/danh-sach")
    walk.is_refused(Role.CONTROL, theirs)
    walk.is_refused(Role.ONESTOP_OFFICER, mine, walk.office.world.other_centre)
    worker = walk.office.actor(Role.OFFICER)
    with walk.office.inside(), transaction():
        found = walk.road.dossier(walk.dossier)
        services.decide(found, OutcomeKind.GRANTED, "Cấp", "1/XN", None, by=worker, at=FRIDAY)


def on_the_way_home(walk: Walk) -> None:
    """The result is fetched and brought; the courier sees whom he brings it to."""
    fetch = f"/buu-dien/ket-qua/{walk.dossier}/nhan"
    walk.looks(Role.POSTAL_CLERK, fetch, "Trang nhận kết quả tại cơ quan")
    with walk.office.inside(), transaction():
        found = walk.road.dossier(walk.dossier)
        item = returns.collect(found, "Lê Thị Hà", "", by=walk.road.clerk, at=FRIDAY).public_id
    walk.looks(Role.POSTAL_CLERK, f"/buu-dien/buu-gui/{item}", "Trang bưu gửi")
    walk.looks(Role.POSTAL_SUPERVISOR, f"/buu-dien/buu-gui/{item}", "Trang bưu gửi")
    with walk.office.inside():
        walk.road.out(item)
    walk.clock.advance(minutes=15)
    walk.looks(Role.COURIER, "/buu-dien/tuyen", ROUND, LISTED)
    walk.looks(Role.COURIER, f"/buu-dien/buu-gui/{item}/phat", "Trang phát đến tay người nhận")
    slip = f"/buu-dien/buu-gui/{item}/phieu-phat.pdf"
    walk.looks(Role.COURIER, slip, "", "In phiếu phát")
    failed = f"/buu-dien/buu-gui/{item}/khong-phat-duoc"
    walk.looks(Role.COURIER, failed, "Trang ghi lần phát không thành")


def test_the_owner_reads_every_look_on_the_whole_road_and_no_other(walk: Walk) -> None:
    at_the_door(walk)
    at_the_table(walk, at_the_counter(walk))
    at_the_centre(walk)
    page = walk.office.page(walk.dossier, "Tờ khai riêng")
    in_the_department(walk, f"/giay-to/trang/{page}")
    for _ in range(2):
        look_up(walk.office, walk.dossier)
        walk.ledger["Người có mã hồ sơ và khoá tra cứu", "Tra cứu công khai", ""] += 1
    on_the_way_home(walk)
    own = f"/cua-toi/ho-so/{walk.dossier}"
    for _ in range(3):
        walk.sees_no_more(Role.CITIZEN, own)
    assert walk.ledger.total() >= 30
    assert len({who for who, _what, _where in walk.ledger}) >= 8
    told = walk.told()
    assert (walk.ledger - told, told - walk.ledger) == (Counter(), Counter())
    walk.ledger["Tôi", OPENED, ""] += 1
    assert walk.told("?ca-toi=1") - walk.ledger == Counter()
    assert walk.told("?ca-toi=1")["Tôi", OPENED, ""] == 1


def test_who_goes_on_looking_is_told_of_again_each_quarter_of_an_hour(walk: Walk) -> None:
    total = f"/buu-dien/ho-so/{walk.dossier}/kiem-dem/tong"
    for _quarter in range(3):
        for _ in range(4):
            walk.sees_no_more(Role.POSTAL_CLERK, total, **{"HX-Request": "true"})
        walk.ledger[str(Role.POSTAL_CLERK.label), OPENED, "Trang kiểm đếm giấy tờ"] += 1
        walk.clock.advance(minutes=15)
        walk.clients.clear()  # the counter nobody touches is locked: he signs in again
    assert walk.told() == walk.ledger
