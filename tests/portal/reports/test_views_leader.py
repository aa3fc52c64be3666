"""The leader's and the control's glance over HTTP."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.access import Role
from portal.dossiers.lifecycle import Status
from tests.factories.office import FRIDAY, Office
from tests.rig.clocks import TurnedClock
from tests.rig.queries import max_queries


@pytest.fixture(autouse=True)
def later(turned_clock: TurnedClock) -> TurnedClock:
    turned_clock.set(FRIDAY + timedelta(days=10))
    return turned_clock


def test_each_number_on_the_page_leads_to_a_list_of_that_length(office: Office) -> None:
    for status in (Status.PROCESSING, Status.PROCESSING, Status.RESOLVED, Status.STOPPED):
        office.dossier(status)
    client = office.client(Role.LEADER)
    page = client.get("/lanh-dao?tu=01/11/2026&den=30/11/2026").text
    links = re.findall(r'href="(/lanh-dao/danh-sach\?[^"]*)">(\d+)<', page)
    assert len(links) > 10
    for address, number in links:
        listed = client.get(address.replace("&amp;", "&")).text
        assert listed.count('mc-code" href="/lanh-dao/ho-so/') == int(number), address


def test_what_is_overdue_stands_on_top_and_opens(office: Office) -> None:
    overdue = office.dossier(Status.PROCESSING)
    client = office.client(Role.LEADER)
    listed = client.get("/lanh-dao/danh-sach?so=qua-han").text
    assert overdue in listed
    page = client.get(f"/lanh-dao/ho-so/{overdue}")
    assert page.status_code == 200
    assert "Quá hạn" in page.text


def test_the_control_sees_rows_and_no_dossier(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING, name="Trần Thị Kín")
    client = office.client(Role.CONTROL)
    for address in ("/lanh-dao", "/lanh-dao/danh-sach"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Trần Thị Kín" not in page.text
        assert public_id not in page.text
    assert (office.look(public_id).code or "") in client.get("/lanh-dao/danh-sach").text
    assert client.get(f"/lanh-dao/ho-so/{public_id}").status_code == 403
    assert client.get("/lanh-dao/tim?q=kin").status_code == 403


@pytest.mark.parametrize("role", [Role.ONESTOP_OFFICER, Role.OFFICER, Role.CITIZEN, Role.ADMIN])
def test_others_do_not_enter(office: Office, role: Role) -> None:
    client = office.client(role)
    for address in ("/lanh-dao", "/lanh-dao/danh-sach", "/lanh-dao/tim"):
        assert client.get(address).status_code == 403


def test_a_wrong_period_is_told_and_kept(office: Office) -> None:
    answer = office.client(Role.LEADER).get("/lanh-dao?tu=31/02/2026&den=")
    assert answer.status_code == 422
    assert "Nhập ngày theo dạng" in answer.text
    assert 'value="31/02/2026"' in answer.text


def test_nothing_in_an_address_breaks_the_list(office: Office) -> None:
    client = office.client(Role.LEADER)
    for query in ("so=khong-co", "tinh-trang=99", "don-vi=%27%20or%201", "sau=x", "thu-tuc=%25"):
        assert client.get(f"/lanh-dao/danh-sach?{query}").status_code == 200


@pytest.mark.parametrize("count", [5, 50])
def test_pages_ask_the_database_a_fixed_number_of_times(office: Office, count: int) -> None:
    for number in range(count):
        office.dossier((Status.PROCESSING, Status.RESOLVED)[number % 2])
    for role in (Role.LEADER, Role.CONTROL):
        client = office.client(role)
        for address in ("/lanh-dao", "/lanh-dao/danh-sach"):
            with max_queries(12):
                assert client.get(address).status_code == 200


def test_pages_are_accessible(office: Office, axe_of_html: Callable[..., None]) -> None:
    office.dossier(Status.PROCESSING)
    office.dossier(Status.RETURNED)
    for role in (Role.LEADER, Role.CONTROL):
        client = office.client(role)
        for address in ("/lanh-dao", "/lanh-dao/danh-sach", "/lanh-dao?tu=x"):
            axe_of_html(client.get(address).text)
