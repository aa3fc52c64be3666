"""Signing in and out, the second factor, and making accounts."""

from __future__ import annotations

import pyotp
from sqlalchemy import or_, select, update

from portal import clock
from portal.access import Role
from portal.accounts import passwords, throttle
from portal.accounts.models import Membership, User
from portal.audit.services import record
from portal.directory.models import Organisation
from portal.extensions import db

TRIES_PER_MINUTE = 5
TRIES_PER_ADDRESS = 30
TOTP_PERIOD = 30


def check_password(email: str, password: str, address: str) -> User | None:
    """The person, or None; raises TooMany. Tells nobody whether the account exists."""
    email = email.strip().lower()
    throttle.spend(f"address:{address}", most=TRIES_PER_ADDRESS, seconds=60)
    throttle.spend(f"account:{email[:100]}", most=TRIES_PER_MINUTE, seconds=60)
    user = db.session.scalar(select(User).filter_by(email=email))
    right = passwords.is_right(password, user.password_hash if user else None)
    if user is None or not right or not user.is_active:
        return None
    throttle.forgive(f"account:{email[:100]}")
    return user


def first_membership(user: User) -> Membership | None:
    """The role a person starts to work in after signing in."""
    return next((m for m in user.memberships if m.is_active), None)


def needs_second_factor(user: User, *, demo: bool) -> bool:
    """Staff prove a second thing everywhere but in the demo."""
    return not demo and any(m.is_active and m.role is not Role.CITIZEN for m in user.memberships)


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
) -> User:
    """Make an account with one role."""
    user = User(
        email=email.strip().lower(),
        name=name,
        password_hash=passwords.hash_password(password),
        created_at=clock.now(),
    )
    user.memberships.append(Membership(role=role, organisation=organisation))
    db.session.add(user)
    db.session.flush()
    record("account:create", user, by=None, role_given=role.value)
    return user
