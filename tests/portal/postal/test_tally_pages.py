"""The tally through its pages: what was typed stays, what was scanned stays, nothing is lost."""

import io
import re
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import form_words
from portal.access import Actor, Role
from portal.db import transaction
from portal.documents.models import DocumentFile, FileState
from portal.dossiers.models.dossier import Channel
from portal.extensions import db
from portal.postal import queries
from portal.postal.lifecycle import Direction, ItemState
from tests.factories.papers import drawn
from tests.factories.post import Road
from tests.factories.world import make_dossier
from tests.portal.postal.pages import send, token
from tests.rig.queries import max_queries

ClientOf = Callable[[Actor], FlaskClient]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clerk(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.clerk)


def address(public_id: str, step: str = "kiem-dem") -> str:
    return f"/buu-dien/ho-so/{public_id}/{step}"


def typed(road: Road, public_id: str, pages: str = "2", **more: str) -> dict[str, str]:
    """What the clerk fills in: the first paper is there with so many pages."""
    first, second = (paper.public_id for paper in road.papers(public_id))
    return {
        "version": str(road.dossier(public_id).version),
        f"{first}-is_present": "y",
        f"{first}-kind": "original",
        f"{first}-pages": pages,
        f"{second}-kind": "copy",
        f"{second}-pages": "",
        "act": "save",
    } | more


def upload(
    client: FlaskClient, road: Road, public_id: str, *files: tuple[bytes, str], htmx: bool = False
) -> TestResponse:
    paper = road.papers(public_id)[0].public_id
    data = {
        "csrf_token": token(client),
        "idempotency_key": uuid.uuid4().hex,
        "files": [(io.BytesIO(content), name) for content, name in files],
    }
    return client.post(
        address(public_id, f"giay-to/{paper}/quet"), data=data, headers=HTMX if htmx else {}
    )


def state_of(road: Road, public_id: str) -> ItemState | None:
    db.session.rollback()
    item = queries.open_item(road.dossier(public_id), Direction.TO_AGENCY)
    return item.state if item else None


