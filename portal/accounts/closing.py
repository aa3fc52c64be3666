"""Closes the account of a citizen for good: nobody signs in with it, and it names nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Select, delete, select, update

from portal import idempotency
from portal.access import Role
from portal.accounts import throttle
from portal.accounts.models import Membership, ParkedForm, User, WebSession
from portal.errors import Conflict
from portal.extensions import db

DEMO_DOMAIN = "demo.test"


def lock(user_id: int) -> User:
    """The account, until the end of the transaction; raises Conflict where it cannot be closed.

    Who only names it in a row goes on, for he may hold a dossier that is waited for here.
    """
    query = select(User).filter_by(id=user_id).with_for_update(key_share=True)
    user = db.session.scalars(query).one()
    barrier = barrier_of(user)
    if barrier:
        raise Conflict(barrier)
    return user


def barrier_of(user: User) -> str:
    """Why this account cannot be closed by its person, or ""."""
    if current_app.config["SETTINGS"].demo and user.email.endswith(f"@{DEMO_DOMAIN}"):
        return _(
            "Đây là tài khoản mẫu dùng chung của bản trình diễn nên không xoá được. Trên cổng thật,"
            " Ông/Bà tự xoá dữ liệu của mình tại trang này."
        )
    if any(one.is_active and one.role is not Role.CITIZEN for one in user.memberships):
        return _(
            "Tài khoản còn vai trò cán bộ hoặc nhân viên bưu điện. Ông/Bà đề nghị quản trị viên thu"
            " hồi vai trò đó trước, rồi quay lại trang này."
        )
    return ""


def close(user: User, *, at: datetime) -> None:
    """Empty the account; its row stays, for dossiers and the log name it by number."""
    number, name = user.id, user.public_id
    throttle.erase(f"account:{user.email}", f"code:{number}", f"codes:{number}", f"park:{number}")
    user.email, user.name, user.password_hash = name, "", "!"
    user.citizen_number = user.phone = user.totp_secret = None
    user.totp_last_step, user.address, user.commune_code = None, "", None
    user.is_active, user.erased_at = False, at
    idempotency.forget_others(name)
    sign_out(select(User.id).filter_by(id=number))
    roles = update(Membership).where(Membership.user_id == number).values(is_active=False)
    db.session.execute(roles.execution_options(synchronize_session=False))


def sign_out(people: Select[int]) -> None:
    """Everywhere, with the forms that wait for them."""
    for statement in (
        delete(WebSession).where(WebSession.user_id.in_(people)),
        delete(ParkedForm).where(ParkedForm.user_id.in_(people)),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def erased() -> Select[int]:
    """The numbers of the people who had their data erased."""
    return select(User.id).where(User.erased_at.is_not(None))


def by_name(public_id: str) -> User | None:
    """The account of this random name, if it still holds anything."""
    query = select(User).filter_by(public_id=public_id, erased_at=None)
    return db.session.scalar(query.with_for_update())


def open_among(names: Iterable[str]) -> Select[str]:
    """Those of these random names whose account still holds something."""
    return select(User.public_id).where(User.public_id.in_(names), User.erased_at.is_(None))
