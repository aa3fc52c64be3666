"""What the citizen reads first: whose turn it is, and how papers come home at the end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.dossiers.lifecycle import CLOSED, ENDED_EARLY, Status
from portal.dossiers.models.custody import CustodyLine, Holder
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.dossiers.turns import turn_of

NOW = clock.now()


@pytest.fixture(autouse=True)
def words(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def dossier(status: Status, mode: ReturnMode = ReturnMode.DESK) -> Dossier:
    return Dossier(status=status, return_mode=mode, channel=Channel.POST)


def line(holder: Holder, place: str, *, is_over: bool = False) -> CustodyLine:
    until = NOW + timedelta(hours=1) if is_over else None
    return CustodyLine(holder=holder, place=place, name="Hồ Thị Mai", since=NOW, until=until)


SENT = [status for status in Status if status is not Status.DRAFT]


@pytest.mark.parametrize("status", SENT)
def test_papers_at_the_post_come_home_from_every_closed_dossier(status: Status) -> None:
    lines = [line(Holder.AGENCY, "Một cửa", is_over=True), line(Holder.POST, "Bưu cục Đông Hà")]
    text = turn_of(dossier(status), lines).text
    assert ("Giấy tờ đang ở Bưu cục Đông Hà" in text) is (status in CLOSED)
    assert "Hồ Thị Mai" not in text


@pytest.mark.parametrize("status", sorted(ENDED_EARLY))
@pytest.mark.parametrize(
    ("mode", "told"), [(ReturnMode.DESK, "thẻ căn cước"), (ReturnMode.POST, "bưu điện nhận lại")]
)
def test_papers_at_the_agency_come_home_as_the_citizen_chose(
    status: Status, mode: ReturnMode, told: str
) -> None:
    text = turn_of(dossier(status, mode), [line(Holder.AGENCY, "Trung tâm Một cửa")]).text
    assert "Trung tâm Một cửa" in text
    assert told in text


def test_papers_that_are_home_are_said_to_be_home() -> None:
    text = turn_of(dossier(Status.WITHDRAWN), [line(Holder.APPLICANT, "Chính chủ")]).text
    assert text == "Theo yêu cầu của người nộp. Giấy tờ đã nộp đã được trả lại."


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.RETURNED])
def test_what_the_agency_decided_on_stays_there(status: Status) -> None:
    lines = [line(Holder.AGENCY, "Trung tâm Một cửa")]
    assert turn_of(dossier(status), lines) == turn_of(dossier(status))
