"""Counters' computers and what clerks want scanned there."""

from dataclasses import replace
from datetime import datetime

from portal.access import Actor
from portal.accounts.models import Membership
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.postal import scan_orders, stations
from portal.postal.models import ColourMode, OrderState, Source, Station
from portal.postal.scan_orders import Wish


def make_station(by: Actor, at: datetime, name: str = "Quầy 1") -> tuple[str, str]:
    """A paired station of the actor's office: its name in addresses, and its token."""
    with transaction() as session:
        office = session.get_one(Organisation, by.place_id)
        _station, code = stations.invite(office, name, by=by, at=at)
    with transaction():
        station, token = stations.pair(code, at=at)
        stations.greet(station.id, "Noname frontend-tester", ["feeder", "glass"])
        return station.public_id, token


def make_order(
    dossier: str,
    station: str,
    clerk: Actor,
    at: datetime,
    *,
    paper: int = 0,
    source: Source = Source.FEEDER,
    state: OrderState = OrderState.WAITING,
) -> str:
    """The clerk wants a paper of a dossier scanned; returns the order's name."""
    with transaction() as session:
        found = session.query(Dossier).filter_by(public_id=dossier).one()
        document = sorted(found.documents, key=lambda one: one.id)[paper]
        wish = Wish(station, source, ColourMode.GREY)
        order = scan_orders.give(document, wish, by=with_role(clerk), at=at)
        order.state = state
        if state is OrderState.STOPPED:
            order.reason = "jammed"
        return order.public_id


def with_role(actor: Actor) -> Actor:
    """The same person with the number of the role he acts in."""
    held = db.session.query(Membership).filter_by(
        user_id=actor.user_id, role=actor.role, organisation_id=actor.place_id
    )
    return replace(actor, membership_id=held.one().id)


def station_row(public_id: str) -> Station:
    return db.session.query(Station).filter_by(public_id=public_id).one()
