"""Both sides of the hand-over table through their pages."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.access import Actor, Role
from portal.extensions import db
from portal.postal import records
from portal.postal.lifecycle import HandoverState, ItemState
from portal.postal.models import Handover
from tests.factories.post import Road
from tests.portal.postal.pages import send
from tests.rig.queries import max_queries

ClientOf = Callable[[Actor], FlaskClient]


@pytest.fixture
def clerk(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.clerk)


@pytest.fixture
def officer(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.officer)


def count(road: Road, item: str, pages: str = "2", **more: str) -> dict[str, str]:
    code = road.item(item).code
    said = {"originals": "1", "copies": "0", "pages": pages, "verdict": "accept", "note": ""} | more
    return {f"{code}-{name}": value for name, value in said.items()}


def test_scanned_codes_and_ticks_make_one_list(road: Road, clerk: FlaskClient) -> None:
    ticked, scanned, left = road.sealed(), road.sealed(), road.sealed()
    codes = f"{road.item(scanned).code.lower()}\n"
    answer = send(clerk, "/buu-dien/ban-giao", items=ticked, codes=codes)
    assert answer.status_code == 303
    page = clerk.get(answer.location or "").get_data(as_text=True)
    assert road.item(ticked).code in page
    assert road.item(scanned).code in page
    assert road.item(left).code not in page


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ("", "Chọn ít nhất một bưu gửi"),
        ("RH000000121VN", "Mã bưu gửi chưa đúng: RH000000121VN"),
        ("RH999999991VN", "Mã bưu gửi"),
    ],
)
def test_a_wrong_list_says_why_and_keeps_the_codes(
    road: Road, clerk: FlaskClient, codes: str, sentence: str
) -> None:
    road.sealed()
    answer = send(clerk, "/buu-dien/ban-giao", codes=codes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert codes in page


def test_the_officer_counts_signs_and_both_read_it(
    road: Road, clerk: FlaskClient, officer: FlaskClient
) -> None:
    item = road.sealed()
    public_id = road.proposed(item)
    path = f"/can-bo/ban-giao/{public_id}"
    assert path in officer.get("/can-bo/ban-giao").get_data(as_text=True)
    form = officer.get(path).get_data(as_text=True)
    assert re.search(rf'name="{road.item(item).code}-pages"[^>]*value=""', form), "counted blind"
    answer = send(officer, path, **count(road, item))
    assert answer.location == path
    for client, where in ((officer, path), (clerk, f"/buu-dien/ban-giao/{public_id}")):
        page = client.get(where).get_data(as_text=True)
        assert "Hồ Thị Mai" in page
        assert "Trần Văn Thuận" in page
        assert "Nhận đủ" in page
    again = send(officer, path, **count(road, item))
    assert again.status_code == 409


def test_an_uncounted_or_unexplained_line_is_refused_and_kept(
    road: Road, officer: FlaskClient
) -> None:
    item = road.sealed()
    public_id = road.proposed(item)
    path = f"/can-bo/ban-giao/{public_id}"
    empty = send(officer, path, **count(road, item, "", copies="9"))
    assert empty.status_code == 422
    assert "Nhập số đã đếm" in empty.get_data(as_text=True)
    assert 'value="9"' in empty.get_data(as_text=True)
    short = send(officer, path, **count(road, item, "1"))
    assert short.status_code == 422
    assert "bưu điện ghi 2 trang, cơ quan đếm 1" in short.get_data(as_text=True)
    db.session.rollback()
    assert db.session.query(Handover).one().state is HandoverState.PROPOSED
    told = send(officer, path, **count(road, item, "1", note="Trang 2 trắng"))
    assert told.status_code == 303
    db.session.rollback()
    assert road.item(item).state is ItemState.HANDED_TO_AGENCY


def test_nobody_else_opens_or_signs_it(road: Road, clerk: FlaskClient, client_of: ClientOf) -> None:
    item = road.sealed()
    public_id = road.proposed(item)
    stranger = client_of(road.world.actor(Role.ONESTOP_OFFICER, at=road.world.other_centre))
    path = f"/can-bo/ban-giao/{public_id}"
    assert stranger.get(path).status_code == 404
    assert send(stranger, path, **count(road, item)).status_code == 404
    assert send(clerk, path, **count(road, item)).status_code == 403


def test_a_list_can_be_taken_back_with_a_reason(road: Road, clerk: FlaskClient) -> None:
    public_id = road.proposed()
    path = f"/buu-dien/ban-giao/{public_id}/huy"
    assert send(clerk, path, reason="").status_code == 422
    assert send(clerk, path, reason="Lập nhầm nơi nhận").status_code == 303
    page = clerk.get(f"/buu-dien/ban-giao/{public_id}").get_data(as_text=True)
    assert "Lập nhầm nơi nhận" in page


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/can-bo/ban-giao", "proposed"),
        ("/buu-dien/ban-giao", "proposed"),
        ("/buu-dien/ban-giao", "sealed"),
    ],
)
def test_long_lists_come_in_pieces_oldest_first(
    road: Road, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    monkeypatch.setattr(records, "PAGE", 2)
    made = [getattr(road, kind)() for _ in range(3)]
    shown = [road.item(each).code if kind == "sealed" else f'ban-giao/{each}"' for each in made]
    client = client_of(road.officer if path.startswith("/can-bo") else road.clerk)
    db.session.rollback()
    onward = re.compile(rf'href="({path}\?[^"]*sau=[^"]*)"')
    first = client.get(path).get_data(as_text=True)
    (link,) = onward.findall(first)
    second = client.get(link.replace("&amp;", "&")).get_data(as_text=True)
    assert [each in first for each in shown] == [True, True, False]
    assert [each in second for each in shown] == [False, False, True]
    assert onward.findall(second) == []


def test_what_was_ticked_stands_on_every_piece(
    road: Road, clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PAGE", 1)
    oldest, ticked = road.sealed(), road.sealed()
    db.session.rollback()
    page = clerk.get(f"/buu-dien/ban-giao?bg={ticked}").get_data(as_text=True)
    assert f'value="{ticked}" checked' in page
    assert f'value="{oldest}">' in page
    assert "checked" not in clerk.get("/buu-dien/ban-giao").get_data(as_text=True)


def test_both_pages_cost_the_same_however_many_lines(
    road: Road, clerk: FlaskClient, officer: FlaskClient
) -> None:
    public_id = road.proposed(*(road.sealed() for _ in range(4)))
    for _ in range(3):
        road.sealed()
        road.signed()
    db.session.rollback()
    for client, path in (
        (clerk, "/buu-dien/ban-giao"),
        (clerk, f"/buu-dien/ban-giao/{public_id}"),
        (officer, "/can-bo/ban-giao"),
        (officer, f"/can-bo/ban-giao/{public_id}"),
    ):
        with max_queries(12):
            assert client.get(path).status_code == 200
