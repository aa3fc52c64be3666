"""Whose a form is: each form we show carries a signed mark of the person and role it is for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select

from portal import clock
from portal.access import Actor, current_actor
from portal.accounts import sessions
from portal.accounts.models import Membership, User, WebSession
from portal.extensions import db

FIELD = "form_owner"
OPEN_FOR = 24 * 3600


@dataclass(frozen=True)
class Owner:
    """The person a form was shown to, in one of the roles this person holds or held.

    `browser_of` is whose session, alive or ended, the sending browser has: anybody may have found
    a mark, but not the cookie.
    """

    user_id: int
    membership_id: int
    browser_of: int | None

    @property
    def is_at_own_browser(self) -> bool:
        """Whether the form comes from where this person had signed in."""
        return self.browser_of == self.user_id


class _Signer(TimestampSigner):
    """Stamps with the portal's clock."""

    def get_timestamp(self) -> int:
        """The present second."""
        return int(clock.now().timestamp())


def mark() -> str:
    """What a form carries to be known again; nothing for visitors."""
    actor = current_actor()
    if actor is None:
        return ""
    signed = _signer().dumps([actor.public_id, actor.membership_id, actor.session_id])
    return signed if isinstance(signed, str) else signed.decode()


def of_form() -> Owner | None:
    """Whom the present form was shown to; None where its mark is not ours, or a day old.

    A mark holds as long as the session it was made in is on record, alive or ended.
    """
    try:
        marked = _signer().loads(request.form.get(FIELD, ""), max_age=OPEN_FOR)
        person, membership_id, session_id = marked
    except (BadSignature, ValueError, TypeError):
        return None
    actor = current_actor()
    if actor is not None and (actor.public_id, actor.membership_id) == (person, membership_id):
        return _owner_of(actor)
    row = db.session.execute(
        select(Membership.user_id, Membership.id)
        .join(User)
        .join(WebSession, WebSession.membership_id == Membership.id)
        .where(User.public_id == person, Membership.id == membership_id, User.is_active)
        .where(WebSession.id == session_id)
    ).one_or_none()
    return Owner(*row, _browser_of()) if row else None


def of_browser() -> Owner | None:
    """Whose session this browser has, or had until it ended."""
    actor = current_actor()
    if actor is not None:
        return _owner_of(actor)
    row = sessions.last_seen()
    return Owner(row.user_id, row.membership_id, row.user_id) if row else None


def _browser_of() -> int | None:
    actor = current_actor()
    if actor is not None:
        return actor.user_id
    row = sessions.last_seen()
    return row.user_id if row else None


def _owner_of(actor: Actor) -> Owner:
    return Owner(actor.user_id, actor.membership_id, actor.user_id)


def _signer() -> URLSafeTimedSerializer:
    key = current_app.config["SECRET_KEY"]
    return URLSafeTimedSerializer(key, salt="form-owner", signer=_Signer)
