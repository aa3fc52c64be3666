"""Signed-in browsers: the cookie holds a random token, everything else is a row here."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from flask import Response, current_app, g, request
from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import joinedload

from portal import clock
from portal.access import Actor, Place, Role
from portal.accounts.models import Membership, User, WebSession
from portal.db import transaction
from portal.directory.models import Organisation
from portal.extensions import db

log = logging.getLogger("portal.sessions")

IDLE_CITIZEN = timedelta(minutes=30)
IDLE_STAFF_LOCK = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(seconds=60)


def cookie_name() -> str:
    """The `__Host-` prefix is only legal, and only wanted, over https."""
    return "__Host-sid" if current_app.config["SESSION_COOKIE_SECURE"] else "sid"


def open_session(user: User, membership: Membership, *, since: datetime | None = None) -> str:
    """Begin a session inside the caller's transaction; returns the token for the cookie.

    `since` is when the person signed in, where this session only takes over from another.
    """
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = WebSession(
        token_hash=_digest(token),
        user_id=user.id,
        membership_id=membership.id,
        created_at=since or now,
        seen_at=now,
    )
    db.session.add(row)
    return token


def give_cookie(response: Response, token: str) -> Response:
    """Put the token into the browser."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(LONGEST.total_seconds()),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def take_cookie(response: Response) -> Response:
    """Remove the token and everything this site left in the browser."""
    response.delete_cookie(
        cookie_name(),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def load_actor() -> None:
    """Find out who is asking; runs before every request but those for static files."""
    g.actor = None
    token = request.cookies.get(cookie_name())
    if not token or request.endpoint == "static":
        return
    row = db.session.scalars(_open_one(), {"token": _digest(token)}).unique().one_or_none()
    if row is None or not _is_alive(row):
        return
    g.actor = actor_of(row)
    g.seen_at = row.seen_at


@cache
def _open_one() -> Select[WebSession]:
    """The question of every request, put together once."""
    return (
        select(WebSession)
        .where(WebSession.token_hash == bindparam("token"), WebSession.ended_at.is_(None))
        .options(
            joinedload(WebSession.user).joinedload(User.memberships),
            joinedload(WebSession.membership).joinedload(Membership.organisation),
        )
    )


def last_seen() -> WebSession | None:
    """The session whose cookie this browser still holds, ended or not; it lets nobody in."""
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    row = db.session.scalar(
        select(WebSession).filter_by(token_hash=_digest(token)).options(joinedload(WebSession.user))
    )
    return row if row is not None and row.user.is_active else None


def touch() -> None:
    """Remember that the person is here, at most once a minute, never from behind the shield."""
    actor = g.get("actor")
    if actor is None or actor.locked or clock.now() - g.seen_at < TOUCH_EVERY:
        return
    try:
        with transaction(alone=True) as session:
            session.execute(
                update(WebSession).filter_by(id=actor.session_id).values(seen_at=clock.now())
            )
    except (DBAPIError, PoolTimeout) as error:
        # A full disk or a copy that takes no writes: what can be read may be read all the same.
        log.warning("a session was not touched: %s", type(error).__name__)


def end_session(session_id: int) -> bool:
    """Sign one browser out; whether it was still in: of two at the same moment one ends it."""
    ended = db.session.execute(
        update(WebSession).filter_by(id=session_id, ended_at=None).values(ended_at=clock.now())
    )
    return bool(getattr(ended, "rowcount", 0))


def end_all(user_id: int) -> None:
    """Sign every browser of a person out: disabled, new password, role taken away."""
    db.session.execute(
        update(WebSession)
        .where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def signed_in_at(session_id: int) -> datetime:
    """When the person behind a session proved who they are."""
    return db.session.get_one(WebSession, session_id).created_at


def lock(session_id: int) -> None:
    """Put the shield up on a shared counter; the work stays where it is."""
    db.session.execute(update(WebSession).filter_by(id=session_id).values(locked_at=clock.now()))


def unlock(session_id: int) -> None:
    """Take the shield down."""
    db.session.execute(
        update(WebSession).filter_by(id=session_id).values(locked_at=None, seen_at=clock.now())
    )


def actor_of(row: WebSession) -> Actor:
    """Who works in a session, and whether the shield stands before them."""
    place = row.membership.organisation
    role = row.membership.role
    idle = clock.now() - row.seen_at > IDLE_STAFF_LOCK
    return Actor(
        user_id=row.user.id,
        public_id=row.user.public_id,
        name=row.user.name,
        email=row.user.email,
        role=role,
        organisation=place_of_row(place) if place else None,
        session_id=row.id,
        membership_id=row.membership_id,
        locked=row.locked_at is not None or (idle and role is not Role.CITIZEN),
        roles_held=sum(m.is_active for m in row.user.memberships),
    )


def _is_alive(row: WebSession) -> bool:
    now = clock.now()
    if not row.user.is_active or now - row.created_at > LONGEST:
        return False
    if not row.membership.is_active:
        return False
    # Staff who are away find the shield, not an ended session: a counter's work is half done.
    return row.membership.role is not Role.CITIZEN or now - row.seen_at <= IDLE_CITIZEN


def place_of_row(row: Organisation) -> Place:
    """An organisation as far as every page needs it."""
    return Place(
        row.id, row.code, row.name, row.kind.value, row.parent_id, row.province_code, row.is_active
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
