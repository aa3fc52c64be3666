"""The office's inbox and search: each dossier once, what presses first, nothing of others."""

import re
from datetime import timedelta

import pytest

from portal.access import Role
from portal.dossiers import inbox, lifecycle
from portal.dossiers.desks import DESKS
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.standing import present
from tests.factories.office import FRIDAY, Office
from tests.factories.steps import DESK_ROLES, DOORS, SENT, SLUGS, assign, step_address, token_of
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.queries import max_queries


@pytest.fixture(autouse=True)
def friday(turned_clock: TurnedClock) -> TurnedClock:
    turned_clock.set(FRIDAY + timedelta(hours=1))
    return turned_clock


@on_both_databases
def test_each_dossier_lies_under_exactly_one_tab(office: Office) -> None:
    """Also one whose officer is somebody else, and one nobody has taken."""
    ids = {status: office.dossier(status) for status in SENT}
    mine = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    assign(office, client, mine, "nhan-xu-ly")
    actors = {role: office.actor(role) for role in (*DESK_ROLES, Role.LEADER)}
    with office.inside():
        at = present(FRIDAY)
        for role, actor in actors.items():
            seen = [
                row.dossier.public_id
                for tab in DESKS[role]
                for row in inbox.page(actor, tab, inbox.Filters(), at).rows
            ]
            assert len(seen) == len(set(seen)), role
            expected = set(ids.values()) | {mine}
            if role is not Role.ONESTOP_OFFICER:
                expected -= {ids[s] for s in (Status.REGISTERED, Status.ACCEPTED, Status.REJECTED)}
            assert set(seen) == expected, role
            counted = inbox.counts(actor, at)
            assert sum(count.total for count in counted.values()) == len(expected), role
        assert inbox.counts(actors[Role.OFFICER], at)[inbox.Tab.MINE].total == 1


def test_what_is_due_first_is_on_top_and_overdue_is_counted(
    office: Office, turned_clock: TurnedClock
) -> None:
    later = office.dossier(Status.PROCESSING, at=FRIDAY)
    sooner = office.dossier(Status.PROCESSING, at=FRIDAY - timedelta(days=7))
    page = office.client(Role.OFFICER).get("/can-bo?muc=dang-xu-ly").text
    assert page.index(office.look(sooner).code or "") < page.index(office.look(later).code or "")
    assert "Quá hạn" in page
    narrowed = office.client(Role.OFFICER).get("/can-bo?muc=dang-xu-ly&han=qua-han").text
    assert (office.look(sooner).code or "") in narrowed
    assert (office.look(later).code or "") not in narrowed


@on_both_databases
def test_pages_follow_each_other_without_gap_or_repetition(office: Office) -> None:
    """By the links of the pages themselves, forward and back; equal due dates included."""
    expected = {office.dossier(Status.PROCESSING) for _ in range(inbox.PAGE_SIZE + 5)}
    client = office.client(Role.OFFICER)
    first = client.get("/can-bo?muc=dang-xu-ly").text
    second_address = next_link(first)
    second = client.get(second_address).text
    codes = dossiers_on(first) + dossiers_on(second)
    assert len(codes) == len(set(codes)) == len(expected)
    assert set(codes) == expected
    assert dossiers_on(client.get(previous_link(second)).text) == dossiers_on(first)
    assert 'rel="next"' not in second


def dossiers_on(page: str) -> list[str]:
    return re.findall(r'mc-code" href="/can-bo/ho-so/([^"]*)"', page)


def next_link(page: str) -> str:
    return re.findall(r'href="([^"]*)" rel="next"', page)[0].replace("&amp;", "&")


def previous_link(page: str) -> str:
    return re.findall(r'href="([^"]*)" rel="prev"', page)[0].replace("&amp;", "&")


