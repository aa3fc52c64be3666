"""A second application on the test's database, with doors of the test's own."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import doorman
from portal.access import Role
from portal.accounts.models import User
from portal.app import create_app
from portal.db import transaction
from portal.doorman import Row
from portal.extensions import db
from tests.factories.world import World, make_world
from tests.rig.sign_in import SignIn


class Workshop:
    """An application to which doors can still be added; `world` is the province around it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.world: World = make_world()
        self.sign_in = SignIn(app)

    def hang(self, *rows: Row) -> None:
        for row in rows:
            doorman.hang_one(self.app, row)

    def citizen(self) -> FlaskClient:
        return self.sign_in(Role.CITIZEN)

    def clients(self, count: int) -> list[FlaskClient]:
        """Windows of one citizen's browser: the same cookies, each its own connection."""
        first = self.citizen()
        with self.app.app_context(), transaction() as session:
            user = session.query(User).order_by(User.id.desc()).first()
        assert user is not None
        return [first, *(self.sign_in.known(user) for _ in range(count - 1))]


@pytest.fixture
def workshop(app: Flask) -> Iterator[Workshop]:
    """See Workshop; the database is the one of `app`."""
    second = create_app(app.config["SETTINGS"])
    yield Workshop(second)
    with second.app_context():
        db.engine.dispose()
