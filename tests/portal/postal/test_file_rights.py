"""The post opens scans while it works on the papers and for a day after; then only rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.access import Actor
from portal.db import transaction
from portal.dossiers import custody, file_rights
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import Status
from portal.postal import homeward, services
from portal.postal.homeward import Counted
from tests.factories.post import Road

ClientOf = Callable[[Actor], FlaskClient]
DAY = timedelta(hours=24)


def is_open(road: Road, public_id: str, after: timedelta) -> bool:
    found = road.dossier(public_id)
    return file_rights.is_open_to_post(found, custody.history(found), road.at + after)


def test_papers_at_the_counter_are_open_however_long(road: Road) -> None:
    public_id = road.item(road.sealed()).dossier.public_id
    assert is_open(road, public_id, 30 * DAY)


def test_a_day_after_the_hand_over_the_files_are_closed(road: Road) -> None:
    item = road.sealed()
    road.signed(item)
    public_id = road.item(item).dossier.public_id
    assert is_open(road, public_id, DAY)
    assert not is_open(road, public_id, DAY + timedelta(seconds=1))


def test_a_supplement_opens_them_again_while_it_lies_at_the_counter(road: Road) -> None:
    item = road.sealed()
    road.signed(item)
    public_id = road.item(item).dossier.public_id
    with transaction():
        items = [{"component": None, "text": "Trích lục"}]
        dossiers.ask_supplement(
            road.dossier(public_id), items, "Thiếu", by=road.officer, at=road.at
        )
    assert not is_open(road, public_id, 2 * DAY)
    with transaction():
        services.receive(road.dossier(public_id), by=road.clerk, at=road.at)
    assert is_open(road, public_id, 2 * DAY)


def test_carrying_papers_home_opens_nothing(road: Road) -> None:
    item = road.sealed()
    road.signed(item)
    public_id = road.end(road.item(item).dossier.public_id, Status.REJECTED)
    with transaction():
        homeward.collect(
            road.dossier(public_id), "Lê Thị Hà", Counted(2), by=road.clerk, at=road.at
        )
    assert not is_open(road, public_id, DAY + timedelta(seconds=1))


@pytest.mark.parametrize(("before", "status"), [(timedelta(hours=23), 200), (DAY, 403)])
def test_the_clerk_reads_why_and_still_sees_the_dossier(
    road: Road, client_of: ClientOf, before: timedelta, status: int
) -> None:
    clerk = client_of(road.clerk)
    road.at = clock.now() - before - timedelta(minutes=1)
    item = road.sealed()
    road.signed(item)
    found = road.item(item).dossier
    public_id = found.public_id
    file = found.documents[0].files[0].public_id
    answer = clerk.get(f"/giay-to/tep/{file}")
    assert answer.status_code == status
    assert ("quá 24 giờ" in answer.text) is (status == 403)
    page = clerk.get(f"/buu-dien/ho-so/{public_id}")
    assert page.status_code == 200
    assert "Giấy tờ đang ở đâu" in page.text
