"""A dossier that was taken back or refused goes no step further towards the agency."""

import io
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.access import Actor
from portal.db import transaction
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import Status
from portal.errors import Conflict, Invalid, StepRefused
from portal.extensions import db
from portal.postal import desk, handovers, records, rounds, services, visits
from portal.postal.desk import Tab
from portal.postal.handovers import Verdict
from portal.postal.lifecycle import HandoverState, ItemState
from portal.postal.models import Handover
from portal.postal.rules import Count
from tests.factories.papers import drawn
from tests.factories.post import PRESENT, Road
from tests.portal.postal.pages import press, send, token

ClientOf = Callable[[Actor], FlaskClient]
EARLY = (Status.WITHDRAWN, Status.REJECTED)
SENTENCE = "Trả giấy tờ lại cho người gửi"


@pytest.fixture
def clerk(road: Road, client_of: ClientOf) -> FlaskClient:
    return client_of(road.clerk)


def at_counter(road: Road) -> str:
    public_id = road.registered()
    road.scanned(public_id)
    road.tallied(public_id)
    return public_id


@pytest.mark.parametrize("status", EARLY)
def test_no_verb_of_the_counter_touches_an_ended_dossier(road: Road, status: Status) -> None:
    public_id = road.end(at_counter(road), status)
    said = {paper.public_id: PRESENT for paper in road.papers(public_id)}
    found = road.dossier(public_id)
    verbs: tuple[Callable[[], object], ...] = (
        lambda: services.receive(found, by=road.clerk, at=road.at),
        lambda: services.save_tally(found, said, by=road.clerk, at=road.at),
        lambda: services.seal(found, "NP-1", "", by=road.clerk, at=road.at),
        lambda: services.claim(found, by=road.clerk, at=road.at),
    )
    for verb in verbs:
        with pytest.raises(StepRefused, match=SENTENCE), transaction():
            verb()
        db.session.rollback()


@pytest.mark.parametrize("status", EARLY)
def test_a_sealed_envelope_of_an_ended_dossier_is_not_opened_or_listed(
    road: Road, status: Status
) -> None:
    item = road.sealed()
    public_id = road.end(road.item(item).dossier.public_id, status)
    row = road.item(item)
    with pytest.raises(StepRefused, match=SENTENCE), transaction():
        services.unseal(row.dossier, row, "đếm lại", by=road.clerk, at=road.at)
    db.session.rollback()
    assert road.ready() == []
    with pytest.raises(Invalid, match="không bàn giao nữa"), transaction():
        handovers.propose([road.item(item)], by=road.clerk, at=road.at)
    db.session.rollback()
    assert road.dossier(public_id).status is status


def test_a_supplement_of_a_stopped_dossier_stays_at_the_counter(road: Road) -> None:
    public_id = road.item(road.sealed()).dossier.public_id
    road.signed(*[row.public_id for row in road.ready()])
    with transaction():
        items = [{"component": None, "text": "Trích lục ly hôn"}]
        found = road.dossier(public_id)
        dossiers.ask_supplement(found, items, "Thiếu", by=road.officer, at=road.at)
    with transaction():
        services.receive(road.dossier(public_id), by=road.clerk, at=road.at)
    road.end(public_id, Status.STOPPED)
    with pytest.raises(StepRefused, match=SENTENCE), transaction():
        services.save_tally(road.dossier(public_id), {}, by=road.clerk, at=road.at)


def test_a_list_that_was_proposed_before_says_so_when_it_is_signed(road: Road) -> None:
    kept, ended = road.sealed(), road.sealed()
    handover = road.proposed(kept, ended)
    road.end(road.item(ended).dossier.public_id, Status.WITHDRAWN)
    whole = Verdict(is_accepted=True, count=Count(1, 0, 2))
    left = Verdict(is_accepted=False, count=Count(1, 0, 2), note="Người nộp đã rút")

    def sign(verdicts: list[Verdict]) -> None:
        with transaction():
            row = records.get_handover(handover, for_=road.officer, lock=True)
            given = {line.id: said for line, said in zip(row.lines, verdicts, strict=True)}
            handovers.sign(row, given, by=road.officer, at=road.at)

    with pytest.raises(Invalid, match="Chọn không nhận"):
        sign([whole, whole])
    db.session.rollback()
    assert db.session.query(Handover).one().state is HandoverState.PROPOSED
    sign([whole, left])
    assert road.item(kept).state is ItemState.HANDED_TO_AGENCY
    assert road.item(ended).state is ItemState.SEALED