def test_the_tally_is_saved_and_shown_again(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    answer = send(clerk, address(public_id), **typed(road, public_id))
    assert answer.location == f"{address(public_id)}?da_luu=1"
    page = clerk.get(answer.location or "").get_data(as_text=True)
    assert "Đã lưu kiểm đếm" in page
    assert "Khai 2 trang, đã quét 0 trang" in page
    paper = road.papers(public_id)[0]
    assert (paper.is_present, paper.pages_declared) == (True, 2)


def test_a_page_count_that_is_no_number_is_refused_and_kept(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    answer = send(clerk, address(public_id), **typed(road, public_id, "hai", seal_number="NP-9"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Số trang phải là chữ số" in page
    assert 'value="hai"' in page
    assert 'value="NP-9"' in page
    assert state_of(road, public_id) is None


def test_sealing_with_a_page_short_says_both_numbers_and_keeps_the_tally(
    road: Road, clerk: FlaskClient
) -> None:
    public_id = road.registered()
    road.scanned(public_id, 10)
    said = typed(road, public_id, "11", act="seal", seal_number="NP-9")
    answer = send(clerk, address(public_id), **said)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "khai 11 trang, đã quét 10 trang" in page
    assert 'value="NP-9"' in page
    assert road.papers(public_id)[0].pages_declared == 11
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    again = said | {"version": version[1], "override_reason": "Trang bìa không quét"}
    answer = send(clerk, address(public_id), **again)
    assert answer.location == address(public_id, "phieu-gui")
    slip = clerk.get(answer.location or "").get_data(as_text=True)
    assert "Trang bìa không quét" in slip
    assert state_of(road, public_id) is ItemState.SEALED


def test_of_two_clerks_the_second_is_told_what_changed(road: Road, client_of: ClientOf) -> None:
    public_id = road.registered()
    first, second = (
        client_of(road.clerk),
        client_of(road.world.actor(Role.POSTAL_CLERK, name="Đặng Văn Hai")),
    )
    said = typed(road, public_id)
    assert send(first, address(public_id), **said).status_code == 303
    late = send(second, address(public_id), **said | {"seal_number": "NP-8"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "kiểm đếm: 1 giấy tờ / 2 trang" in page
    assert 'value="NP-8"' in page


def test_a_scan_is_taken_as_the_scanner_gives_it(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    answer = upload(clerk, road, public_id, (drawn(1), "trang1.jpg"), (drawn(2), "trang2.jpg"))
    assert answer.status_code == 303
    db.session.rollback()
    files = db.session.query(DocumentFile).order_by(DocumentFile.id).all()
    assert [(file.name, file.state) for file in files] == [
        ("trang1.jpg", FileState.RECEIVED),
        ("trang2.jpg", FileState.RECEIVED),
    ]
    page = clerk.get(address(public_id)).get_data(as_text=True)
    assert "trang2.jpg" in page
    assert 'data-hx-trigger="every 2s"' in page


def test_a_bad_file_does_not_hold_up_the_good_ones(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    files = ((drawn(1), "tot.jpg"), (b"<html>", "xau.pdf"), (b"", "rong.pdf"))
    answer = upload(clerk, road, public_id, *files)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "xau.pdf" in page
    assert "rong.pdf" in page
    db.session.rollback()
    assert [file.name for file in db.session.query(DocumentFile)] == ["tot.jpg"]
    empty = upload(clerk, road, public_id)
    assert "Chọn tệp quét" in empty.get_data(as_text=True)


def test_an_upload_without_reload_brings_the_scans_and_calls_the_sum(
    road: Road, clerk: FlaskClient
) -> None:
    public_id = road.registered()
    paper = road.papers(public_id)[0].public_id
    answer = upload(clerk, road, public_id, (drawn(1), "trang1.jpg"), htmx=True)
    page = answer.get_data(as_text=True)
    assert f'id="postal-scans-{paper}"' in page
    assert answer.headers["HX-Trigger"] == "scanned"
    assert "<html" not in page
    total = clerk.get(address(public_id, "kiem-dem/tong"), headers=HTMX).get_data(as_text=True)
    assert ", every 2s" in total


def test_the_sum_stops_asking_once_all_is_read(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    road.scanned(public_id)
    total = clerk.get(address(public_id, "kiem-dem/tong"), headers=HTMX).get_data(as_text=True)
    assert 'id="postal-total"' in total
    assert "every 2s" not in total


def test_the_sum_follows_what_is_typed_before_it_is_saved(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    road.scanned(public_id, 2)
    path = address(public_id, "kiem-dem/tong")
    said = typed(road, public_id, "3")
    page = clerk.get(path, query_string=said, headers=HTMX).get_data(as_text=True)
    assert "Khai 3 trang, đã quét 2 trang" in page
    assert "Khai 0 trang, đã quét 2 trang" in clerk.get(path, headers=HTMX).get_data(as_text=True)


def test_a_paper_that_is_only_shown_is_offered_so(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    with transaction():
        road.papers(public_id)[1].is_shown_only = True
    second = road.papers(public_id)[1].public_id
    ticked = rf'name="{second}-is_shown_only"[^>]* checked'
    assert re.search(ticked, clerk.get(address(public_id)).get_data(as_text=True))
    said = typed(road, public_id) | {f"{second}-is_shown_only": "y"}
    send(clerk, address(public_id), **said)
    assert re.search(ticked, clerk.get(address(public_id)).get_data(as_text=True))


def test_a_scan_can_be_taken_back_until_the_seal(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    file = road.scanned(public_id)
    answer = send(clerk, address(public_id, f"tep/{file}/bo"))
    assert answer.status_code == 303
    db.session.rollback()
    assert db.session.query(DocumentFile).one().state is FileState.WITHDRAWN
    road.scanned(public_id)
    road.tallied(public_id)
    send(clerk, address(public_id), **typed(road, public_id, act="seal", seal_number="NP-9"))
    assert state_of(road, public_id) is ItemState.SEALED
    kept = db.session.query(DocumentFile).filter_by(state=FileState.READ).one().public_id
    assert send(clerk, address(public_id, f"tep/{kept}/bo")).status_code == 409
    assert upload(clerk, road, public_id, (drawn(1), "muon.jpg")).status_code == 409


def test_a_file_of_another_dossier_is_not_found(road: Road, clerk: FlaskClient) -> None:
    mine, other = road.registered(), road.registered()
    file = road.scanned(other)
    assert send(clerk, address(mine, f"tep/{file}/bo")).status_code == 404


def test_another_paper_is_only_ever_voluntary(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    answer = send(clerk, address(public_id, "giay-to"), title="Ảnh chụp nhà")
    assert answer.status_code == 303
    page = clerk.get(address(public_id)).get_data(as_text=True)
    assert "Ảnh chụp nhà" in page
    assert "Tự nguyện" in page
    wrong = send(clerk, address(public_id, "giay-to"), title="  ")
    assert wrong.status_code == 422
    assert "Nhập tên giấy tờ" in wrong.get_data(as_text=True)


def test_unsealing_through_the_page_needs_its_reason(road: Road, clerk: FlaskClient) -> None:
    public_id = road.item(road.sealed()).dossier.public_id
    version = str(road.dossier(public_id).version)
    path = address(public_id, "mo-niem-phong")
    assert send(clerk, path, version=version, reason="").status_code == 422
    answer = send(clerk, path, version=version, reason="Thiếu chữ ký")
    assert answer.location == address(public_id)
    assert state_of(road, public_id) is ItemState.AT_COUNTER


def test_the_tally_costs_the_same_however_many_pages(road: Road, clerk: FlaskClient) -> None:
    public_id = road.registered()
    for paper in (0, 1):
        for _ in range(3):
            road.scanned(public_id, 4, paper=paper)
    road.tallied(public_id)
    db.session.rollback()
    with max_queries(12):
        assert clerk.get(address(public_id)).status_code == 200


def test_a_dossier_has_its_papers_from_the_moment_it_is_made(
    road: Road, clerk: FlaskClient
) -> None:
    public_id = make_dossier(road.world, road.clerk, channel=Channel.POST, at=road.at)
    assert len(road.papers(public_id)) == 2
    assert clerk.get(address(public_id)).status_code == 200


def test_nothing_is_saved_or_sealed_while_a_scan_is_on_its_way(
    road: Road, clerk: FlaskClient
) -> None:
    """The buttons of the tally rest during an upload; files only chosen are spoken of first."""
    public_id = road.registered()
    page = clerk.get(address(public_id)).get_data(as_text=True)
    resting = re.findall(r'data-hx-disabled-elt="([^"]+)"', page)
    assert set(resting) == {"find button, #kiem-dem button[name=act]"}
    tally_form = page.split('id="kiem-dem"')[1].split("</form>")[0]
    assert tally_form.count('name="act"') == 2
    assert 'data-after-files="Còn tệp quét đã chọn' in tally_form
    assert "tệp mới chọn mà chưa tải lên thì chưa được giữ" in page


def test_a_kind_nobody_chose_is_told_in_one_sentence(road: Road, clerk: FlaskClient) -> None:
    answer = send(clerk, address(road.registered()), act="save")
    assert answer.status_code == 422
    assert "Chọn loại giấy tờ." in answer.text
    assert "Not a valid choice" not in answer.text


def test_a_tally_that_waits_to_be_sent_names_each_paper(road: Road) -> None:
    public_id = road.registered()
    first = road.papers(public_id)[0]
    sent = [(name, words) for name, words in typed(road, public_id, act="seal").items() if words]
    lines = form_words.lines_of(address(public_id), sent, road.clerk)
    assert (f"{first.title}: Số trang", "2") in lines
    assert (f"{first.title}: Có", "Có") in lines
    assert ("Việc sẽ làm", "Lưu và niêm phong") in lines
    assert not [label for label, _words in lines if first.public_id in label]
