"""A country in which every list has rows: two places of each kind, dossiers in every state.

Each dossier carries its own canaries in every field a person can fill (tests/access/planting.py).
"""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access import Actor, Role
from portal.accounts import resume
from portal.accounts.models import User
from portal.accounts.owners import Owner
from portal.db import transaction
from portal.directory.models import AdministrativeUnit, Organisation, OrganisationKind
from portal.documents.services import ensure_documents
from portal.dossiers import assignment, sealing, services
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.dossiers.models.notices import Outcome
from portal.extensions import db
from portal.jobs.models import Job, JobState
from portal.outbox import MessageState, OutboxMessage
from portal.postal import handovers, homeward, pickup_form, records, returns
from portal.postal.homeward import Counted
from portal.postal.lifecycle import FailureReason, PickupState, Relation
from portal.postal.models import OrderState, Pickup
from portal.postal.returns import Recipient
from tests.access import planting
from tests.access.canaries import Finder
from tests.access.people import People, Person
from tests.factories.country import REQUESTER
from tests.factories.office import FRIDAY, Office
from tests.factories.post import Road
from tests.factories.stations import make_order, make_station
from tests.factories.world import World, make_world
from vietnam.folding import fold

HERE, THERE = "22366", "22651"
AT = {
    Role.POSTAL_CLERK: "office",
    Role.COURIER: "office",
    Role.POSTAL_SUPERVISOR: "post",
    Role.ONESTOP_OFFICER: "centre",
    Role.OFFICER: "department",
    Role.LEADER: "department",
    Role.RECORDS_CLERK: "department",
    Role.CONTROL: "province",
}


@dataclass
class Side:
    """The places of one half of the country, and the people who work there."""

    name: str
    world: World
    actors: dict[Role, Actor] = field(default_factory=dict)
    office: Office | None = None


@dataclass
class Country:
    """Everything: who there is, what there is, and the canaries in it."""

    app: Flask
    people: dict[str, Person] = field(default_factory=dict)
    sides: list[Side] = field(default_factory=list)
    finder: Finder = field(default_factory=Finder)


def make_country(app: Flask) -> Country:
    """Write it all; the clock should stand at FRIDAY."""
    made = Country(app)
    with app.test_request_context():
        world = make_world()
        _units()
        made.sides = [Side("here", world), Side("there", _other_half(world))]
    people = People(app)
    for side in made.sides:
        _settle(made, side, people)
    _others(made, people)
    for side in made.sides:
        _desks(app, side)
        with app.test_request_context():
            _drafts(side, _road(side))
    with app.test_request_context():
        _between(made)
        _parked(made)
        _stuck()
        planting.plant(made.finder)
        _sealed(made.sides[0])
    return made


def _units() -> None:
    with transaction() as session:
        for code, name, parent in (
            ("56", "Tỉnh Khánh Hòa", None),
            (HERE, "Phường Nha Trang", "56"),
            ("01", "Thành phố Hà Nội", None),
            (THERE, "Phường Ba Đình", "01"),
        ):
            kind = "ward" if parent else "province"
            unit = AdministrativeUnit(
                code=code, name=name, kind=kind, parent_code=parent, folded=fold(name)
            )
            unit.valid_from = clock.today().replace(year=2025)
            session.add(unit)


def _other_half(world: World) -> World:
    """The other centre, department and office, in a province and under a post of its own."""
    with transaction() as session:
        post = Organisation(
            code="BD01", name="post BD01", kind=OrganisationKind.POST, province_code="01"
        )
        session.add(post)
        session.flush()
        for number in (world.other_centre, world.other_department, world.other_office):
            session.get_one(Organisation, number).province_code = "01"
        session.get_one(Organisation, world.other_office).parent_id = post.id
        return replace(
            world,
            centre=world.other_centre,
            department=world.other_department,
            office=world.other_office,
            post=post.id,
            commune=THERE,
        )


def _settle(made: Country, side: Side, people: People) -> None:
    """One person in each role, at this half's place of the right kind."""
    for role in Role:
        at = _place_of(made.app, side, role)
        (side.actors[role],) = people.account(f"{role.value} {side.name}", (role, at))
        name = f"{role.value}.{side.name}"
        made.people[name] = people.signed_in(name, side.actors[role])
    side.office = Office(made.app, side.world)
    for role, actor in side.actors.items():
        side.office.known[role, None, "Người Thử"] = actor


