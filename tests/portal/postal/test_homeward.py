"""Papers of a dossier that ended without a result go home, and are never in nobody's hands."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Actor, Role
from portal.accounts.models import User
from portal.db import transaction
from portal.dossiers import custody
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import ENDED_EARLY, Status
from portal.dossiers.models.custody import Holder
from portal.dossiers.models.dossier import ReturnMode
from portal.errors import Conflict, Forbidden, Invalid, PortalError, StepRefused
from portal.extensions import db
from portal.postal import desk, homeward, returns
from portal.postal.desk import Tab
from portal.postal.homeward import Counted
from portal.postal.lifecycle import Cargo, FailureReason, ItemState, PickupState, Relation
from portal.postal.models import Pickup, PostalItem
from portal.postal.returns import Recipient
from tests.factories.post import MONDAY, Road
from tests.portal.postal.pages import press, send, token
from tests.rig import on_both_databases
from tests.rig.queries import max_queries

ClientOf = Callable[[Actor], FlaskClient]
HERSELF = Recipient("Nguyễn Thị Mẫu", Relation.SELF, "căn cước", pages=2)


def ended_at_agency(road: Road, status: Status = Status.REJECTED) -> str:
    """The agency took the papers, and the dossier ended without a result."""
    item = road.sealed()
    road.signed(item)
    public_id = road.item(item).dossier.public_id
    if status is Status.STOPPED:
        with transaction():
            dossiers.accept(road.dossier(public_id), by=road.officer, at=road.at)
    return road.end(public_id, status)


def collected(road: Road, public_id: str, pages: int = 2, note: str = "") -> str:
    with transaction():
        found = road.dossier(public_id)
        item = homeward.collect(found, "Lê Thị Hà", Counted(pages, note), by=road.clerk, at=road.at)
        return item.public_id


def turned(road: Road, public_id: str, pages: int = 2) -> str:
    with transaction():
        found = road.dossier(public_id)
        item = homeward.turn_round(found, Counted(pages), by=road.clerk, at=road.at)
        return item.public_id


def deliver(road: Road, item: str, recipient: Recipient = HERSELF, by: Actor | None = None) -> None:
    with transaction():
        returns.deliver(road.item(item), recipient, by=by or road.courier, at=road.at)


def fail(road: Road, item: str) -> None:
    with transaction():
        returns.fail(road.item(item), FailureReason.ABSENT, "", by=road.courier, at=road.at)


def holders(road: Road, public_id: str) -> list[tuple[Holder, str, int | None]]:
    return [(x.holder, x.name, x.pages) for x in custody.history(road.dossier(public_id))]


@on_both_databases
@pytest.mark.parametrize("status", sorted(ENDED_EARLY))
def test_papers_at_the_agency_come_home_counted_and_named(road: Road, status: Status) -> None:
    public_id = ended_at_agency(road, status)
    assert [row.public_id for row in desk.papers_to_return(road.clerk)] == [public_id]
    item = collected(road, public_id)
    assert desk.papers_to_return(road.clerk) == []
    road.out(item)
    deliver(road, item)
    row = road.item(item)
    assert (row.cargo, row.state) == (Cargo.PAPERS, ItemState.DELIVERED)
    assert (row.deliveries[0].recipient_name, row.deliveries[0].pages) == ("Nguyễn Thị Mẫu", 2)
    assert row.dossier.status is status
    assert holders(road, public_id) == [
        (Holder.POST, "Hồ Thị Mai", 2),
        (Holder.AGENCY, "Trần Văn Thuận", 2),
        (Holder.POST, "Hồ Thị Mai", 2),
        (Holder.POST, "Lê Văn Đường", 2),
        (Holder.APPLICANT, "Nguyễn Thị Mẫu", 2),
    ]


def test_custody_has_no_gap_and_no_two_holders(road: Road) -> None:
    public_id = ended_at_agency(road)
    road.at += timedelta(hours=1)
    item = collected(road, public_id)
    road.at += timedelta(hours=1)
    deliver(road, item, by=road.clerk)
    lines = custody.history(road.dossier(public_id))
    for line, after in itertools.pairwise(lines):
        assert line.until == after.since
    assert [line.until is None for line in lines] == [False] * (len(lines) - 1) + [True]


def test_two_failed_attempts_bring_papers_back_to_the_agencys_desk(road: Road) -> None:
    public_id = ended_at_agency(road)
    item = collected(road, public_id)
    road.out(item)
    fail(road, item)
    with pytest.raises(Invalid, match="18/11/2026"):
        road.out(item, at=MONDAY + timedelta(days=1))
    road.at = MONDAY + timedelta(days=2)
    road.out(item, at=road.at)
    fail(road, item)
    with transaction():
        returns.send_back(road.item(item), "Lê Thị Hà", by=road.clerk, at=road.at)
    assert holders(road, public_id)[-1] == (Holder.AGENCY, "Lê Thị Hà", 2)
    assert desk.papers_to_return(road.clerk) == []
    assert road.dossier(public_id).return_mode is ReturnMode.DESK
    with transaction():
        homeward.give_at_desk(road.dossier(public_id), HERSELF, by=road.officer, at=road.at)
    assert holders(road, public_id)[-1] == (Holder.APPLICANT, "Nguyễn Thị Mẫu", 2)


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REJECTED])
@pytest.mark.parametrize("is_sealed", [True, False])
def test_papers_still_at_the_counter_turn_round(
    road: Road, status: Status, is_sealed: bool
) -> None:
    item = road.sealed() if is_sealed else road.item_at_counter()
    public_id = road.end(road.item(item).dossier.public_id, status)
    assert desk.counts(road.clerk, road.at.date())[Tab.HOME] == 1
    assert turned(road, public_id) == item
    assert desk.counts(road.clerk, road.at.date())[Tab.HOME] == 1
    deliver(road, item, by=road.clerk)
    assert holders(road, public_id)[-1] == (Holder.APPLICANT, "Nguyễn Thị Mẫu", 2)
    assert desk.counts(road.clerk, road.at.date())[Tab.HOME] == 0
    with pytest.raises(StepRefused):
        turned(road, public_id)


def test_papers_the_agency_never_had_cannot_be_sent_back_to_it(road: Road) -> None:
    item = road.sealed()
    turned(road, road.end(road.item(item).dossier.public_id, Status.WITHDRAWN))
    for days in (0, 2):
        road.at = MONDAY + timedelta(days=days)
        road.out(item, at=road.at)
        fail(road, item)
    assert "chờ người gửi" in road.item(item).dossier.events[-1].sentence
    with pytest.raises(Conflict), transaction():
        returns.send_back(road.item(item), "Lê Thị Hà", by=road.clerk, at=road.at)
    db.session.rollback()
    deliver(road, item, by=road.clerk)
    assert road.item(item).state is ItemState.DELIVERED


def test_an_envelope_on_a_proposed_list_waits_for_the_list(road: Road) -> None:
    item = road.sealed()
    road.proposed(item)
    public_id = road.end(road.item(item).dossier.public_id, Status.WITHDRAWN)
    with pytest.raises(Conflict, match="Huỷ bảng kê"):
        turned(road, public_id)


def test_papers_in_a_couriers_bag_get_a_code_at_the_counter(road: Road) -> None:
    visit = road.pickup(state=PickupState.REQUESTED)
    with transaction() as session:
        pickup = session.query(Pickup).filter_by(public_id=visit).one()
        road.visited(pickup)
        public_id = pickup.dossier.public_id
    road.end(public_id, Status.WITHDRAWN)
    item = turned(road, public_id, pages=3)
    assert holders(road, public_id) == [
        (Holder.POST, "Lê Văn Đường", None),
        (Holder.POST, "Hồ Thị Mai", 3),
    ]
    assert road.item(item).state is ItemState.COLLECTED


def test_a_count_that_differs_needs_words_at_every_change_of_hands(road: Road) -> None:
    public_id = ended_at_agency(road)
    with pytest.raises(Invalid, match="Sổ ghi 2 trang, đếm được 1 trang"):
        collected(road, public_id, pages=1)
    db.session.rollback()
    item = collected(road, public_id, pages=1, note="Cơ quan giữ lại bản sao")
    with pytest.raises(Invalid, match="Sổ ghi 1 trang"):
        deliver(road, item, by=road.clerk)
    db.session.rollback()
    with pytest.raises(Invalid) as problem:
        deliver(road, item, Recipient("Nguyễn Thị Mẫu", Relation.SELF, "căn cước"), road.clerk)
    assert problem.value.field == "pages"


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("role", [Role.CITIZEN, Role.POSTAL_CLERK, Role.ONESTOP_OFFICER])
def test_papers_go_home_only_when_the_dossier_ended_and_only_by_their_verb(
    road: Road, status: Status, role: Role
) -> None:
    """Collecting is the clerk's, giving at the desk the officer's, and both of ended dossiers."""
    public_id = ended_at_agency(road)
    with transaction():
        found = road.dossier(public_id)
        found.status, found.finished_at = status, road.at
    actors = {Role.POSTAL_CLERK: road.clerk, Role.ONESTOP_OFFICER: road.officer}
    by = actors.get(role) or road.world.actor(role)
    found = road.dossier(public_id)
    verbs: dict[Role, Callable[[], object]] = {
        Role.POSTAL_CLERK: lambda: homeward.collect(
            found, "Lê Thị Hà", Counted(2), by=by, at=road.at
        ),
        Role.ONESTOP_OFFICER: lambda: homeward.give_at_desk(found, HERSELF, by=by, at=road.at),
    }
    for whose, verb in verbs.items():
        done = False
        try:
            with transaction():
                verb()
                done = True
                raise Forbidden  # look, do not touch: the next verb finds everything as it was
        except PortalError:
            db.session.rollback()
        assert done is (whose is role and status in ENDED_EARLY)


def test_another_agencys_officer_gives_nothing(road: Road) -> None:
    public_id = ended_at_agency(road)
    other = road.world.actor(Role.ONESTOP_OFFICER, at=road.world.other_centre)
    with pytest.raises(Forbidden), transaction():
        homeward.give_at_desk(road.dossier(public_id), HERSELF, by=other, at=road.at)


def test_the_whole_way_through_the_pages(road: Road, client_of: ClientOf) -> None:
    clerk = client_of(road.clerk)
    public_id = ended_at_agency(road)
    assert public_id in clerk.get("/buu-dien?xem=tra-giay-to").text
    path = f"/buu-dien/ho-so/{public_id}/tra-giay-to"
    fetch = f"/buu-dien/ho-so/{public_id}/nhan-lai-giay-to"
    version = str(road.dossier(public_id).version)
    wrong = press(clerk, clerk.get(path), fetch, version=version, giver_name="Hà", pages="1")
    assert wrong.status_code == 422
    assert "Sổ ghi 2 trang" in wrong.text
    made = press(clerk, wrong, fetch, version=version, giver_name="Lê Thị Hà", pages="2")
    item = road.items_back(public_id)[0]
    assert made.headers["Location"].endswith(item.public_id)
    page = clerk.get(made.headers["Location"])
    assert "Giấy tờ trả lại" in page.text
    assert "Hồ Thị Mai" in page.text
    given = send(
        clerk,
        f"/buu-dien/buu-gui/{item.public_id}/phat",
        version=str(item.dossier.version),
        relation="self",
        recipient_name="Nguyễn Thị Mẫu",
        is_checked="y",
        pages="2",
    )
    assert given.status_code == 303
    slip = clerk.get(f"/buu-dien/ho-so/{public_id}/phieu-hoan-tra.pdf")
    assert slip.status_code == 200
    assert slip.data.startswith(b"%PDF")
    with max_queries(12):
        assert "Người nộp" in clerk.get(f"/buu-dien/ho-so/{public_id}").text


def test_the_officer_sees_what_he_holds_and_gives_it_at_his_desk(
    road: Road, client_of: ClientOf
) -> None:
    officer = client_of(road.officer)
    public_id = ended_at_agency(road)
    here = f"/can-bo/ho-so/{public_id}"
    page = officer.get(here).text
    assert "Giấy tờ đang ở đâu" in page
    assert f"{here}/tra-giay-to" in page
    answer = press(
        officer,
        officer.get(f"{here}/tra-giay-to"),
        f"{here}/tra-giay-to",
        version=str(road.dossier(public_id).version),
        relation="self",
        recipient_name="Nguyễn Thị Mẫu",
        is_checked="y",
        pages="2",
    )
    assert answer.status_code == 303
    assert f"{here}/tra-giay-to" not in officer.get(here).text
    assert officer.get(f"{here}/phieu-hoan-tra.pdf").data.startswith(b"%PDF")


def test_strangers_with_the_key_read_where_but_never_who(
    app: Flask, road: Road, client_of: ClientOf
) -> None:
    visitor = client_of(road.clerk)
    public_id = ended_at_agency(road)
    deliver(road, collected(road, public_id), by=road.clerk)
    found = road.dossier(public_id)
    fields = {"code": found.code, "key": found.lookup_key, "csrf_token": token(visitor)}
    page = visitor.post("/tra-cuu", data=fields)
    assert page.status_code == 200
    main = page.text[page.text.index("<main") : page.text.index("</main")]
    assert "Đã trả lại giấy tờ" in main
    assert "Người nộp" in main
    for name in ("Nguyễn Thị Mẫu", "Hồ Thị Mai", "Trần Văn Thuận", "Lê Thị Hà"):
        assert name not in main


def test_an_officer_hears_of_the_envelope_by_its_code(road: Road) -> None:
    public_id = ended_at_agency(road)
    item = road.item(collected(road, public_id))
    assert isinstance(item, PostalItem)
    with transaction() as session:
        man = session.get_one(User, road.courier.user_id)
        returns.dispatch(item, man, by=road.clerk, at=road.at)
    assert item.code in {line.bill_no for line in custody.now(road.dossier(public_id))}