def test_a_mark_nobody_gave_leads_to_the_first_page(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    for wrong in ("x", "2026-11-20~", "2026-99-99T00:00:00+07:00~x", "~", "9" * 400):
        page = client.get("/can-bo", query_string={"muc": "dang-xu-ly", "sau": wrong})
        assert page.status_code == 200
        assert public_id in page.text or wrong.startswith("2026-11-20")


@pytest.mark.parametrize("count", [5, 50])
def test_pages_ask_the_database_a_fixed_number_of_times(office: Office, count: int) -> None:
    ids = [office.dossier(Status.PROCESSING, name=f"Nguyễn Thị Mẫu {n}") for n in range(count)]
    for public_id in ids[:count]:
        office.page(public_id, "Đơn xin xác nhận của bà Mẫu")
    client = office.client(Role.OFFICER)
    addresses = (
        "/can-bo?muc=dang-xu-ly",
        "/can-bo/tim?q=xac nhan",
        f"/can-bo/ho-so/{ids[0]}?tim=mau",
        step_address(ids[0], Verb.DECIDE, Role.OFFICER),
        step_address(ids[0], Verb.ASK_SUPPLEMENT, Role.OFFICER),
    )
    for address in addresses:
        with max_queries(12):
            assert client.get(address).status_code == 200, address


def test_another_office_finds_nothing_of_ours(office: Office) -> None:
    """Every address of a dossier answers 404 there, and no list, count or search holds it."""
    public_id = office.dossier(Status.PROCESSING)
    office.page(public_id, "Giấy của ông Khoai Lang")
    code = office.look(public_id).code or ""
    for role, place in (
        (Role.ONESTOP_OFFICER, office.world.other_centre),
        (Role.OFFICER, office.world.other_department),
        (Role.RECORDS_CLERK, office.world.other_department),
        (Role.LEADER, office.world.other_department),
    ):
        stranger = office.client(role, place)
        door = DOORS.get(role, "/can-bo")
        assert stranger.get(f"{door}/ho-so/{public_id}").status_code == 404
        for verb, slug in SLUGS.items():
            if any(role.value in step.roles and step.verb is verb for step in lifecycle.STEPS):
                assert stranger.get(f"{door}/ho-so/{public_id}/{slug}").status_code == 404
                data = {"idempotency_key": f"{role}{verb}", "version": "1"}
                token = token_of(stranger)
                answer = stranger.post(
                    f"{door}/ho-so/{public_id}/{slug}", data={**data, "csrf_token": token}
                )
                assert answer.status_code == 404, (role, verb)
        found = stranger.get(f"{door}/tim?q=khoai").text
        assert code not in found
        assert "<mark>" not in found
        listing = stranger.get("/can-bo" if door == "/can-bo" else "/lanh-dao/danh-sach").text
        assert public_id not in listing


def test_citizens_and_post_do_not_enter(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    for role in (Role.CITIZEN, Role.POSTAL_CLERK, Role.COURIER, Role.CONTROL, Role.AUDITOR):
        client = office.client(role)
        assert client.get("/can-bo").status_code == 403
        assert client.get(f"/can-bo/ho-so/{public_id}").status_code == 403


@pytest.mark.parametrize("typed", ["khoai lang", "KHOAI", '"ong khoai"', "Khoai Lang"])
def test_words_of_a_scanned_page_find_it(office: Office, typed: str) -> None:
    public_id = office.dossier(Status.PROCESSING)
    page_id = office.page(public_id, "Giấy của ông Khoai Lang, thôn Đông")
    found = office.client(Role.OFFICER).get("/can-bo/tim", query_string={"q": typed}).text
    assert "<mark>" in found
    assert f"trang={page_id}" in found
    assert (office.look(public_id).code or "") in found


def test_the_very_diacritics_come_first(office: Office) -> None:
    plain = office.dossier(Status.PROCESSING)
    exact = office.dossier(Status.PROCESSING, at=FRIDAY - timedelta(days=1))
    office.page(plain, "Ông Hoa ở đây")
    office.page(exact, "Ông Hòa ở đây")
    found = office.client(Role.OFFICER).get("/can-bo/tim?q=Hòa").text
    assert found.index(office.look(exact).code or "") < found.index(office.look(plain).code or "")


def test_a_dossier_is_found_by_code_name_and_number(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING, name="Đỗ Thị Hường")
    code = office.look(public_id).code or ""
    client = office.client(Role.OFFICER)
    for typed in (code, code.lower(), code[-4:], "do thi huong", "Hường"):
        assert code in client.get("/can-bo/tim", query_string={"q": typed}).text, typed
    assert code not in client.get("/can-bo/tim?q=nguoi khac").text


def test_a_telephone_number_is_found_but_never_stands_in_an_address(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    token = token_of(client)
    answer = client.post("/can-bo/tim", data={"q": "0912 345 678", "csrf_token": token})
    assert answer.status_code == 200
    assert public_id in answer.text
    words = client.post("/can-bo/tim", data={"q": "khoai lang", "csrf_token": token})
    assert words.status_code == 303
    assert words.headers["Location"] == "/can-bo/tim?q=khoai+lang"


def test_what_a_page_says_is_never_markup(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    office.page(public_id, "khoai <script>alert(1)</script> <b>x</b>")
    client = office.client(Role.OFFICER)
    for address in ("/can-bo/tim?q=khoai", f"/can-bo/ho-so/{public_id}?tim=khoai"):
        assert "<script>alert(1)" not in client.get(address).text
