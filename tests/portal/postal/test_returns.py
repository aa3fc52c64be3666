"""The way home: fetched, brought, tried again two working days later, or given back."""

from datetime import timedelta

import pytest

from portal.access import Role
from portal.accounts.models import User
from portal.db import transaction
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import ReturnMode
from portal.errors import Conflict, Invalid, NotFound, StepRefused
from portal.extensions import db
from portal.outbox import OutboxMessage
from portal.postal import desk, queries, returns
from portal.postal.lifecycle import FailureReason, ItemState, Relation
from portal.postal.models import PostalItem
from portal.postal.returns import Recipient
from tests.factories.post import MONDAY, Road
from tests.rig import on_both_databases

HERSELF = Recipient("Nguyễn Thị Mẫu", Relation.SELF, "căn cước")


def deliver(road: Road, item: str, recipient: Recipient = HERSELF) -> None:
    with transaction():
        returns.deliver(road.item(item), recipient, by=road.courier, at=road.at)


def fail(road: Road, item: str, reason: FailureReason = FailureReason.ABSENT) -> None:
    with transaction():
        returns.fail(road.item(item), reason, "", by=road.courier, at=road.at)


def test_a_resolved_dossier_waits_on_the_list_until_it_is_fetched(road: Road) -> None:
    public_id = road.resolved()
    assert [row.public_id for row in desk.to_collect(road.clerk)] == [public_id]
    with transaction():
        found = queries.get_collectable(public_id, for_=road.clerk, lock=True)
        item = returns.collect(found, "Lê Thị Hà", "1 phong bì", by=road.clerk, at=road.at)
        assert item.state is ItemState.COLLECTED
    assert desk.to_collect(road.clerk) == []
    sheet = db.session.query(ControlSheetLine).order_by(ControlSheetLine.id.desc()).first()
    assert sheet is not None
    assert (sheet.giver_name, sheet.taker_name) == ("Lê Thị Hà", "Hồ Thị Mai")
    with pytest.raises(NotFound):
        queries.get_collectable(public_id, for_=road.clerk)


def test_a_result_without_an_office_is_fetched_by_any_of_the_province(road: Road) -> None:
    public_id = road.resolved()
    with transaction():
        road.dossier(public_id).post_office_id = None
    other = road.world.actor(Role.POSTAL_CLERK, at=road.world.other_office)
    with transaction():
        found = queries.get_collectable(public_id, for_=other, lock=True)
        returns.collect(found, "Lê Thị Hà", "", by=other, at=road.at)
    assert road.dossier(public_id).post_office_id == road.world.other_office


def test_a_result_for_the_desk_is_not_the_posts(road: Road) -> None:
    public_id = road.resolved()
    with transaction():
        road.dossier(public_id).return_mode = ReturnMode.DESK
    assert desk.to_collect(road.clerk) == []


def test_another_office_does_not_see_the_result(road: Road) -> None:
    public_id = road.resolved()
    other = road.world.actor(Role.POSTAL_CLERK, at=road.world.other_office)
    assert desk.to_collect(other) == []
    with pytest.raises(NotFound):
        queries.get_collectable(public_id, for_=other)


@on_both_databases
def test_delivery_is_the_last_status_and_names_who_took_it(road: Road) -> None:
    item = road.out()
    road.at = MONDAY + timedelta(days=1)
    deliver(road, item)
    row = road.item(item)
    assert row.state is ItemState.DELIVERED
    assert row.dossier.status is Status.RETURNED
    assert row.dossier.returned_at == road.at
    attempt = row.deliveries[0]
    assert (attempt.is_delivered, attempt.recipient_name) == (True, "Nguyễn Thị Mẫu")
    last = row.dossier.events[-1]
    assert last.sentence.startswith("Đã phát cho chính chủ, lúc 09:00 17/11/2026")
    assert "Nguyễn" not in last.sentence