def _place_of(app: Flask, side: Side, role: Role) -> int | None:
    kind = AT.get(role)
    if kind != "province":
        return getattr(side.world, kind) if kind else None
    with app.app_context():
        province = "56" if side.world.commune == HERE else "01"
        query = select(Organisation.id).filter_by(kind=OrganisationKind.PROVINCE)
        found = db.session.scalar(query.filter_by(province_code=province))
        if found is not None:
            return found
    with app.app_context(), transaction() as session:
        row = Organisation(
            code="H01", name="province H01", kind=OrganisationKind.PROVINCE, province_code="01"
        )
        session.add(row)
        session.flush()
        return row.id


def _others(made: Country, people: People) -> None:
    """Somebody of many roles, in a browser for each; one who sends for another; who is not in."""
    here, there = (side.world for side in made.sides)
    many = (
        (Role.CITIZEN, None),
        (Role.POSTAL_CLERK, here.office),
        (Role.OFFICER, there.department),
    )
    for actor in people.account("nhiều vai", *many):
        name = f"{actor.role.value}.many"
        made.people[name] = people.signed_in(name, actor)
    (actor,) = people.account("người đại diện", (Role.CITIZEN, None))
    made.people["citizen.sender"] = people.signed_in("citizen.sender", actor)
    clerk = made.sides[0].actors[Role.POSTAL_CLERK]
    made.people["half in"] = people.half_in("half in", clerk)
    made.people["visitor"] = people.visitor()


def _desks(app: Flask, side: Side) -> None:
    """A dossier in every state on the desks of the office, each with a page."""
    office = side.office
    assert office is not None
    for status in Status:
        if status is not Status.DRAFT:
            public_id = office.dossier(status)
            office.page(public_id, "Tờ khai")
    for mine in (True, False):
        public_id = office.dossier(Status.PROCESSING)
        with app.test_request_context(), transaction():
            if mine:
                officer = side.actors[Role.OFFICER]
                assignment.claim(office.load(public_id), by=officer, at=FRIDAY)
    with app.test_request_context():
        _outcome_paper(side)


def _outcome_paper(side: Side) -> None:
    """The decision of the returned dossier is a paper with a page."""
    with transaction() as session:
        for outcome in session.scalars(select(Outcome)):
            dossier = outcome.dossier
            paper = next((one for one in dossier.documents if one.files), None)
            if outcome.document_id is None and paper is not None:
                outcome.document_id = paper.id


def _road(side: Side) -> Road:
    """Papers at the counter, sealed, handed over; results at every stop of their way home."""
    people = (side.actors[r] for r in (Role.POSTAL_CLERK, Role.ONESTOP_OFFICER, Role.COURIER))
    road = Road(side.world, *people)
    road.at, road.worker = FRIDAY - timedelta(days=7), side.actors[Role.OFFICER]
    road.registered()
    for scanned in (False, True):
        counted = road.registered()
        if scanned:
            road.scanned(counted)
        road.tallied(counted)
    road.sealed()
    road.resolved()
    road.collected()
    road.out()
    _tried(road, road.out())
    _delivered(road, road.out())
    _ended(road, side.actors[Role.CITIZEN])
    road.proposed(road.sealed(), road.sealed())
    road.signed(road.sealed())
    with transaction():
        void = records.get_handover(road.proposed(road.sealed()), for_=road.clerk, lock=True)
        handovers.void(void, "nhầm nơi nhận", by=road.clerk, at=road.at)
    for state in (PickupState.REQUESTED, PickupState.MISSED, PickupState.COLLECTED):
        road.pickup(on=FRIDAY.date(), state=state)
    road.pickup(on=FRIDAY.date() - timedelta(days=2))
    for number, state in enumerate((OrderState.WAITING, OrderState.STOPPED), start=1):
        station, _token = make_station(road.clerk, FRIDAY, f"Quầy {number}")
        make_order(road.registered(), station, road.clerk, FRIDAY, state=state)
    make_station(road.clerk, FRIDAY, "Quầy rỗi")
    return road


def _ended(road: Road, citizen: Actor) -> None:
    """Papers of a dossier that came to nothing: at agency and counter, on their way home."""
    for way in (ReturnMode.POST, ReturnMode.DESK):
        item = road.sealed()
        road.signed(item)
        with transaction():
            found = road.item(item).dossier
            found.applicant_id, found.return_mode = citizen.user_id, way
        road.end(found.public_id, Status.REJECTED)
    for is_turned in (False, True):
        public_id = road.item(road.item_at_counter()).dossier.public_id
        with transaction():
            found = road.dossier(public_id)
            found.applicant_id = citizen.user_id
            services.withdraw(found, "thôi", by=citizen, at=road.at)
        if is_turned:
            with transaction():
                found = road.dossier(public_id)
                homeward.turn_round(found, Counted(2), by=road.clerk, at=road.at)


