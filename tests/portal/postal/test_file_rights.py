"""The post opens what it scanned while it works on those papers and for a day after; then rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.access import Actor, Role
from portal.db import transaction
from portal.documents.models import DocumentFile, DocumentPurpose
from portal.documents.services import add_document
from portal.dossiers import file_rights
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import Status
from portal.extensions import db
from portal.postal import homeward, services
from portal.postal.homeward import Counted
from tests.factories.post import Road
from tests.portal.postal.pages import send

ClientOf = Callable[[Actor], FlaskClient]
DAY, SECOND = timedelta(hours=24), timedelta(seconds=1)


def open_files(road: Road, public_id: str, after: timedelta) -> set[str]:
    """What of this dossier the post may open so long after the road's present moment."""
    found = road.dossier(public_id)
    ids = file_rights.open_to_post(found, road.at + after)
    return {file.public_id for paper in found.documents for file in paper.files if file.id in ids}


def handed_over(road: Road) -> str:
    """A dossier whose papers the agency has just taken."""
    item = road.sealed()
    road.signed(item)
    return road.item(item).dossier.public_id


def supplement_asked(road: Road, public_id: str) -> None:
    with transaction():
        items = [{"component": None, "text": "Trích lục"}]
        dossiers.ask_supplement(
            road.dossier(public_id), items, "Thiếu", by=road.officer, at=road.at
        )


def outcome_file(road: Road, public_id: str, by: Actor) -> str:
    """The paper that the agency decided with, as a file."""
    with transaction():
        dossier = road.dossier(public_id)
        add_document(dossier, "Kết quả", DocumentPurpose.OUTCOME, road.at)
    return road.scanned(public_id, paper=-1, by=by)


def addresses(public_id: str) -> list[str]:
    """Every door behind which there is something of a file."""
    file = db.session.query(DocumentFile).filter_by(public_id=public_id).one()
    page = file.pages[0].public_id
    of_file = [f"/giay-to/tep/{public_id}{end}" for end in ("", "/goc", "/ban-doc.pdf")]
    return [*of_file, *(f"/giay-to/trang/{page}{end}" for end in ("", "/nho", "/chu?q=a"))]


def test_papers_at_the_counter_are_open_however_long(road: Road) -> None:
    public_id = road.item(road.sealed()).dossier.public_id
    assert len(open_files(road, public_id, 30 * DAY)) == 1


def test_a_day_after_the_hand_over_the_files_are_closed(road: Road) -> None:
    public_id = handed_over(road)
    assert len(open_files(road, public_id, DAY)) == 1
    assert not open_files(road, public_id, DAY + SECOND)


def test_a_supplement_opens_its_own_scans_and_not_the_older_ones(road: Road) -> None:
    public_id = handed_over(road)
    supplement_asked(road, public_id)
    road.at += 10 * DAY
    with transaction():
        services.receive(road.dossier(public_id), by=road.clerk, at=road.at)
    assert not open_files(road, public_id, 2 * DAY)
    scan = road.scanned(public_id)
    assert open_files(road, public_id, 30 * DAY) == {scan}


def test_carrying_papers_home_opens_nothing(road: Road) -> None:
    public_id = road.end(handed_over(road), Status.REJECTED)
    with transaction():
        homeward.collect(
            road.dossier(public_id), "Lê Thị Hà", Counted(2), by=road.clerk, at=road.at
        )
    assert not open_files(road, public_id, DAY + SECOND)


@pytest.mark.parametrize("status", [Status.REJECTED, Status.WITHDRAWN])
def test_a_day_after_an_early_end_they_are_closed_although_the_post_keeps_the_papers(
    road: Road, status: Status
) -> None:
    public_id = road.item(road.sealed()).dossier.public_id
    road.at += 3 * DAY
    if status is Status.REJECTED:
        with transaction():
            dossiers.take_from_post(road.dossier(public_id), by=road.officer, at=road.at)
    road.end(public_id, status)
    assert len(open_files(road, public_id, DAY)) == 1
    assert not open_files(road, public_id, DAY + SECOND)


@pytest.mark.parametrize("role", [Role.POSTAL_CLERK, Role.POSTAL_SUPERVISOR])
def test_the_post_opens_neither_the_result_nor_what_others_sent_even_at_the_counter(
    road: Road, client_of: ClientOf, role: Role
) -> None:
    person = road.clerk if role is Role.POSTAL_CLERK else road.world.actor(role)
    client = client_of(person)
    road.at = clock.now() - timedelta(hours=5)
    public_id = handed_over(road)
    supplement_asked(road, public_id)
    with transaction():
        services.receive(road.dossier(public_id), by=road.clerk, at=road.at)
    citizen, officer = road.world.actor(Role.CITIZEN), road.world.actor(Role.OFFICER)
    foreign = [
        road.scanned(public_id, by=citizen, at=clock.now()),
        road.scanned(public_id, by=officer, at=clock.now()),
        outcome_file(road, public_id, officer),
        outcome_file(road, public_id, road.clerk),
    ]
    own = road.scanned(public_id, at=clock.now())
    assert client.get(f"/giay-to/tep/{own}").status_code == 200
    for file in foreign:
        for address in addresses(file):
            answer = client.get(address)
            assert answer.status_code == 403, address
            assert "Bưu điện chỉ mở tệp do chính bưu cục quét" in answer.text
    if role is Role.POSTAL_CLERK:
        tally = client.get(f"/buu-dien/ho-so/{public_id}/kiem-dem").text
        assert f"/giay-to/tep/{own}" in tally
        assert "đã gửi 2 tệp" in tally
        assert not [file for file in foreign if file in tally]


def test_a_colleague_at_the_same_counter_opens_them_too(road: Road, client_of: ClientOf) -> None:
    road.at = clock.now()
    file = road.scanned(road.registered())
    colleague = client_of(road.world.actor(Role.POSTAL_CLERK, name="Hồ Thị Lan"))
    assert colleague.get(f"/giay-to/tep/{file}").status_code == 200


def test_a_form_from_an_old_page_shows_no_scan_that_is_closed(
    road: Road, client_of: ClientOf
) -> None:
    clerk = client_of(road.clerk)
    road.at = clock.now() - 2 * DAY
    public_id = handed_over(road)
    file = road.dossier(public_id).documents[0].files[0].public_id
    answer = send(clerk, f"/buu-dien/ho-so/{public_id}/kiem-dem", seal_number="x" * 999)
    assert answer.status_code == 422
    assert file not in answer.text


@pytest.mark.parametrize(("before", "status"), [(timedelta(hours=23), 200), (DAY, 403)])
def test_the_clerk_reads_why_and_still_sees_the_dossier(
    road: Road, client_of: ClientOf, before: timedelta, status: int
) -> None:
    clerk = client_of(road.clerk)
    road.at = clock.now() - before - timedelta(minutes=1)
    public_id = handed_over(road)
    file = road.dossier(public_id).documents[0].files[0].public_id
    answer = clerk.get(f"/giay-to/tep/{file}")
    assert answer.status_code == status
    assert ("quá 24 giờ" in answer.text) is (status == 403)
    page = clerk.get(f"/buu-dien/ho-so/{public_id}")
    assert page.status_code == 200
    assert "Giấy tờ đang ở đâu" in page.text
