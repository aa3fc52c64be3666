"""A world in which every door opens on something: dossiers in all states, papers, people, posts."""

from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from portal.access import Actor, Role
from portal.db import transaction
from portal.documents import store
from portal.documents.models import DocumentFile, DocumentPage
from portal.dossiers import assignment, services
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.extensions import db
from portal.postal.lifecycle import PickupState
from portal.postal.models import Pickup, Slot
from tests.factories.office import FRIDAY, Office
from tests.factories.post import Road
from tests.factories.stations import make_order, make_station
from tests.factories.world import World, make_dossier, make_world

WORD = "Thachnhukyvan"  # stands on scanned pages only
ORIGINAL = b"%PDF-1.7 as it came"


@dataclass
class Everything:
    """One person in each role, and the names of all there is, by what a door calls them."""

    app: Flask
    office: Office
    clients: dict[Role | None, FlaskClient]
    dossiers: list[str] = field(default_factory=list)
    at_post: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    handovers: list[str] = field(default_factory=list)
    pickups: list[str] = field(default_factory=list)
    bookings: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.office.world

    def more(self, number: int) -> None:
        """So many more dossiers lie about: on desks, at the counter, on the courier's round."""
        for count in range(number - 6):
            status = Status.PROCESSING if count % 5 == 0 else Status.REGISTERED
            public_id = self.office.dossier(status, name=f"Nguyễn Văn Thứ {count}")
            if count % 10 == 0:
                self.office.page(public_id, f"{WORD} {count}")
        with self.app.test_request_context():
            road = Road(self.world, *self._people_of_the_road())
            road.proposed(road.sealed(), road.sealed())
            road.pickup(on=FRIDAY.date())
            road.pickup(on=FRIDAY.date())
            road.out()
            road.collected()

    def _people_of_the_road(self) -> list[Actor]:
        roles = (Role.POSTAL_CLERK, Role.ONESTOP_OFFICER, Role.COURIER)
        return [self.office.actor(role) for role in roles]


def make_everything(app: Flask) -> Everything:
    """Write it all; the clock should stand at FRIDAY."""
    with app.test_request_context():
        office = Office(app, make_world())
    clients = {role: office.client(role) for role in Role}
    made = Everything(app, office, {None: app.test_client(), **clients})
    _desks(made)
    with app.test_request_context():
        _road(made)
        _drafts(made)
    return made


def _desks(made: Everything) -> None:
    for status in Status:
        if status is not Status.DRAFT:
            public_id = made.office.dossier(status, return_mode=ReturnMode.DESK)
            made.dossiers.append(public_id)
            fields = [{"name": "requester_name", "value": WORD, "page": 1, "confidence": 0.9}]
            made.office.page(public_id, f"Nơi cư trú {WORD}", fields=fields)
    mine = made.office.dossier(Status.PROCESSING)
    made.dossiers.append(mine)
    with made.app.test_request_context(), transaction():
        worker = made.office.actor(Role.OFFICER)
        assignment.claim(made.office.load(mine), by=worker, at=FRIDAY)
    with made.app.test_request_context(), transaction() as session:
        for file in session.query(DocumentFile):
            copy = store.put(b"%PDF-1.7 searchable", "application/pdf")
            file.searchable_key, file.searchable_sha256 = copy.key, copy.sha256
        for page in session.query(DocumentPage):
            page.words_key = page.words_key or page.image_key


def _road(made: Everything) -> None:
    road = Road(made.world, *made._people_of_the_road())
    made.at_post += [road.registered(), road.resolved()]
    counted = road.registered()
    road.scanned(counted)
    road.tallied(counted)
    sealed, collected = road.sealed(), road.collected()
    out, tried = road.out(), road.refused_twice()
    made.items += [sealed, collected, out, tried]
    made.at_post += [counted, road.item(sealed).dossier.public_id, road.item(out).dossier.public_id]
    station, _token = make_station(road.clerk, FRIDAY)
    made.orders.append(make_order(road.registered(), station, road.clerk, FRIDAY))
    handed = road.sealed()
    made.handovers += [road.proposed(road.sealed()), road.signed(handed)]
    made.at_post.append(road.item(handed).dossier.public_id)
    made.pickups += [road.pickup(on=FRIDAY.date()), road.pickup(state=PickupState.MISSED)]
    for signed in (False, True):  # taken back while the post holds the papers, or the agency
        item = road.sealed()
        if signed:
            road.signed(item)
        owner = road.item(item).dossier.public_id
        made.at_post.append(road.end(owner, Status.WITHDRAWN))
    made.dossiers += made.at_post


def _drafts(made: Everything) -> None:
    citizen = made.office.actor(Role.CITIZEN)
    for channel in (Channel.ONLINE, Channel.POST):
        with transaction():
            draft = services.start_draft(made.world.version(), channel, by=citizen, at=FRIDAY)
            (made.drafts if channel is Channel.ONLINE else made.bookings).append(draft.public_id)
    booked = make_dossier(made.world, citizen, channel=Channel.POST, at=FRIDAY)
    with transaction() as session:
        dossier = session.query(Dossier).filter_by(public_id=booked).one()
        dossier.post_office_id = made.world.office
        row = Pickup(
            code="TG-CUATOI",
            dossier=dossier,
            post_office_id=made.world.office,
            state=PickupState.REQUESTED,
            slot_on=FRIDAY.date() + timedelta(days=3),
            slot=Slot.MORNING,
            address="12 Trần Phú",
            commune_code="22366",
            requested_at=FRIDAY,
        )
        row.phone = "+84987654321"
        session.add(row)
    made.bookings.append(booked)
    made.dossiers.append(booked)
    db.session.rollback()
