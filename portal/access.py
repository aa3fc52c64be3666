"""Who is asking: roles, the present actor, and the guard that stands at each door."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g
from flask_babel import lazy_gettext as _l

from portal.errors import Forbidden

if TYPE_CHECKING:
    from flask_babel import LazyString


class Role(enum.StrEnum):
    """What a person may be at an organisation (surface.md, Roles)."""

    CITIZEN = "citizen"
    POSTAL_CLERK = "postal_clerk"
    COURIER = "courier"
    POSTAL_SUPERVISOR = "postal_supervisor"
    ONESTOP_OFFICER = "onestop_officer"
    OFFICER = "officer"
    LEADER = "leader"
    RECORDS_CLERK = "records_clerk"
    CONTROL = "control"
    AUDITOR = "auditor"
    ADMIN = "admin"

    @property
    def label(self) -> LazyString:
        """What people call the role."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.CITIZEN: _l("Công dân"),
    Role.POSTAL_CLERK: _l("Giao dịch viên bưu điện"),
    Role.COURIER: _l("Bưu tá"),
    Role.POSTAL_SUPERVISOR: _l("Giám sát bưu điện"),
    Role.ONESTOP_OFFICER: _l("Công chức một cửa"),
    Role.OFFICER: _l("Cán bộ thụ lý"),
    Role.LEADER: _l("Lãnh đạo"),
    Role.RECORDS_CLERK: _l("Văn thư"),
    Role.CONTROL: _l("Kiểm soát thủ tục"),
    Role.AUDITOR: _l("Kiểm tra nhật ký"),
    Role.ADMIN: _l("Quản trị"),
}

ANYONE: frozenset[Role] = frozenset()
SIGNED_IN = frozenset(Role)
STAFF = SIGNED_IN - {Role.CITIZEN}
POST = frozenset({Role.POSTAL_CLERK, Role.COURIER, Role.POSTAL_SUPERVISOR})
OFFICE = frozenset({Role.ONESTOP_OFFICER, Role.OFFICER, Role.RECORDS_CLERK, Role.LEADER})


@dataclass(frozen=True)
class Place:
    """The organisation an actor works at, as far as every page needs it."""

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    province_code: str | None
    is_active: bool = True


@dataclass(frozen=True)
class Actor:
    """A person in one role at one organisation, for one request."""

    user_id: int
    public_id: str
    name: str
    email: str
    role: Role
    organisation: Place | None
    session_id: int
    membership_id: int = 0
    locked: bool = False
    roles_held: int = 1

    @property
    def is_staff(self) -> bool:
        """Whether the person works here rather than asks for something."""
        return self.role is not Role.CITIZEN

    @property
    def place_id(self) -> int:
        """The id of the actor's organisation; raises Forbidden for one who has none."""
        if self.organisation is None:
            raise Forbidden
        return self.organisation.id


def current_actor() -> Actor | None:
    """Who is asking, or None for a visitor."""
    actor = g.get("actor")
    assert actor is None or isinstance(actor, Actor)
    return actor


def the_actor() -> Actor:
    """Who is asking, where the door has let only known people in."""
    actor = current_actor()
    if actor is None:
        raise Forbidden
    return actor


def must_be(actor: Actor | None, who: frozenset[Role]) -> None:
    """Refuse unless `who` is empty (anyone) or holds the actor's role."""
    if who and (actor is None or actor.role not in who):
        raise Forbidden
