"""The second factor: between password and code the browser holds only who is waiting."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from flask import session

from portal import clock
from portal.accounts.models import User
from portal.crypto import keyring
from portal.extensions import db

WAIT = timedelta(minutes=5)
SLOT = "second_factor"
ISSUER = "Một Cửa"


@dataclass(frozen=True)
class Waiting:
    """Someone who gave the right password and still owes the code."""

    user_id: int
    email: str
    is_enrolled: bool
    next: str | None


@dataclass(frozen=True)
class Enrolment:
    """A new secret to take down, as text and as a QR picture (SVG data URI)."""

    secret: str
    picture: str


def remember(user: User, next_path: str | None) -> None:
    """Note in the browser's signed cookie that the password was right."""
    session[SLOT] = {
        "user": user.public_id,
        "at": clock.now().isoformat(),
        "next": (next_path or "")[:500],
    }


def waiting() -> Waiting | None:
    """Who is waiting for the second factor in this browser, if the five minutes are not over."""
    note = session.get(SLOT)
    if not note or clock.now() - datetime.fromisoformat(note["at"]) > WAIT:
        return None
    user = db.session.query(User).filter_by(public_id=note["user"], is_active=True).one_or_none()
    if user is None:
        return None
    return Waiting(user.id, user.email, user.totp_secret_sealed is not None, note["next"])


def enrolment(who: Waiting) -> Enrolment | None:
    """The secret to take down for a person who has none yet; sealed in the cookie until proven."""
    if who.is_enrolled:
        return None
    secret = new_secret(who)
    if secret is None:
        secret = pyotp.random_base32()
        sealed = keyring().seal(secret, _place(who))
        session[SLOT] |= {"secret": base64.b64encode(sealed).decode()}
        session.modified = True
    uri = pyotp.TOTP(secret).provisioning_uri(name=who.email, issuer_name=ISSUER)
    return Enrolment(secret, segno.make(uri, error="m").svg_data_uri(scale=5))


def new_secret(who: Waiting) -> str | None:
    """The secret being enrolled in this browser."""
    sealed = session.get(SLOT, {}).get("secret")
    if sealed is None:
        return None
    try:
        return keyring().open(base64.b64decode(sealed), _place(who))
    except (InvalidTag, KeyError, binascii.Error):
        return None


def forget() -> None:
    """The step is over."""
    session.pop(SLOT, None)


def _place(who: Waiting) -> str:
    return f"enrolment:{who.user_id}"
