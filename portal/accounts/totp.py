"""The second factor: between password and code the browser holds only who is waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import segno
from flask import session

from portal import clock
from portal.accounts.models import User
from portal.extensions import db

WAIT = timedelta(minutes=5)
SLOT = "second_factor"
ISSUER = "Một Cửa"


@dataclass(frozen=True)
class Waiting:
    """Someone who gave the right password and still owes the code."""

    user: User
    next: str | None
    resume_path: str | None
    resume_fields: str | None


@dataclass(frozen=True)
class Enrolment:
    """A new secret to take down, as text and as a QR picture (SVG data URI)."""

    secret: str
    picture: str


def remember(
    user: User, next_path: str | None, resume_path: str | None, resume_fields: str | None
) -> None:
    """Note in the browser's signed cookie that the password was right."""
    session[SLOT] = {
        "user": user.public_id,
        "at": clock.now().isoformat(),
        "next": next_path,
        "resume_path": resume_path,
        "resume_fields": (resume_fields or "")[:2000],
    }


def waiting() -> Waiting | None:
    """Who is waiting for the second factor in this browser, if the five minutes are not over."""
    note = session.get(SLOT)
    if not note or clock.now() - datetime.fromisoformat(note["at"]) > WAIT:
        return None
    user = db.session.query(User).filter_by(public_id=note["user"], is_active=True).one_or_none()
    if user is None:
        return None
    return Waiting(user, note["next"], note["resume_path"], note["resume_fields"])


def enrolment(user: User) -> Enrolment | None:
    """The secret to take down for a person who has none yet; kept in the cookie until proven."""
    if user.totp_secret:
        return None
    note = session[SLOT]
    secret = note.get("secret") or pyotp.random_base32()
    note["secret"] = secret
    session[SLOT] = note
    session.modified = True
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return Enrolment(secret, segno.make(uri, error="m").svg_data_uri(scale=5))


def new_secret() -> str | None:
    """The secret being enrolled in this browser."""
    found = session.get(SLOT, {}).get("secret")
    return str(found) if found else None


def forget() -> None:
    """The step is over."""
    session.pop(SLOT, None)