def _tried(road: Road, item: str) -> None:
    """Two attempts came to nothing: the result may go back."""
    for days in (0, 6):
        at = road.at + timedelta(days=days)
        if days:
            road.out(item, at=at)
        with transaction():
            returns.fail(road.item(item), FailureReason.ABSENT, "vắng", by=road.courier, at=at)


def _delivered(road: Road, item: str) -> None:
    recipient = Recipient("người nhận", Relation.SELF, "căn cước", "")
    with transaction():
        returns.deliver(road.item(item), recipient, by=road.courier, at=road.at)


def _drafts(side: Side, road: Road) -> None:
    """What a citizen has begun and could send, and a courier he has asked for."""
    citizen = side.actors[Role.CITIZEN]
    told = REQUESTER | {"requester_commune": side.world.commune, "return_mode": "desk"}
    asked = {
        "request_content": "x",
        pickup_form.SLOT: f"{FRIDAY.date() + timedelta(days=3)}/morning",
    }
    for channel in (Channel.ONLINE, Channel.POST):
        with transaction():
            draft = services.start_draft(side.world.version(), channel, by=citizen, at=FRIDAY)
            ensure_documents(draft)
            draft.answers_text = json.dumps(told | asked)
            public_id = draft.public_id
        if channel is Channel.ONLINE:
            road.scanned(public_id, by=citizen)
    with transaction() as session:
        draft = services.start_draft(side.world.version(), Channel.POST, by=citizen, at=FRIDAY)
        draft.applicant_name, draft.commune_code = "x", side.world.commune
        draft.return_mode, draft.post_office_id = ReturnMode.POST, side.world.office
        services.submit(draft, by=citizen, at=FRIDAY)
        booked = Pickup(
            code=f"TG-CUA{side.world.office:03}",
            dossier=draft,
            post_office_id=side.world.office,
            state=PickupState.REQUESTED,
            slot_on=FRIDAY.date() + timedelta(days=3),
            slot="morning",
            address="x",
            commune_code=side.world.commune,
            requested_at=FRIDAY,
        )
        session.add(booked)


def _between(made: Country) -> None:
    """What crosses the halves, and what belongs to nobody's counter yet."""
    here = made.sides[0]
    citizen = here.actors[Role.CITIZEN]
    sender = made.people["citizen.sender"]
    many = made.people["citizen.many"]
    with transaction() as session:
        dossiers = list(session.scalars(select(Dossier).filter_by(applicant_id=citizen.user_id)))
        sent = [one for one in dossiers if one.status is not Status.DRAFT]
        sent[0].submitted_by_id = sender.user
        sent[1].applicant_id = sent[1].submitted_by_id = many.user
    for side in made.sides:  # results that no office has been named for; papers anyone may bring
        office = side.office
        assert office is not None
        for status in (Status.RESOLVED, Status.SUPPLEMENT_REQUIRED):
            office.dossier(status, return_mode=ReturnMode.POST)
    office = here.office
    assert office is not None
    office.page(office.dossier(Status.REJECTED), "Tờ khai")  # to be sealed


def _sealed(side: Side) -> None:
    """The last that was refused: of somebody who had his data erased, and on no desk any more."""
    ended = select(Dossier).filter_by(status=Status.REJECTED, receiving_unit_id=side.world.centre)
    with transaction() as session:
        refused = session.scalars(ended.order_by(Dossier.id.desc())).first()
        assert refused is not None
        sealing.seal(refused, at=FRIDAY)


def _parked(made: Country) -> None:
    """A form that could not be taken waits for its person."""
    person = made.people["citizen.here"]
    assert person.user is not None
    assert person.membership is not None
    with transaction():
        owner = Owner(person.user, person.membership, person.user)
        fields = [("reason", "chưa gửi được"), ("idempotency_key", "a form that waits")]
        content = resume.Content(fields, [], resume.Why.ENDED)
        resume.park(owner, "/cua-toi/nop/1.004873", content, by=None, at=FRIDAY)


def _stuck() -> None:
    """Work, a message, an account and an office that wait for an administrator."""
    with transaction() as session:
        _retired(session)
        job = session.scalars(select(Job)).first()
        assert job is not None
        job.state, job.reason, job.tries = JobState.FAILED, "damaged", 5
        message = session.scalars(select(OutboxMessage)).first()
        assert message is not None
        message.state, message.reason, message.tries = MessageState.FAILED, "refused", 8


def _retired(session: Session) -> None:
    away = User(email="nghi@test.invalid", name="đã nghỉ", password_hash="!", created_at=FRIDAY)
    away.is_active, away.totp_secret = False, "JBSWY3DPEHPK3PXP"
    shut = Organisation(code="BC56-09", name="đã đóng", kind=OrganisationKind.POST_OFFICE)
    shut.is_active = False
    session.add_all([away, shut])
