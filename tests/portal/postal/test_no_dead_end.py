"""Papers at the post have a way on, whatever became of their dossier and wherever they lie."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Actor, Role
from portal.db import transaction
from portal.dossiers import custody
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import CLOSED, UNDECIDED, Status
from portal.dossiers.models.custody import Holder
from portal.errors import StepRefused
from portal.extensions import db
from portal.postal import desk, handovers, homeward, records, returns, services
from portal.postal.desk import Tab
from portal.postal.handovers import Verdict
from portal.postal.homeward import Counted
from portal.postal.lifecycle import ItemState, PickupState
from portal.postal.models import Pickup
from portal.postal.rules import Count
from tests.factories.post import Road
from tests.portal.postal.pages import enter, press

ClientOf = Callable[[Actor], FlaskClient]
SENT = [status for status in Status if status is not Status.DRAFT]
# The forms that move an envelope of each state; a verb of the table, and the page that has it.
WAYS = {
    ItemState.AT_COUNTER: ("kiem-dem", "tra-giay-to"),
    ItemState.SEALED: ("mo-niem-phong", "tra-giay-to"),
    ItemState.COLLECTED: ("di-phat", "phat"),
    ItemState.OUT_FOR_DELIVERY: ("phat", "khong-phat-duoc"),
    ItemState.FAILED: ("di-phat", "phat"),
}


def accepted_with_papers(road: Road) -> str:
    """The agency has the dossier in work; returns the dossier's public id."""
    item = road.sealed()
    road.signed(item)
    public_id = road.item(item).dossier.public_id
    with transaction():
        dossiers.accept(road.dossier(public_id), by=road.officer, at=road.at)
    return public_id


def asked(road: Road, public_id: str) -> None:
    items = [{"component": None, "text": "Bản gốc"}]
    with transaction():
        found = road.dossier(public_id)
        dossiers.ask_supplement(found, items, "Cần bản gốc", by=road.officer, at=road.at)


def supplement_at_post(road: Road, *, is_sealed: bool = True) -> tuple[str, str]:
    """An original brought to the counter for a request; (dossier, item)."""
    public_id = accepted_with_papers(road)
    road.at += timedelta(hours=1)
    asked(road, public_id)
    road.scanned(public_id)
    item = road.tallied(public_id)
    if is_sealed:
        with transaction():
            services.seal(road.dossier(public_id), "NP-2", "", by=road.clerk, at=road.at)
    return public_id, item


def answered_online(road: Road, public_id: str) -> None:
    with transaction():
        found = road.dossier(public_id)
        dossiers.supplement(found, by=road.world.actor(Role.CITIZEN), at=road.at)


def put(road: Road, item: str, state: ItemState) -> None:
    """Bring a sealed or open envelope to `state` by the verbs of the road."""
    if state in (ItemState.AT_COUNTER, ItemState.SEALED):
        return
    public_id = road.item(item).dossier.public_id
    with transaction():
        homeward.turn_round(road.dossier(public_id), Counted(2), by=road.clerk, at=road.at)
    if state is not ItemState.COLLECTED:
        road.out(item)
    if state is ItemState.FAILED:
        with transaction():
            reason = returns.FailureReason.ABSENT
            returns.fail(road.item(item), reason, "", by=road.courier, at=road.at)


def forms_on(page: TestResponse) -> set[str]:
    """The last parts of the addresses that the page's buttons and links lead to."""
    main = page.text[page.text.index("<main") : page.text.index("</main")]
    return set(re.findall(r'(?:action|href)="[^"]*/([^"/?]+)(?:\?[^"]*)?"', main))


@pytest.mark.parametrize("state", WAYS)
def test_every_envelope_at_the_post_has_a_button_that_moves_it(
    road: Road, client_of: ClientOf, state: ItemState
) -> None:
    """In each status of the dossier the clerk scans its code and finds the next step."""
    public_id, item = supplement_at_post(road, is_sealed=state is not ItemState.AT_COUNTER)
    answered_online(road, public_id)
    put(road, item, state)
    clerk, code = client_of(road.clerk), road.item(item).code
    for status in SENT:
        with transaction():
            found = road.dossier(public_id)
            found.status, found.finished_at = status, road.at
        assert [x.bill_no for x in custody.now(found) if x.holder is Holder.POST] == [
            road.item(item).code
        ]
        page = clerk.get(enter(clerk, code).headers["Location"])
        assert page.status_code == 200, (status, page.headers.get("Location"))
        assert forms_on(page) & set(WAYS[state]), status


