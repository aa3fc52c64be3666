"""People with accounts, and a browser each; sites with a second factor and with https."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import clock
from portal.access import Role
from portal.accounts import owners, services, sessions
from portal.accounts.models import Membership, User, WebSession
from portal.app import create_app
from portal.db import transaction
from portal.extensions import db
from portal.settings import Settings
from tests.rig.clocks import TurnedClock
from tests.rig.forms import FROM_HERE, send
from tests.rig.sign_in import PASSWORD


class People:
    """Makes accounts in an application, and looks at what its tables say of them."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def add(self, name: str, *roles: Role) -> str:
        """Somebody with these roles; returns the e-mail."""
        email = f"{name}@test.invalid"
        with self.app.app_context(), transaction() as session:
            user = services.create(email, f"Người {name}", PASSWORD, roles[0])
            session.add_all(Membership(user_id=user.id, role=role) for role in roles[1:])
        return email

    def change(self, email: str, **values: object) -> None:
        with self.app.app_context(), transaction() as session:
            user = session.query(User).filter_by(email=email).one()
            for name, value in values.items():
                setattr(user, name, value)

    def lose_role(self, email: str, role: Role) -> None:
        with self.app.app_context(), transaction() as session:
            user = session.query(User).filter_by(email=email).one()
            for membership in user.memberships:
                membership.is_active = membership.is_active and membership.role is not role

    def mark(self, email: str) -> str:
        """What a form carries that was shown to this person in the first of the roles."""
        with self.app.test_request_context():
            with transaction() as session:
                user = session.query(User).filter_by(email=email).one()
                membership = services.first_membership(user)
                assert membership is not None
                sessions.open_session(user, membership)
            row = db.session.query(WebSession).order_by(WebSession.id.desc()).first()
            assert row is not None
            g.actor = sessions.actor_of(row)
            return owners.mark()

    def sessions(self) -> list[WebSession]:
        with self.app.app_context():
            return list(db.session.query(WebSession).order_by(WebSession.id))


@pytest.fixture
def moment(turned_clock: TurnedClock) -> TurnedClock:
    """The clock, stood at nine on a Monday before anybody signs in."""
    return turned_clock


@pytest.fixture
def people(app: Flask, moment: TurnedClock) -> People:
    return People(app)


def site_with(app: Flask, **changes: object) -> Iterator[Flask]:
    """Another application on the same database, with settings changed."""
    settings: Settings = app.config["SETTINGS"]
    other = create_app(replace(settings, **changes))
    yield other
    with other.app_context():
        db.engine.dispose()
    clock.turn(None)


@pytest.fixture
def strict(app: Flask, moment: TurnedClock) -> Iterator[Flask]:
    """Not the demo: staff prove a second factor."""
    yield from site_with(app, demo=False)


@pytest.fixture
def https(app: Flask, moment: TurnedClock) -> Iterator[Flask]:
    """Reached over https at a name of its own."""
    yield from site_with(app, public_url="https://mot-cua.test.invalid")


def enter(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
    """Sign in through the page."""
    return send(client, "/dang-nhap", email=email, password=password, **more)


def cookies(answer: TestResponse) -> dict[str, str]:
    """The cookies an answer sets, with their attributes."""
    lines = answer.headers.getlist("Set-Cookie")
    return {line.partition("=")[0]: line.partition("=")[2] for line in lines}


def hidden(answer: TestResponse, action: str) -> dict[str, list[str]]:
    """The hidden fields of the form that goes to `action`, as a browser would read them."""
    form = next(part for part in answer.text.split("<form ")[1:] if f'action="{action}"' in part)
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form.partition("</form>")[0]):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden":
            found.setdefault(attributes["name"], []).append(unescape(attributes["value"]))
    return found


def is_inside(client: FlaskClient) -> bool:
    """Whether a door for known people lets this browser in, shield or not."""
    return client.get("/vai-tro").status_code in (200, 403)


def post_again(client: FlaskClient, action: str, fields: dict[str, list[str]]) -> TestResponse:
    """Press the button of a form whose hidden fields were read from a page."""
    return client.post(action, data=fields, headers=FROM_HERE)
