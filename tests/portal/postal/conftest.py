from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Actor
from portal.accounts.models import User
from portal.extensions import db
from tests.factories.post import Road
from tests.factories.world import World, make_world
from tests.rig.sign_in import SignIn


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()


@pytest.fixture
def road(world: World) -> Road:
    return Road.laid(world)


@pytest.fixture
def client_of(sign_in: SignIn) -> Callable[[Actor], FlaskClient]:
    """client_of(actor) is the browser of somebody who is already signed in."""

    def open_browser(actor: Actor) -> FlaskClient:
        return sign_in.known(db.session.get_one(User, actor.user_id))

    return open_browser
