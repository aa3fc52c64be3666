"""Signing people in without walking through the sign-in page each time."""

from flask import Flask
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts import services, sessions
from portal.accounts.models import User
from portal.db import transaction
from portal.directory.models import Organisation

PASSWORD = "a long enough password"


class SignIn:
    """Makes an account in a role, and gives a client whose cookie is already good."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.count = 0

    def __call__(
        self, role: Role, *, at: Organisation | None = None, name: str = "Người Thử"
    ) -> FlaskClient:
        self.count += 1
        email = f"{role.value}-{self.count}@test.invalid"
        with self.app.app_context(), transaction() as session:
            place = session.merge(at, load=True) if at is not None else None
            user = services.create(email, name, PASSWORD, role, place)
        return self.known(user)

    def known(self, user: User) -> FlaskClient:
        """A client of someone who already has an account."""
        with self.app.app_context(), transaction() as session:
            membership = services.first_membership(session.get_one(User, user.id))
            assert membership is not None
            token = sessions.open_session(user, membership)
            cookie = sessions.cookie_name()
        client = self.app.test_client()
        client.set_cookie(cookie, token)
        return client
