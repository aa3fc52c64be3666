"""Finds accounts, for those who administer them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from portal.access import Role
from portal.accounts.models import Membership, User
from portal.errors import NotFound
from portal.extensions import db


def search(text: str, role: Role | None) -> Select[Any]:
    """Accounts whose name or e-mail holds the text and who hold the role now."""
    query = (
        select(User)
        .where(User.erased_at.is_(None))
        .options(selectinload(User.memberships).joinedload(Membership.organisation))
    )
    if text:
        query = query.where(
            User.email.icontains(text, autoescape=True) | User.name.icontains(text, autoescape=True)
        )
    if role is not None:
        holders = select(Membership.user_id).where(Membership.role == role, Membership.is_active)
        query = query.where(User.id.in_(holders))
    return query


def get_user(public_id: str, *, lock: bool = False) -> User:
    """The account of this address with its roles, or NotFound."""
    query = (
        select(User)
        .filter_by(public_id=public_id, erased_at=None)
        .options(selectinload(User.memberships).joinedload(Membership.organisation))
    )
    user = db.session.scalar(query.with_for_update() if lock else query)
    if user is None:
        raise NotFound
    return user


def lock_person(user_id: int) -> None:
    """Let only one transaction at a time look and then open something for this person.

    Raises NotFound where he has had his data erased meanwhile.
    """
    query = select(User.id).filter_by(id=user_id, erased_at=None).with_for_update()
    if db.session.scalar(query) is None:
        raise NotFound


def get_membership(user: User, number: int) -> Membership:
    """One of a person's roles by its place in their list, or NotFound."""
    if not 0 < number <= len(user.memberships):
        raise NotFound
    return user.memberships[number - 1]


def counts() -> tuple[int, int]:
    """How many accounts may sign in, and how many are shut out."""
    rows = db.session.execute(
        select(User.is_active, func.count())
        .where(User.erased_at.is_(None))
        .group_by(User.is_active)
    )
    found = {row[0]: row[1] for row in rows}
    return found.get(True, 0), found.get(False, 0)


def is_taken(email: str) -> bool:
    """Whether an account has this e-mail."""
    wanted = select(User.id).filter_by(email=email.strip().lower())
    return db.session.scalar(wanted) is not None
