"""Signing in and out, the second factor, and making accounts."""

from __future__ import annotations

import pyotp
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, update
from sqlalchemy.orm import selectinload

from portal import clock
from portal.access import Actor, Role
from portal.accounts import passwords, throttle
from portal.accounts.models import Membership, User
from portal.audit.services import record
from portal.directory.models import Organisation
from portal.errors import Invalid
from portal.extensions import db

TRIES_PER_MINUTE = 5
TRIES_PER_ADDRESS = 30
CODES_PER_HOUR = 10
TOTP_PERIOD = 30


def check_password(email: str, password: str, address: str) -> User | None:
    """The person, or None; raises TooMany. Tells nobody whether the account exists."""
    email = email.strip().lower()
    throttle.spend(f"address:{address}", most=TRIES_PER_ADDRESS, seconds=60)
    throttle.spend(f"account:{email}", most=TRIES_PER_MINUTE, seconds=60)
    known = select(User).filter_by(email=email).options(selectinload(User.memberships))
    user = db.session.scalar(known)
    right = passwords.is_right(password, user.password_hash if user else None)
    if user is None or not right or not user.is_active or first_membership(user) is None:
        return None
    throttle.forgive(f"account:{email}")
    throttle.give_back(f"address:{address}")
    return user


def is_still(user_id: int, password: str) -> bool:
    """Whether this is the password of a signed-in person; guesses count as those at sign-in do."""
    user = db.session.get_one(User, user_id)
    email, stored = user.email, user.password_hash
    throttle.spend(f"account:{email}", most=TRIES_PER_MINUTE, seconds=60)
    if not passwords.is_right(password, stored):
        return False
    throttle.forgive(f"account:{email}")
    return True


def note_failure(email: str, reason: str) -> None:
    """Write a refused sign-in down; what was typed as a name stays out unless it is somebody's."""
    user = db.session.scalar(select(User).filter_by(email=email.strip().lower()))
    record("account:sign_in_failed", user or "visitor", by=None, why=reason)


def first_membership(user: User) -> Membership | None:
    """The role a person starts to work in after signing in."""
    return next((m for m in user.memberships if m.is_active), None)


def needs_second_factor(user: User, *, demo: bool) -> bool:
    """Staff prove a second thing everywhere but in the demo."""
    return not demo and any(m.is_active and m.role is not Role.CITIZEN for m in user.memberships)


def spend_code_try(user_id: int) -> None:
    """Count a try of the second factor; raises TooMany long before a code could be guessed."""
    throttle.spend(f"code:{user_id}", most=TRIES_PER_MINUTE, seconds=300)
    throttle.spend(f"codes:{user_id}", most=CODES_PER_HOUR, seconds=3600)


def forgive_code_tries(user_id: int) -> None:
    """The right code was given."""
    throttle.forgive(f"code:{user_id}")
    throttle.forgive(f"codes:{user_id}")


def prove_second_factor(user_id: int, code: str, enrolling: str | None) -> User:
    """Take a code of the person's authenticator; raises Invalid when it is not good.

    Someone who has none yet proves the secret just taken down (`enrolling`), which then stands.
    """
    user = db.session.get_one(User, user_id, with_for_update=True)
    if user.totp_secret is None and enrolling is not None:
        user.totp_secret = enrolling
        record("account:enrol_second_factor", user, by=None)
        db.session.flush()
    if not use_totp(user, code):
        raise Invalid("code", _l("Mã chưa đúng hoặc đã dùng. Ông/Bà nhập mã đang hiện."))
    return user


def use_totp(user: User, code: str) -> bool:
    """Accept a time code once: of two at the same moment exactly one wins."""
    secret = user.totp_secret
    now = int(clock.now().timestamp())
    digits = "".join(code.split())
    for step in (now // TOTP_PERIOD + drift for drift in (0, -1, 1)):
        if secret and pyotp.TOTP(secret).verify(digits, for_time=step * TOTP_PERIOD):
            unused = or_(User.totp_last_step.is_(None), User.totp_last_step < step)
            taken = db.session.execute(
                update(User).where(User.id == user.id, unused).values(totp_last_step=step)
            )
            return bool(getattr(taken, "rowcount", 0))
    return False


def create(
    email: str,
    name: str,
    password: str,
    role: Role,
    organisation: Organisation | None = None,
    *,
    by: Actor | None = None,
) -> User:
    """Make an account with one role; raises Invalid when the password is too weak to keep."""
    passwords.check(password, email, name)
    user = User(
        email=email.strip().lower(),
        name=name,
        password_hash=passwords.hash_password(password),
        created_at=clock.now(),
    )
    user.memberships.append(Membership(role=role, organisation=organisation))
    db.session.add(user)
    db.session.flush()
    record("account:create", user, by=by, role_given=role.value)
    return user
