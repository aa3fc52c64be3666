"""The hand-over table: two people, two counts, one signature that starts the clock."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from portal.access import Role
from portal.db import transaction
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import DossierEvent
from portal.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from portal.extensions import db
from portal.postal import handovers, queries, records, services
from portal.postal.handovers import Verdict
from portal.postal.lifecycle import HandoverState, ItemState
from portal.postal.models import Handover
from portal.postal.rules import Count
from tests.factories.post import ABSENT, MONDAY, PRESENT, Road
from tests.rig import on_both_databases

WHOLE = Verdict(is_accepted=True, count=Count(1, 0, 2))


def sign(road: Road, public_id: str, verdict: Verdict = WHOLE, by: object = None) -> Handover:
    actor = by or road.officer
    with transaction():
        handover = records.get_handover(public_id, for_=road.officer, lock=True)
        verdicts = {line.id: verdict for line in handover.lines}
        return handovers.sign(handover, verdicts, by=actor, at=road.at)  # type: ignore[arg-type]


@on_both_databases
def test_the_signature_starts_the_clock_and_names_both(road: Road) -> None:
    item = road.sealed()
    road.at = MONDAY + timedelta(hours=5)
    handover = road.handover(road.signed(item))
    assert (handover.giver_name, handover.taker_name) == ("Hồ Thị Mai", "Trần Văn Thuận")
    assert handover.at == road.at
    dossier = road.item(item).dossier
    assert dossier.received_at == road.at
    assert dossier.status is Status.REGISTERED
    assert road.item(item).state is ItemState.HANDED_TO_AGENCY
    line = db.session.query(ControlSheetLine).filter_by(dossier_id=dossier.id).one()
    assert line.bill_no == road.item(item).code
    assert (line.giver_name, line.taker_name) == ("Hồ Thị Mai", "Trần Văn Thuận")
    acts = [row.act for row in db.session.query(DossierEvent).filter_by(dossier_id=dossier.id)]
    assert acts[-2:] == ["take_from_post", "hand_over"]


def test_a_proposal_alone_starts_nothing(road: Road) -> None:
    item = road.sealed()
    road.proposed(item)
    assert road.item(item).state is ItemState.SEALED
    assert road.item(item).dossier.received_at is None


def test_the_clerk_cannot_sign_his_own_list(road: Road) -> None:
    public_id = road.proposed()
    with pytest.raises(Forbidden):
        sign(road, public_id, by=road.clerk)
    both = replace(road.officer, user_id=road.clerk.user_id)
    with pytest.raises(Conflict):
        sign(road, public_id, by=both)


def test_the_schema_refuses_one_person_on_both_sides(road: Road) -> None:
    handover = road.handover(road.proposed())
    handover.taker_id = handover.giver_id
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_the_officer_of_another_centre_has_no_such_record(road: Road) -> None:
    public_id = road.proposed()
    stranger = road.world.actor(Role.ONESTOP_OFFICER, at=road.world.other_centre)
    other_clerk = road.world.actor(Role.POSTAL_CLERK, at=road.world.other_office)
    for actor in (stranger, other_clerk):
        with pytest.raises(NotFound):
            records.get_handover(public_id, for_=actor)


def test_nobody_signs_twice(road: Road) -> None:
    public_id = road.signed()
    first = road.handover(public_id).at
    road.at = MONDAY + timedelta(hours=2)
    with pytest.raises(Conflict, match="Trần Văn Thuận"):
        sign(road, public_id)
    db.session.rollback()
    assert road.handover(public_id).at == first


def test_a_record_taken_back_is_not_signed_and_its_envelopes_are_free(road: Road) -> None:
    item = road.sealed()
    public_id = road.proposed(item)
    with transaction():
        handover = records.get_handover(public_id, for_=road.clerk, lock=True)
        handovers.void(handover, "Đưa nhầm", by=road.clerk, at=road.at)
    with pytest.raises(Conflict, match="Đưa nhầm"):
        sign(road, public_id)
    db.session.rollback()
    assert road.handover(road.proposed(item)).state is HandoverState.PROPOSED


def test_an_envelope_stands_on_one_open_record_only(road: Road) -> None:
    item = road.sealed()
    road.proposed(item)
    with pytest.raises(Invalid):
        road.proposed(item)


def test_only_sealed_envelopes_are_proposed(road: Road) -> None:
    item = road.tallied(road.registered())
    with pytest.raises(Invalid):
        road.proposed(item)
    with pytest.raises(Invalid), transaction():
        handovers.propose([], by=road.clerk, at=road.at)


def test_a_difference_needs_a_note_that_both_sides_read(road: Road) -> None:
    public_id = road.proposed()
    short = Verdict(is_accepted=True, count=Count(1, 0, 1))
    with pytest.raises(Invalid, match="bưu điện ghi 2 trang, cơ quan đếm 1"):
        sign(road, public_id, short)
    sign(road, public_id, replace(short, note="Trang 2 để trắng"))
    for actor in (road.officer, road.clerk):
        line = records.get_handover(public_id, for_=actor).lines[0]
        assert (line.is_accepted, line.is_complete, line.pages) == (True, False, 1)
        assert line.note == "Trang 2 để trắng"


def test_what_is_not_taken_stays_with_the_post(road: Road) -> None:
    item = road.sealed()
    public_id = road.proposed(item)
    refused = Verdict(is_accepted=False, count=Count(1, 0, 2))
    with pytest.raises(Invalid):
        sign(road, public_id, refused)
    sign(road, public_id, replace(refused, note="Tem niêm phong rách"))
    assert road.item(item).state is ItemState.SEALED
    assert road.item(item).dossier.received_at is None
    last = db.session.query(DossierEvent).order_by(DossierEvent.id.desc()).first()
    assert last is not None
    assert last.reason == "Tem niêm phong rách"
    assert road.handover(road.proposed(item)).state is HandoverState.PROPOSED


def test_a_withdrawn_dossier_is_not_taken(road: Road) -> None:
    item = road.sealed()
    public_id = road.proposed(item)
    citizen = road.world.actor(Role.CITIZEN)
    with transaction():
        dossiers.withdraw(road.item(item).dossier, "Đổi ý", by=citizen, at=road.at)
    with pytest.raises(Invalid, match="rút hồ sơ"):
        sign(road, public_id)


def test_envelopes_for_two_centres_need_two_records(road: Road) -> None:
    first, second = road.sealed(), road.sealed()
    with transaction():
        road.item(second).dossier.receiving_unit_id = road.world.other_centre
    with pytest.raises(Invalid, match="nhiều nơi"):
        road.proposed(first, second)


def test_a_supplement_by_post_lets_the_clock_go_on_at_the_signature(road: Road) -> None:
    item = road.sealed()
    road.signed(item)
    dossier = road.item(item).dossier.public_id
    road.at = MONDAY + timedelta(hours=1)
    with transaction():
        dossiers.accept(road.dossier(dossier), by=road.officer, at=road.at)
        dossiers.ask_supplement(
            road.dossier(dossier),
            [{"component": None, "text": "Trích lục ly hôn"}],
            "Thiếu",
            by=road.officer,
            at=road.at,
        )
    road.at += timedelta(hours=1)
    road.scanned(dossier, 2, paper=1)
    road.tallied(dossier, ABSENT, PRESENT)
    with transaction():
        second = services.seal(road.dossier(dossier), "NP-2", "", by=road.clerk, at=road.at)
        item = second.public_id
    assert road.dossier(dossier).status is Status.SUPPLEMENT_REQUIRED
    road.at += timedelta(hours=2)
    road.signed(item)
    found = road.dossier(dossier)
    assert found.status is Status.ACCEPTED
    assert found.pauses[0].ended_at == road.at


def test_an_envelope_sealed_before_a_request_leaves_the_request_open(road: Road) -> None:
    item = road.sealed()
    dossier = road.item(item).dossier.public_id
    road.at = MONDAY + timedelta(hours=1)
    items = [{"component": None, "text": "Trích lục ly hôn"}]
    with transaction():
        dossiers.ask_supplement(road.dossier(dossier), items, "Thiếu", by=road.officer, at=road.at)
    road.at += timedelta(hours=1)
    road.signed(item)
    found = road.dossier(dossier)
    assert found.status is Status.SUPPLEMENT_REQUIRED
    assert dossiers.open_request(found) is not None
    assert found.received_at == road.at
    assert road.item(item).state is ItemState.HANDED_TO_AGENCY


def test_papers_the_agency_has_are_not_tallied_a_second_time(road: Road) -> None:
    item = road.sealed()
    road.signed(item)
    dossier = road.item(item).dossier.public_id
    with pytest.raises(StepRefused):
        road.tallied(dossier, ABSENT, PRESENT)
    assert [paper.is_present for paper in road.papers(dossier)] == [True, False]
    assert len(queries.items_of(road.dossier(dossier))) == 1
