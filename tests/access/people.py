"""Who tries the doors: two of each role at different places, one of many roles, who is not in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import clock
from portal.access import Actor, Place, Role
from portal.accounts import passwords, sessions, totp
from portal.accounts.models import Membership, User
from portal.db import transaction
from portal.directory.models import Organisation
from portal.extensions import db
from tests.rig.forms import FROM_HERE, token_of
from tests.rig.sign_in import PASSWORD

AUTHENTICATOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Person:
    """Somebody at a door: who they are to the database, and the browser they use."""

    name: str
    client: FlaskClient
    role: Role | None = None
    user: int | None = None
    place: int | None = None
    membership: int | None = None
    address: str = "127.0.0.1"
    cookie: tuple[str, str] = field(default=("", ""), repr=False)
    token: str = field(default="", repr=False)

    def open(
        self,
        path: str,
        *,
        method: str = "GET",
        htmx: bool = False,
        data: Mapping[str, Any] | None = None,
    ) -> TestResponse:
        """Ask for an address; a form carries this person's own token."""
        headers = {"HX-Request": "true"} if htmx else {}
        if method == "POST":
            headers |= FROM_HERE
            data = {**(data or {}), "csrf_token": self.csrf_token()}
        environ = {"REMOTE_ADDR": self.address}
        return self.client.open(
            path, method=method, data=data, headers=headers, environ_overrides=environ
        )

    def come_back(self) -> None:
        """Sit down again at the browser as it was after signing in."""
        for name in list(self.client._cookies or ()):
            self.client._cookies.pop(name)
        self.token = ""
        if self.cookie[0]:
            self.client.set_cookie(*self.cookie)

    def csrf_token(self) -> str:
        self.token = self.token or token_of(self.client)
        return self.token


class People:
    """Makes accounts and signs them in; all have the same password, digested once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.hash = passwords.hash_password(PASSWORD)
        self.count = 0

    def account(self, name: str, *held: tuple[Role, int | None]) -> list[Actor]:
        """An account with these roles; returns the person as an actor in each."""
        self.count += 1
        with self.app.app_context(), transaction() as session:
            user = User(
                email=f"nguoi{self.count}@test.invalid",
                name=name,
                password_hash=self.hash,
                created_at=clock.now(),
            )
            user.memberships = [Membership(role=role, organisation_id=at) for role, at in held]
            session.add(user)
            session.flush()
            return [_actor(user, role, at) for role, at in held]

    def signed_in(self, name: str, actor: Actor) -> Person:
        """A browser in which this actor has signed in."""
        place = actor.organisation.id if actor.organisation else None
        with self.app.app_context(), transaction() as session:
            membership = (
                session.query(Membership)
                .filter_by(user_id=actor.user_id, role=actor.role, organisation_id=place)
                .one()
            )
            user = session.get_one(User, actor.user_id)
            token, cookie = sessions.open_session(user, membership), sessions.cookie_name()
            number = membership.id
        client = self.app.test_client()
        self.count += 1
        address = f"127.0.1.{self.count}"
        person = Person(name, client, actor.role, actor.user_id, place, number, address)
        person.cookie = (cookie, token)
        person.come_back()
        return person

    def half_in(self, name: str, actor: Actor) -> Person:
        """A browser in which the password was right, and which still owes the code."""
        with self.app.app_context(), transaction() as session:
            session.get_one(User, actor.user_id).totp_secret = AUTHENTICATOR
        person = Person(name, self.app.test_client())
        with person.client.session_transaction() as kept:  # as totp.remember() leaves it
            kept[totp.SLOT] = {"user": actor.public_id, "at": clock.now().isoformat(), "next": ""}
        cookie = person.client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        person.cookie = (cookie.key, cookie.value)
        return person

    def visitor(self) -> Person:
        return Person("visitor", self.app.test_client())


def _actor(user: User, role: Role, at: int | None) -> Actor:
    row = db.session.get_one(Organisation, at) if at else None
    place = (
        Place(row.id, row.code, row.name, row.kind.value, row.parent_id, row.province_code)
        if row
        else None
    )
    return Actor(user.id, user.public_id, user.name, user.email, role, place, session_id=0)
