"""A courier is asked for: where and when, at what price, once; then moved or called off."""

from datetime import date, datetime

import pytest

from portal import clock
from portal.access import Role
from portal.calendar.rules import Calendar, Day, by_day
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel
from portal.extensions import db
from portal.postal.lifecycle import PickupState
from portal.postal.models import Pickup, Slot
from portal.postal.pickup_form import visits
from tests.factories.country import REQUESTER, Country, book_pickup
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.queries import max_queries
from tests.rig.reader import Reader


@pytest.fixture
def citizen(country: Country) -> Reader:
    return country.citizen()


def pickup(country: Country) -> Pickup:
    with country.app.app_context():
        return db.session.query(Pickup).one()


@on_both_databases
def test_a_courier_is_booked_with_three_codes(country: Country, citizen: Reader) -> None:
    dossier = book_pickup(country, citizen)
    booked = pickup(country)
    assert citizen.url.endswith("/da-gui")
    assert (dossier.channel, dossier.status) == (Channel.POST, Status.REGISTERED)
    assert dossier.code == "H32.10-261122-0001"
    assert booked.code.startswith("TG-")
    with country.app.app_context():
        row = db.session.get_one(type(dossier), dossier.id)
        assert row.post_office is not None
        assert row.post_office.code == "BC56-01"
        codes = (row.code, row.lookup_key, booked.code)
    assert all(code and code in citizen.page for code in codes)
    assert (booked.slot_on, booked.slot) == (date(2026, 11, 23), Slot.MORNING)
    assert (booked.price_low, booked.price_high) == (26_000, 30_000)
    assert dossier.received_at is None


def test_visits_skip_sundays_and_holidays() -> None:
    holiday = Day(date(2026, 11, 24), is_working=False, reason="Ngày Văn hóa Việt Nam")
    offered = visits(date(2026, 11, 20), Calendar(by_day([holiday])))
    days = list(dict.fromkeys(visit.on.day for visit in offered))
    assert days == [21, 23, 25, 26, 27, 28]
    assert [visit.slot for visit in offered[:2]] == [Slot.MORNING, Slot.AFTERNOON]


def test_the_price_of_both_ways_stands_on_the_check(country: Country, citizen: Reader) -> None:
    citizen.open("/cua-toi/hen-buu-ta/1.004873").send("/cua-toi/hen-buu-ta/")
    public_id = citizen.url.split("/")[3]
    there = {"requester_commune_province": "56", "requester_commune": "22366"}
    back = {"return_commune_province": "01", "return_commune": "00004"}
    base = f"/cua-toi/thu-gom/{public_id}"
    citizen.open(f"{base}/khai/where").send(
        "requester_address", action="save", requester_address="Số 1", **there
    )
    citizen.open(f"{base}/khai/return").send(
        "return_mode", action="save", return_mode="post", return_address="Số 2", **back
    )
    assert citizen.url == f"{base}/kiem-tra"
    assert "26.000 đ – 30.000 đ" in citizen.page
    assert "30.500 đ – 31.500 đ" in citizen.page
    assert "Còn 2 phần chưa xong" in citizen.page


def test_no_courier_comes_where_there_is_no_post_office(country: Country, citizen: Reader) -> None:
    citizen.open("/cua-toi/hen-buu-ta/1.004873").send("/cua-toi/hen-buu-ta/")
    public_id = citizen.url.split("/")[3]
    far = {"requester_commune_province": "01", "requester_commune": "00004"}
    citizen.open(f"/cua-toi/thu-gom/{public_id}/khai/where").send(
        "requester_address", action="save", requester_address="Số 1", **far
    )
    assert citizen.status == 422
    assert "Chưa có bưu cục nhận lấy giấy tờ" in citizen.page
    assert citizen.form("requester_address").values["requester_address"] == ["Số 1"]


def test_a_procedure_that_needs_presence_is_not_collected(
    country: Country, citizen: Reader
) -> None:
    citizen.open("/cua-toi/hen-buu-ta/1.000894")
    assert citizen.status == 409
    assert "phải cùng có mặt" in citizen.page


def test_a_second_start_goes_on_with_the_first(country: Country, citizen: Reader) -> None:
    citizen.open("/cua-toi/hen-buu-ta/1.004873").send("/cua-toi/hen-buu-ta/")
    first = citizen.url
    citizen.open("/cua-toi/hen-buu-ta/1.004873")
    assert "Điền tiếp yêu cầu" in citizen.page
    assert citizen.send("/cua-toi/hen-buu-ta/").url == first
    assert len(country.dossiers()) == 1


def test_sending_the_same_booking_twice_books_once(country: Country, citizen: Reader) -> None:
    book_pickup(country, citizen)
    citizen.open(citizen.url.replace("/da-gui", "/kiem-tra"))
    assert citizen.status == 409
    assert len(country.dossiers()) == 1


