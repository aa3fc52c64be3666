from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

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


class OwnBrowser(FlaskClient):
    """The tests hold a context open for the database; a request must find nothing left in it."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        for name in list(g):
            if name.startswith(("once_", "csrf_token", "actor")):
                g.pop(name)
        return super().open(*args, **options)


@pytest.fixture
def client_of(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Actor], FlaskClient]:
    """client_of(actor) is the browser of somebody who is already signed in."""
    monkeypatch.setattr(app, "test_client_class", OwnBrowser)

    def open_browser(actor: Actor) -> FlaskClient:
        return sign_in.known(db.session.get_one(User, actor.user_id))

    return open_browser