def test_somebody_else_needs_a_paper_that_says_so(road: Road) -> None:
    item = road.out()
    with pytest.raises(Invalid) as problem:
        deliver(road, item, Recipient("Trần Văn Con", Relation.AUTHORISED, "căn cước"))
    assert problem.value.field == "authority_paper"
    deliver(road, item, Recipient("Trần Văn Con", Relation.AUTHORISED, "căn cước", "uỷ quyền"))
    assert road.item(item).deliveries[0].paper_checked == "căn cước; uỷ quyền"


def test_nobody_takes_a_result_twice(road: Road) -> None:
    item = road.out()
    deliver(road, item)
    with pytest.raises(Conflict):
        deliver(road, item)
    db.session.rollback()
    assert len(road.item(item).deliveries) == 1


def test_a_dossier_that_is_not_resolved_is_not_returned(road: Road) -> None:
    item = road.out()
    with transaction():
        road.item(item).dossier.status = Status.PROCESSING
    with pytest.raises(StepRefused):
        deliver(road, item)
    db.session.rollback()
    assert road.item(item).state is ItemState.OUT_FOR_DELIVERY


def test_the_second_invitation_waits_two_working_days(road: Road) -> None:
    item = road.out()
    fail(road, item)
    row = road.item(item)
    assert row.state is ItemState.FAILED
    assert row.dossier.status is Status.RESOLVED
    assert row.deliveries[0].failure_label == "Vắng nhà"
    assert f"{returns.next_on(row):%d/%m}" == "18/11"
    with pytest.raises(Invalid, match="18/11/2026"):
        road.out(item, at=MONDAY + timedelta(days=1))
    road.out(item, at=MONDAY + timedelta(days=2))
    assert road.item(item).state is ItemState.OUT_FOR_DELIVERY


def test_after_two_failures_it_goes_back_to_the_agency(road: Road) -> None:
    item = road.out()

    def send_back() -> None:
        with transaction():
            returns.send_back(road.item(item), "Lê Thị Hà", by=road.clerk, at=road.at)

    fail(road, item)
    with pytest.raises(Conflict):
        send_back()
    road.at = MONDAY + timedelta(days=2)
    road.out(item, at=road.at)
    fail(road, item, FailureReason.WRONG_ADDRESS)
    assert returns.is_spent(road.item(item))
    with pytest.raises(Conflict):
        road.out(item, at=MONDAY + timedelta(days=9))
    send_back()
    assert road.item(item).state is ItemState.RETURNED_TO_AGENCY
    assert road.item(item).dossier.status is Status.RESOLVED
    assert road.item(item).dossier.return_mode is ReturnMode.DESK
    assert desk.to_collect(road.clerk) == []


def test_a_spent_result_may_still_be_taken_at_the_counter(road: Road) -> None:
    item = road.out()
    fail(road, item)
    road.at = MONDAY + timedelta(days=2)
    road.out(item, at=road.at)
    fail(road, item)
    with transaction():
        returns.deliver(road.item(item), HERSELF, by=road.clerk, at=road.at)
    assert road.item(item).dossier.status is Status.RETURNED


def test_each_failure_is_news_for_the_citizen_without_names(road: Road) -> None:
    item = road.out()
    fail(road, item)
    mails = db.session.query(OutboxMessage).order_by(OutboxMessage.id).all()
    assert "phát" in mails[-1].subject.lower()
    assert "Nguyễn" not in mails[-1].body


def test_a_courier_has_only_what_is_on_his_round(road: Road) -> None:
    item = road.out()
    second = road.world.actor(Role.COURIER, name="Phạm Văn Khác")
    assert queries.get_item(item, for_=road.courier).public_id == item
    with pytest.raises(NotFound):
        queries.get_item(item, for_=second)
    waiting = road.collected()
    with pytest.raises(NotFound):
        queries.get_item(waiting, for_=road.courier)


def test_dispatch_needs_the_item_and_a_man(road: Road) -> None:
    item = road.collected()
    with transaction() as session:
        row: PostalItem = road.item(item)
        man = session.get_one(User, road.courier.user_id)
        returns.dispatch(row, man, by=road.clerk, at=road.at)
        assert row.courier_id == road.courier.user_id
