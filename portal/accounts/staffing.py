"""What an administrator does to accounts: roles given and taken, people shut out and let in."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from portal.access import Actor, Role
from portal.accounts import passwords, sessions
from portal.accounts.models import Membership, User
from portal.accounts.rules import HELD_AT, fits
from portal.audit.services import record
from portal.directory.models import Organisation, OrganisationKind
from portal.errors import Conflict, Invalid
from portal.extensions import db


def give_role(user: User, role: Role, place: Organisation | None, *, by: Actor) -> Membership:
    """Let a person work in a role at an organisation of the right kind."""
    check_place(role, place)
    place_id = place.id if place else None
    known = [m for m in user.memberships if (m.role, m.organisation_id) == (role, place_id)]
    if known and known[0].is_active:
        raise Invalid("role", _("Người này đã có vai trò đó tại tổ chức này."))
    membership = known[0] if known else Membership(role=role, organisation=place)
    membership.is_active = True
    if not known:
        user.memberships.append(membership)
    db.session.flush()
    record("account:give_role", user, by=by, role_given=role.value, place=_name(place))
    return membership


def lose_role(membership: Membership, reason: str, *, by: Actor) -> None:
    """Take a role away; the person must sign in again, so that it works no more from now on."""
    _need(reason)
    if not membership.is_active:
        raise Conflict(_("Vai trò này đã được thu hồi."))
    if membership.role is Role.ADMIN:
        _not_the_last(membership.user)
    membership.is_active = False
    sessions.end_all(membership.user_id)
    record(
        "account:lose_role",
        membership.user,
        by=by,
        reason=reason.strip(),
        role_taken=membership.role.value,
        place=_name(membership.organisation),
    )


def disable(user: User, reason: str, *, by: Actor) -> None:
    """Shut a person out; every browser of theirs is signed out at once."""
    _need(reason)
    if not user.is_active:
        raise Conflict(_("Tài khoản này đã ngừng."))
    if user.id == by.user_id:
        raise Conflict(_("Không tự ngừng tài khoản của mình được."))
    if any(m.role is Role.ADMIN and m.is_active for m in user.memberships):
        _not_the_last(user)
    user.is_active = False
    sessions.end_all(user.id)
    record("account:disable", user, by=by, reason=reason.strip())


def enable(user: User, *, by: Actor) -> None:
    """Let a person in again."""
    if user.is_active:
        raise Conflict(_("Tài khoản này đang hoạt động."))
    user.is_active = True
    record("account:enable", user, by=by)


def set_password(user: User, password: str, *, by: Actor) -> None:
    """Give a new password to somebody who has lost theirs; their sessions end."""
    passwords.check(password, user.email, user.name)
    user.password_hash = passwords.hash_password(password)
    sessions.end_all(user.id)
    record("account:set_password", user, by=by)


def forget_second_factor(user: User, reason: str, *, by: Actor) -> None:
    """For a lost telephone: the next sign-in enrols a new authenticator."""
    _need(reason)
    user.totp_secret, user.totp_last_step = None, None
    sessions.end_all(user.id)
    record("account:forget_second_factor", user, by=by, reason=reason.strip())


def check_place(role: Role, place: Organisation | None) -> None:
    """Raises Invalid where the role is not held at such an organisation."""
    if fits(role.value, place.kind.value if place else None):
        return
    kind = HELD_AT[role.value]
    if kind is None:
        raise Invalid("organisation", _("Vai trò này không gắn với tổ chức nào."))
    raise Invalid(
        "organisation",
        _("Vai trò này thuộc loại tổ chức: %(kind)s.", kind=OrganisationKind(kind).label),
    )


def _not_the_last(user: User) -> None:
    """Somebody must be left who can give roles; locked, so that two cannot remove each other."""
    admins = db.session.scalars(
        select(Membership.user_id)
        .join(User)
        .where(Membership.role == Role.ADMIN, Membership.is_active, User.is_active)
        .with_for_update(of=Membership)
    )
    if set(admins) <= {user.id}:
        raise Conflict(_("Đây là quản trị viên cuối cùng. Giao vai trò cho người khác trước."))


def _need(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason", _("Ghi lý do; lý do được lưu vào nhật ký."))


def _name(place: Organisation | None) -> str:
    return place.code if place else ""
