"""The counter's computers: paired once by a code, known by a token, shut out on the next request.

A supervisor pairs them for the offices under his post: a station brings pages into any dossier of
its office, which is no one clerk's to allow. Why the doors look as they do is told in
docs/adr/0019-a-station-fetches-its-orders.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from portal.access import Actor
from portal.audit.services import record
from portal.directory.models import Organisation, OrganisationKind
from portal.errors import Invalid, NotFound
from portal.extensions import db
from portal.postal.models import OrderState, ScanOrder, Source, Station
from portal.postal.queries import of_place

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
CODE_LENGTH = 8  # 31 to the eighth: nobody tries them out in ten minutes at ten tries an address
CODE_LASTS = timedelta(minutes=10)
MOST_OF_AN_OFFICE = 30
SEEN_EVERY = timedelta(seconds=20)
SILENT_AFTER = timedelta(seconds=90)
UNDER_WAY = (OrderState.WAITING, OrderState.SCANNING)


def invite(office: Organisation, name: str, *, by: Actor, at: datetime) -> tuple[Station, str]:
    """A place for a computer, and the code that it is paired with; the code is told only here."""
    if len(of_office(office.id)) >= MOST_OF_AN_OFFICE:
        raise Invalid("name", _("Bưu cục này đã có đủ máy trạm. Thu hồi máy không còn dùng trước."))
    code = "".join(secrets.choice(LETTERS) for _count in range(CODE_LENGTH))
    station = Station(
        post_office_id=office.id,
        name=name.strip(),
        code_hash=_digest(code),
        code_until=at + CODE_LASTS,
        made_by_id=by.user_id,
        created_at=at,
    )
    db.session.add(station)
    db.session.flush()
    record("station:invite", station, by=by, name=station.name, office=office.code)
    return station, f"{code[:4]}-{code[4:]}"


def pair(code: str, *, at: datetime) -> tuple[Station, str]:
    """Exchange a code for a token, once; raises Invalid for one that opens nothing (any more)."""
    typed = "".join(sign for sign in code.upper() if sign in LETTERS)
    station = db.session.scalar(
        select(Station)
        .filter_by(code_hash=_digest(typed), revoked_at=None)
        .where(Station.code_until > at)
        .with_for_update(of=Station)
    )
    if station is None:
        raise Invalid("code", _("Mã ghép không đúng hoặc đã hết hạn. Xin mã mới rồi thử lại."))
    token = secrets.token_urlsafe(32)
    station.code_hash, station.token_hash = None, _digest(token)
    station.paired_at = station.seen_at = at
    record("station:pair", station, by=None, name=station.name)
    return station, token


def of_token(token: str) -> Station | None:
    """The station that holds this token, unless it was revoked."""
    if not token:
        return None
    return db.session.scalar(
        select(Station)
        .filter_by(token_hash=_digest(token), revoked_at=None)
        .options(joinedload(Station.post_office))
    )


def is_to_be_noted(station: Station, at: datetime) -> bool:
    """Whether it was last seen so long ago that it is worth a write."""
    return station.seen_at is None or at - station.seen_at >= SEEN_EVERY


def seen(station_id: int, *, at: datetime) -> None:
    """It has just asked for something."""
    db.session.execute(update(Station).filter_by(id=station_id).values(seen_at=at))


def is_silent(station: Station, at: datetime) -> bool:
    """Whether it should have asked for orders long ago."""
    return station.seen_at is None or at - station.seen_at > SILENT_AFTER


def greet(station_id: int, scanner: str, sources: Sequence[str]) -> None:
    """What stands beside the computer, in its own words."""
    known = [source.value for source in Source if source.value in sources]
    written = {"scanner": scanner[:120], "sources": known}
    db.session.execute(update(Station).filter_by(id=station_id).values(**written))


def revoke(station: Station, *, by: Actor, at: datetime) -> None:
    """It opens nothing from now on; what it was scanning waits for the clerk's word."""
    if station.revoked_at is not None:
        return
    station.revoked_at, station.token_hash, station.code_hash = at, None, None
    db.session.execute(
        update(ScanOrder)
        .where(ScanOrder.station_id == station.id, ScanOrder.state.in_(UNDER_WAY))
        .values(state=OrderState.STOPPED, reason="revoked", moved_at=at)
    )
    record("station:revoke", station, by=by, name=station.name)


def of_office(office_id: int) -> list[Station]:
    """Those of an office that may still work, or still be paired."""
    query = select(Station).where(Station.post_office_id == office_id)
    return list(db.session.scalars(query.where(Station.revoked_at.is_(None)).order_by(Station.id)))


def ready_at(office_id: int) -> list[Station]:
    """Those that clerks of an office may let scan."""
    return [station for station in of_office(office_id) if station.paired_at is not None]


def under(actor: Actor) -> list[Station]:
    """Every station of the offices under a supervisor's post, the newest of each office first."""
    query = (
        select(Station)
        .join(Station.post_office)
        .where(of_place(Station.post_office_id, actor))
        .order_by(Organisation.name, Station.id.desc())
        .options(joinedload(Station.post_office))
    )
    return list(db.session.scalars(query.limit(200)))


def get(public_id: str, *, for_: Actor) -> Station:
    """One of them, locked, or NotFound – also where it is another post's."""
    query = select(Station).filter_by(public_id=public_id)
    query = query.where(of_place(Station.post_office_id, for_)).with_for_update(of=Station)
    station = db.session.scalar(query)
    if station is None:
        raise NotFound
    return station


def offices(actor: Actor) -> list[Organisation]:
    """The post offices for which a supervisor may pair."""
    query = select(Organisation).where(*_offices(actor)).order_by(Organisation.name)
    return list(db.session.scalars(query))


def _offices(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    is_office = Organisation.kind == OrganisationKind.POST_OFFICE
    return of_place(Organisation.id, actor), is_office, Organisation.is_active.is_(True)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