def test_both_pages_of_such_a_list_warn(
    road: Road, clerk: FlaskClient, client_of: ClientOf
) -> None:
    item = road.sealed()
    handover = road.proposed(item)
    officer = client_of(road.officer)
    road.end(road.item(item).dossier.public_id, Status.WITHDRAWN)
    assert "đã kết thúc, không bàn giao" in clerk.get(f"/buu-dien/ban-giao/{handover}").text
    page = officer.get(f"/can-bo/ban-giao/{handover}").text
    assert "chọn không nhận và ghi lý do" in page


def test_a_clerk_whose_page_was_open_is_told_at_once(road: Road, clerk: FlaskClient) -> None:
    """The citizen withdraws between the page and its button: nothing is written, nothing breaks."""
    public_id = at_counter(road)
    path = f"/buu-dien/ho-so/{public_id}/kiem-dem"
    page = clerk.get(path)
    paper = road.papers(public_id)[0].public_id
    version = str(road.dossier(public_id).version)
    road.end(public_id, Status.WITHDRAWN)
    fields = {f"{paper}-is_present": "y", f"{paper}-pages": "9", "act": "save"}
    fields |= {f"{row.public_id}-kind": "original" for row in road.papers(public_id)}
    told = press(clerk, page, path, version=version, **fields)
    assert told.status_code == 409
    assert "yêu cầu rút hồ sơ" in told.text
    stubborn = send(clerk, path, version=str(road.dossier(public_id).version), **fields)
    assert stubborn.status_code == 409
    assert SENTENCE in stubborn.text
    assert road.papers(public_id)[0].pages_declared == 2


def test_scans_and_papers_are_refused_with_the_sentence(road: Road, clerk: FlaskClient) -> None:
    public_id = at_counter(road)
    paper = road.papers(public_id)[0].public_id
    road.end(public_id, Status.WITHDRAWN)
    here = f"/buu-dien/ho-so/{public_id}"
    scan = clerk.post(
        f"{here}/giay-to/{paper}/quet",
        data={
            "csrf_token": token(clerk),
            "idempotency_key": uuid.uuid4().hex,
            "files": [(io.BytesIO(drawn()), "quet.jpg")],
        },
    )
    title = send(clerk, f"{here}/giay-to", title="Ảnh thẻ")
    for answer in (scan, title):
        assert answer.status_code == 409
        assert SENTENCE in answer.text
    assert clerk.get(f"{here}/kiem-dem").headers["Location"].endswith(f"{here}/tra-giay-to")


def test_a_courier_with_an_old_round_collects_nothing(road: Road) -> None:
    visit = road.pickup()
    with transaction():
        pickup = rounds.get_pickup(visit, for_=road.courier)
        public_id = pickup.dossier.public_id
    road.end(public_id, Status.WITHDRAWN)
    row = rounds.get_pickup(visit, for_=road.courier)
    with pytest.raises(Conflict, match="đã kết thúc"), transaction():
        visits.collect(row, by=road.courier, at=road.at)


def test_the_counters_lists_of_the_road_out_forget_it(road: Road) -> None:
    public_id = road.end(at_counter(road), Status.WITHDRAWN)
    item = road.sealed()
    road.end(road.item(item).dossier.public_id, Status.REJECTED)
    counts = desk.counts(road.clerk, road.at.date())
    assert (counts[Tab.AT_COUNTER], counts[Tab.SEALED]) == (0, 0)
    assert road.dossier(public_id).status is Status.WITHDRAWN
