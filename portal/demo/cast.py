"""The demo accounts, and the invented citizens who have none of their own."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from portal import clock
from portal.access import Actor, Place, Role
from portal.accounts import passwords
from portal.accounts.closing import DEMO_DOMAIN
from portal.accounts.models import Membership, User
from portal.audit.services import record
from portal.demo.people import Person
from portal.directory.models import Organisation
from portal.extensions import db

PASSWORD = "motcua-demo-2026"  # noqa: S105 - published on purpose; the accounts exist only in the demo
DOMAIN = DEMO_DOMAIN
# Not a hash of anything: whoever has it can never sign in.
NO_PASSWORD = "!"  # noqa: S105 - see above

ACCOUNTS = (
    ("congdan", "Nguyễn Thị Mẫu", Role.CITIZEN, None),
    ("congdan2", "Trần Văn Thử", Role.CITIZEN, None),
    ("buudien", "Hồ Thị Mai", Role.POSTAL_CLERK, "BC56-01"),
    ("buudien2", "Bùi Văn Sơn", Role.POSTAL_CLERK, "BC56-02"),
    ("buuta", "Lê Văn Đường", Role.COURIER, "BC56-01"),
    ("giamsat", "Đỗ Văn Bình", Role.POSTAL_SUPERVISOR, "BD56"),
    ("motcua", "Lê Thị Thanh Hà", Role.ONESTOP_OFFICER, "H32.10"),
    ("canbo", "Phạm Văn Khải", Role.OFFICER, "H32.10.01"),
    ("canbo2", "Võ Thị Ngọc Lan", Role.OFFICER, "H32.10.02"),
    ("lanhdao", "Đặng Quốc Minh", Role.LEADER, "H32.10.01"),
    ("vanthu", "Ngô Thị Thu", Role.RECORDS_CLERK, "H32.10.01"),
    ("kiemsoat", "Nguyễn Thị Hồng Vân", Role.CONTROL, "H32"),
    ("quantri", "Vũ Quản Trị", Role.ADMIN, "VANHANH"),
)


@dataclass
class Cast:
    """Everybody who acts in the demonstration, by the name before the @."""

    actors: dict[str, Actor] = field(default_factory=dict)

    def officer_of(self, department: Organisation) -> Actor:
        """The officer who handles what goes to this department."""
        place = department.id
        found = (self.actors["canbo"], self.actors["canbo2"])
        return next(actor for actor in found if actor.place_id == place)

    def clerk_of(self, office_id: int) -> Actor:
        """The clerk of this post office."""
        found = (self.actors["buudien"], self.actors["buudien2"])
        return next(actor for actor in found if actor.place_id == office_id)


def assemble() -> Cast:
    """Make the accounts that are not there yet; returns all of them ready to act."""
    cast = Cast()
    for name, full_name, role, code in ACCOUNTS:
        place = (
            db.session.scalars(select(Organisation).filter_by(code=code)).one() if code else None
        )
        email = f"{name}@{DOMAIN}"
        user = db.session.scalar(select(User).filter_by(email=email))
        if user is None:
            user = add_user(email, full_name, role, place, passwords.hash_password(PASSWORD))
            record("account:create", user, by=None, role_given=role.value)
        cast.actors[name] = actor_of(user, role, place)
    return cast


def add_citizen(person: Person, number: int) -> User:
    """An invented citizen who owns dossiers and never signs in."""
    email = f"nguoidan{number:03}@{DOMAIN}"
    user = add_user(email, person.name, Role.CITIZEN, None, NO_PASSWORD)
    describe(user, person)
    return user


def describe(user: User, person: Person) -> None:
    """Give an account the numbers and the address of an invented person."""
    user.citizen_number = person.citizen_number
    user.phone = person.phone
    user.address, user.commune_code = person.address, person.commune_code


def add_user(
    email: str, name: str, role: Role, place: Organisation | None, password_hash: str
) -> User:
    """A row for one account with one role."""
    user = User(email=email, name=name, password_hash=password_hash, created_at=clock.now())
    user.memberships.append(Membership(role=role, organisation=place))
    db.session.add(user)
    db.session.flush()
    return user


def actor_of(user: User, role: Role, place: Organisation | None) -> Actor:
    """The account as somebody who acts."""
    at = (
        Place(
            place.id, place.code, place.name, place.kind.value, place.parent_id, place.province_code
        )
        if place
        else None
    )
    return Actor(user.id, user.public_id, user.name, user.email, role, at, session_id=0)
