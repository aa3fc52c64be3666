"""What the clerk counts, what the scanner gives, and when the envelope may be closed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.access import Role
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.documents.models import FileState
from portal.dossiers import services as dossiers
from portal.dossiers.models.dossier import DossierEvent
from portal.errors import Conflict, Invalid, StepRefused
from portal.extensions import db
from portal.outbox import OutboxMessage
from portal.postal import queries, services
from portal.postal.lifecycle import Direction, ItemState, PickupState
from portal.postal.models import Pickup, PostalItem
from portal.postal.tallies import PaperTally, tally
from tests.factories.post import ABSENT, MONDAY, PRESENT, Road
from tests.rig import on_both_databases
from vietnam import s10


def seal(road: Road, public_id: str, number: str = "NP-7", reason: str = "") -> PostalItem:
    with transaction():
        return services.seal(road.dossier(public_id), number, reason, by=road.clerk, at=road.at)


def history(road: Road, public_id: str) -> list[DossierEvent]:
    found = road.dossier(public_id)
    return db.session.query(DossierEvent).filter_by(dossier_id=found.id).order_by("id").all()


@on_both_databases
def test_sealing_leaves_item_history_audit_mail_and_the_day_of_posting(road: Road) -> None:
    item = road.item(road.sealed())
    dossier = item.dossier
    assert s10.is_valid(item.code)
    assert (item.state, item.seal_number) == (ItemState.SEALED, "NP-0001")
    assert (item.pages_declared, item.pages_scanned) == (2, 2)
    assert [(row["title"], row["pages"]) for row in item.papers] == [("Tờ khai", 2)]
    assert dossier.posted_at == MONDAY
    assert dossier.received_at is None
    told = [event.sentence for event in history(road, dossier.public_id) if event.act == "seal"]
    assert len(told) == 1
    assert "niêm phong, 1 giấy tờ / 2 trang" in told[0]
    assert db.session.query(AuditEvent).filter_by(act="postal:seal").count() == 1
    assert db.session.query(OutboxMessage).filter(OutboxMessage.event_key.like("seal:%")).count()


def test_item_codes_follow_each_other(road: Road) -> None:
    first, second = (road.item(road.sealed()).code for _ in range(2))
    assert int(second[2:10]) == int(first[2:10]) + 1


@pytest.mark.parametrize(
    ("said", "scan"),
    [
        (ABSENT, 2),
        (replace(PRESENT, pages=None), 2),
        (PRESENT, 0),
        (PRESENT, 1),
        (PRESENT, 3),
    ],
    ids=["missing", "no count", "nothing scanned", "one short", "one too many"],
)
def test_an_envelope_with_a_gap_stays_open(road: Road, said: PaperTally, scan: int) -> None:
    public_id = road.registered()
    if scan:
        road.scanned(public_id, scan)
    road.tallied(public_id, said)
    with pytest.raises(Invalid):
        seal(road, public_id)
    db.session.rollback()
    assert queries.open_item(road.dossier(public_id), Direction.TO_AGENCY).state is (
        ItemState.AT_COUNTER
    )


def test_pages_that_differ_say_both_numbers_and_ask_for_a_reason(road: Road) -> None:
    public_id = road.registered()
    road.scanned(public_id, 10)
    road.tallied(public_id, replace(PRESENT, pages=11))
    with pytest.raises(Invalid, match="khai 11 trang, đã quét 10 trang") as problem:
        seal(road, public_id)
    assert problem.value.field == "override_reason"
    item = seal(road, public_id, reason="Trang 11 là bìa cứng")
    assert item.state is ItemState.SEALED
    last = history(road, public_id)[-1]
    assert "khai 11 trang, đã quét 10 trang" in (last.reason or "")
    assert "bìa cứng" in (last.reason or "")
    audit = db.session.query(AuditEvent).filter_by(act="postal:seal").one()
    assert audit.reason == "Trang 11 là bìa cứng"


def test_a_reason_does_not_close_over_a_missing_paper(road: Road) -> None:
    public_id = road.registered()
    road.tallied(public_id, ABSENT, PRESENT)
    with pytest.raises(Invalid) as problem:
        seal(road, public_id, reason="Người dân vội")
    assert problem.value.field == "seal"


@pytest.mark.parametrize("state", [FileState.RECEIVED, FileState.READING, FileState.FAILED])
def test_a_scan_that_is_not_read_keeps_the_envelope_open(road: Road, state: FileState) -> None:
    public_id = road.registered()
    road.scanned(public_id)
    road.scanned(public_id, 1, state=state)
    road.tallied(public_id)
    with pytest.raises(Invalid, match=r"quet\.pdf"):
        seal(road, public_id, reason="Không đợi")


def test_blank_backs_are_not_pages(road: Road) -> None:
    public_id = road.registered()
    road.scanned(public_id, 2, blank=2)
    road.tallied(public_id)
    assert seal(road, public_id).pages_scanned == 2


def test_what_the_citizen_sent_from_home_is_no_scan(road: Road) -> None:
    public_id = road.registered()
    citizen = road.world.actor(Role.CITIZEN)
    with transaction():
        road.dossier(public_id).applicant_id = citizen.user_id
    road.scanned(public_id, 2, by=citizen)
    road.tallied(public_id)
    counted = tally(road.dossier(public_id), None)
    assert counted.total.scanned == 0
    assert len(counted.lines[0].sent_by_citizen) == 1


def test_no_seal_without_its_number(road: Road) -> None:
    public_id = road.registered()
    road.scanned(public_id)
    road.tallied(public_id)
    with pytest.raises(Invalid) as problem:
        seal(road, public_id, number="  ")
    assert problem.value.field == "seal_number"


def test_a_sealed_envelope_cannot_be_counted_or_sealed_again(road: Road) -> None:
    dossier = road.item(road.sealed()).dossier.public_id
    with pytest.raises(Conflict):
        road.tallied(dossier)
    with pytest.raises(Conflict):
        seal(road, dossier)


def test_unsealing_needs_a_reason_and_keeps_the_code(road: Road) -> None:
    item_id = road.sealed()
    code, dossier_id = road.item(item_id).code, road.item(item_id).dossier.public_id

    def unseal(reason: str) -> None:
        with transaction():
            dossier = road.dossier(dossier_id)
            item = road.item(item_id)
            services.unseal(dossier, item, reason, by=road.clerk, at=road.at)

    with pytest.raises(Invalid):
        unseal(" ")
    unseal("Thiếu chữ ký")
    assert road.item(item_id).state is ItemState.AT_COUNTER
    assert history(road, dossier_id)[-1].reason == "Thiếu chữ ký"
    assert seal(road, dossier_id).code == code


def test_an_envelope_on_a_record_is_not_unsealed(road: Road) -> None:
    item_id = road.sealed()
    road.proposed(item_id)
    item = road.item(item_id)
    with pytest.raises(Conflict):
        services.unseal(item.dossier, item, "Lý do", by=road.clerk, at=road.at)


def test_papers_of_a_pickup_are_received_with_the_tally(road: Road) -> None:
    pickup_id = road.pickup(state=PickupState.COLLECTED)
    pickup = db.session.query(Pickup).filter_by(public_id=pickup_id).one()
    road.tallied(pickup.dossier.public_id)
    db.session.refresh(pickup)
    assert pickup.state is PickupState.RECEIVED


def test_a_dossier_at_work_takes_no_more_papers(road: Road) -> None:
    public_id = road.resolved()
    with pytest.raises(StepRefused):
        road.tallied(public_id)


def asked_for_more(road: Road) -> str:
    """Handed over, then sent back for a supplement an hour later."""
    item = road.sealed()
    road.signed(item)
    public_id = road.item(item).dossier.public_id
    road.at = MONDAY + timedelta(hours=1)
    with transaction():
        dossiers.ask_supplement(
            road.dossier(public_id),
            [{"component": None, "text": "Trích lục ly hôn"}],
            "Thiếu",
            by=road.officer,
            at=road.at,
        )
    road.at += timedelta(hours=1)
    return public_id


def test_a_supplement_travels_in_its_own_envelope(road: Road) -> None:
    public_id = asked_for_more(road)
    road.scanned(public_id, 3, paper=1)
    road.tallied(public_id, ABSENT, replace(PRESENT, pages=3))
    item = seal(road, public_id)
    assert [row["title"] for row in item.papers] == ["Trích lục ly hôn"]
    assert (item.pages_declared, item.pages_scanned) == (3, 3)
    first, second = queries.items_of(road.dossier(public_id))
    assert first.state is ItemState.HANDED_TO_AGENCY
    assert first.code != second.code
    assert [paper.is_present for paper in road.papers(public_id)] == [True, True]
