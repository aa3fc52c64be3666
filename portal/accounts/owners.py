"""Whose a form is: each form we show carries a signed mark of the person and role it is for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from portal.access import Actor, current_actor
from portal.accounts import sessions
from portal.accounts.models import Membership, User
from portal.extensions import db

FIELD = "form_owner"


@dataclass(frozen=True)
class Owner:
    """The person a form was shown to, in one of the roles this person holds or held."""

    user_id: int
    membership_id: int


def mark() -> str:
    """What a form carries to be known again; nothing for visitors."""
    actor = current_actor()
    if actor is None:
        return ""
    signed = _signer().dumps([actor.public_id, actor.membership_id])
    return signed if isinstance(signed, str) else signed.decode()


def of_form() -> Owner | None:
    """Whom the present form was shown to; None where it has no mark of ours."""
    try:
        person, membership_id = _signer().loads(request.form.get(FIELD, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    actor = current_actor()
    if actor is not None and (actor.public_id, actor.membership_id) == (person, membership_id):
        return _owner_of(actor)
    row = db.session.execute(
        select(Membership.user_id, Membership.id)
        .join(User)
        .where(User.public_id == person, Membership.id == membership_id, User.is_active)
    ).one_or_none()
    return Owner(*row) if row else None


def of_browser() -> Owner | None:
    """Whose session this browser has, or had until it ended."""
    actor = current_actor()
    if actor is not None:
        return _owner_of(actor)
    row = sessions.last_seen()
    return Owner(row.user_id, row.membership_id) if row else None


def _owner_of(actor: Actor) -> Owner:
    return Owner(actor.user_id, actor.membership_id)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="form-owner")