def test_a_half_day_that_has_passed_is_chosen_anew(
    country: Country, citizen: Reader, turned_clock: TurnedClock
) -> None:
    turned_clock.set(datetime(2026, 11, 22, 23, 50, tzinfo=clock.ZONE))
    citizen = country.citizen()
    citizen.open("/cua-toi/hen-buu-ta/1.004873").send("/cua-toi/hen-buu-ta/")
    who = {name: REQUESTER[name] for name in ("requester_name", "requester_phone")}
    citizen.send("requester_name", action="save", **who)
    where = {name: text for name, text in REQUESTER.items() if "commune" in name}
    citizen.send("requester_address", action="save", requester_address="Số 1", **where)
    citizen.send("pickup_slot", action="save", pickup_slot="2026-11-23/morning")
    citizen.send("return_mode", action="save", return_mode="desk")
    turned_clock.advance(minutes=15)  # Monday has begun: nobody can come this morning any more
    citizen.send("/gui")
    assert citizen.status == 422
    assert "Ngày và buổi" in citizen.page.split("Còn 1 phần chưa xong")[1]
    assert country.dossiers()[0].status is Status.DRAFT


def test_the_citizen_moves_the_visit_and_calls_it_off(country: Country, citizen: Reader) -> None:
    dossier = book_pickup(country, citizen)
    home = f"/cua-toi/thu-gom/{dossier.public_id}"
    citizen.open(home).send("pickup_slot", pickup_slot="2026-11-26/afternoon")
    assert citizen.url == home
    assert (pickup(country).slot_on, pickup(country).slot) == (date(2026, 11, 26), Slot.AFTERNOON)
    assert "Đổi lịch hẹn lấy giấy tờ" in citizen.open(f"/cua-toi/ho-so/{dossier.public_id}").page
    citizen.open(home).send("/huy")
    assert pickup(country).state is PickupState.CANCELLED
    assert "Lịch đã huỷ" in citizen.page
    assert "pickup_slot" not in citizen.page
    assert country.dossiers()[0].status is Status.REGISTERED


def test_a_half_day_not_offered_is_refused_beside_the_field(
    country: Country, citizen: Reader
) -> None:
    dossier = book_pickup(country, citizen)
    citizen.open(f"/cua-toi/thu-gom/{dossier.public_id}")
    citizen.send("pickup_slot", pickup_slot="2026-11-24/morning")
    assert citizen.status == 422
    assert "Chọn một buổi trong danh sách." in citizen.page


def test_a_visit_that_missed_him_may_be_moved_a_collected_one_not(
    country: Country, citizen: Reader
) -> None:
    dossier = book_pickup(country, citizen)
    home = f"/cua-toi/thu-gom/{dossier.public_id}"
    for state, may in ((PickupState.MISSED, True), (PickupState.COLLECTED, False)):
        with country.app.app_context(), transaction() as session:
            session.query(Pickup).one().state = state
        assert ("pickup_slot" in citizen.open(home).page) is may


def test_no_courier_drives_to_the_door_of_a_dossier_that_was_taken_back(
    country: Country, citizen: Reader
) -> None:
    home = f"/cua-toi/ho-so/{book_pickup(country, citizen).public_id}"
    booked = pickup(country)
    with country.app.app_context(), transaction() as session:
        session.get_one(Pickup, booked.id).slot_on = clock.today()
        office = session.get_one(Organisation, booked.post_office_id)
    courier = Reader(country.sign_in(Role.COURIER, at=office))
    clerk = Reader(country.sign_in(Role.POSTAL_CLERK, at=office))
    assert booked.code in courier.open("/buu-dien/tuyen").page
    assert booked.code in clerk.open("/buu-dien").page
    citizen.open(f"{home}/rut").send("reason", reason="Không cần nữa")
    assert booked.code not in courier.open("/buu-dien/tuyen").page
    assert booked.code not in clerk.open("/buu-dien").page
    assert "Đổi lịch" not in citizen.open(home.replace("ho-so", "thu-gom")).page


def test_a_stranger_sees_no_booking(country: Country, citizen: Reader) -> None:
    dossier = book_pickup(country, citizen)
    stranger = country.citizen("Người Lạ")
    for tail in ("", "/da-gui", "/tiep", "/kiem-tra"):
        assert stranger.open(f"/cua-toi/thu-gom/{dossier.public_id}{tail}").status == 404


def test_pages_of_a_booking_ask_the_database_little(country: Country, citizen: Reader) -> None:
    dossier = book_pickup(country, citizen)
    for address in (citizen.url, f"/cua-toi/thu-gom/{dossier.public_id}"):
        with max_queries(12):
            citizen.open(address)