@pytest.mark.parametrize("status", SENT)
def test_papers_in_a_couriers_bag_are_tallied_or_kept_for_their_sender(
    road: Road, status: Status
) -> None:
    visit = road.pickup(state=PickupState.REQUESTED)
    with transaction() as session:
        pickup = session.query(Pickup).filter_by(public_id=visit).one()
        road.visited(pickup)
        public_id = pickup.dossier.public_id
    with transaction():
        found = road.dossier(public_id)
        found.finished_at = road.at
        found.received_at = road.at if status is not Status.REGISTERED else None
        found.status = status
    moved = []
    for verb in (
        lambda found: services.receive(found, by=road.clerk, at=road.at),
        lambda found: homeward.turn_round(found, Counted(2), by=road.clerk, at=road.at),
    ):
        try:
            with transaction():
                moved.append(verb(road.dossier(public_id)))
        except StepRefused:
            db.session.rollback()
    assert len(moved) == 1


def test_an_answer_online_leaves_no_original_locked_at_the_post(
    road: Road, client_of: ClientOf
) -> None:
    """The envelope may still be handed over: no clock starts, nothing is accepted twice."""
    officer = client_of(road.officer)
    public_id, item = supplement_at_post(road)
    answered_online(road, public_id)
    before = road.dossier(public_id)
    was = (before.status, before.received_at, before.accepted_at, before.due_at)
    record = road.proposed(item)
    page = officer.get(f"/can-bo/ban-giao/{record}")
    assert "không chờ phong bì này" in page.text
    line = road.handover(record).lines[0].id
    count = {"verdict": "accept", "originals": "1", "copies": "0", "pages": "2"}
    sent = {name_on(page, line, name): value for name, value in count.items()}
    assert press(officer, page, f"/can-bo/ban-giao/{record}", **sent).status_code == 303
    after = road.dossier(public_id)
    assert (after.status, after.received_at, after.accepted_at, after.due_at) == was
    assert {x.holder for x in custody.now(after)} == {Holder.AGENCY}
    assert [event.act for event in after.events].count("accept") == 1


def name_on(page: TestResponse, line: int, field: str) -> str:
    found = re.search(rf'name="([^"]*{line}[^"]*{field})"', page.text)
    assert found, field
    return found[1]


def test_what_the_agency_does_not_take_is_given_back_before_and_after_the_decision(
    road: Road, client_of: ClientOf
) -> None:
    clerk = client_of(road.clerk)
    public_id, item = supplement_at_post(road)
    answered_online(road, public_id)
    record = road.proposed(item)
    with transaction():
        row = records.get_handover(record, for_=road.officer, lock=True)
        verdict = Verdict(is_accepted=False, count=Count(1, 0, 2), note="Đã có bản điện tử")
        handovers.sign(row, {row.lines[0].id: verdict}, by=road.officer, at=road.at)
    slip = clerk.get(f"/buu-dien/ho-so/{public_id}/phieu-gui")
    back = f"/buu-dien/ho-so/{public_id}/tra-giay-to"
    assert back in slip.text
    assert desk.counts(road.clerk, road.at.date())[Tab.HOME] == 0
    with transaction():
        found = road.dossier(public_id)
        found.status, found.finished_at = Status.RESOLVED, road.at
    assert desk.counts(road.clerk, road.at.date())[Tab.HOME] == 1
    assert back in clerk.get("/buu-dien?xem=tra-giay-to").text
    page = clerk.get(back)
    version = str(road.dossier(public_id).version)
    assert press(clerk, page, back, version=version, pages="2").status_code == 303
    assert road.item(item).state is ItemState.COLLECTED
    assert [row.public_id for row in desk.to_collect(road.clerk)] == [public_id]


def test_an_envelope_opened_again_asks_only_for_what_it_carries(road: Road) -> None:
    """The agency has the rest: after the answer online the seal closes on the same list."""
    public_id, item = supplement_at_post(road)
    answered_online(road, public_id)
    with transaction():
        services.unseal(road.dossier(public_id), road.item(item), "Xem lại", by=road.clerk,
                        at=road.at)  # fmt: skip
    with transaction():
        services.seal(road.dossier(public_id), "NP-3", "", by=road.clerk, at=road.at)
    assert [paper["pages"] for paper in road.item(item).papers] == [2]


def test_the_two_halves_of_the_table_leave_no_status_out() -> None:
    assert {Status.DRAFT} | UNDECIDED | CLOSED == set(Status)
    assert not UNDECIDED & CLOSED


def test_whoever_answers_online_is_told_of_the_envelope_at_the_post(
    road: Road, client_of: ClientOf
) -> None:
    citizen = road.world.actor(Role.CITIZEN)
    browser = client_of(citizen)
    public_id, item = supplement_at_post(road)
    with transaction():
        road.dossier(public_id).applicant_id = citizen.user_id
    page = browser.get(f"/cua-toi/ho-so/{public_id}/bo-sung").text
    assert "Bưu điện đang giữ giấy tờ" in page
    assert road.item(item).code in page
    road.signed(item)
    asked(road, public_id)
    assert "đang giữ giấy tờ" not in browser.get(f"/cua-toi/ho-so/{public_id}/bo-sung").text
