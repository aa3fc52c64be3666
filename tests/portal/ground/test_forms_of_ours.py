"""Doors that change something take forms of our own pages only; reading changes nothing."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.accounts.models import User
from portal.db import transaction
from portal.documents.services import ensure_documents
from portal.doorman import Row
from portal.doors import ROWS
from portal.dossiers.models.dossier import Channel, Dossier
from portal.extensions import db
from tests.factories.world import make_dossier, make_world
from tests.house.test_doors import address
from tests.rig.contents import contents
from tests.rig.forms import token_of
from tests.rig.sign_in import SignIn

NUMBER, PHONE = "056088001234", "+84987654321"
# Machines send no forms: tests/access/test_stations.py has theirs.
CHANGING = [row for row in ROWS if row.method == "POST" and not row.is_machine]
# Where each forgery says it comes from, and which token it brings: good, none, another's, in URL.
FORGERIES = {
    "nothing": ({}, "none"),
    "another browser's token": ({}, "another's"),
    "a token in the address": ({}, "in address"),
    "from another site": ({"Sec-Fetch-Site": "cross-site"}, "good"),
    "from a neighbouring site": ({"Sec-Fetch-Site": "same-site"}, "good"),
    "another origin": ({"Origin": "https://evil.test"}, "good"),
    "another port": ({"Origin": "http://localhost:8080"}, "good"),
    "a hidden origin": ({"Origin": "null"}, "good"),
    "as plain text": ({"Content-Type": "text/plain"}, "good"),
}
# Who is here is written down by being here; what is opened, and how often, is written down too.
NOTED = ("web_sessions", "audit_events", "throttles")


@pytest.fixture
def clients(sign_in: SignIn) -> dict[Role | None, FlaskClient]:
    people: dict[Role | None, FlaskClient] = {role: sign_in(role) for role in Role}
    return people | {None: sign_in.app.test_client()}


def whoever_may(row: Row) -> Role | None:
    return min(row.who) if row.who else None


@pytest.mark.parametrize("forgery", FORGERIES)
def test_every_form_that_is_not_ours_is_refused(
    app: Flask, clients: dict[Role | None, FlaskClient], forgery: str
) -> None:
    headers, kind = FORGERIES[forgery]
    tokens = {role: token_of(client) for role, client in clients.items()}
    others = token_of(app.test_client())
    before = contents(app)

    def status(row: Row) -> int:
        role = whoever_may(row)
        good = tokens[role]
        token = {"good": good, "another's": others}.get(kind)
        path = address(row.path) + (f"?csrf_token={good}" if kind == "in address" else "")
        fields = {"a": "b"} | ({"csrf_token": token} if token else {})
        if "Content-Type" in headers:
            body = "&".join(f"{name}={value}" for name, value in fields.items())
            return clients[role].post(path, data=body, headers=headers).status_code
        return clients[role].post(path, data=fields, headers=headers).status_code

    statuses = {row.name: status(row) for row in CHANGING}
    assert {name: got for name, got in statuses.items() if got != 403} == {}
    assert contents(app) == before


@pytest.mark.parametrize("how", ["_method=POST", "_method=DELETE"])
def test_no_field_turns_reading_into_changing(
    app: Flask, clients: dict[Role | None, FlaskClient], how: str
) -> None:
    before = contents(app, besides=NOTED)
    for row in CHANGING:
        headers = {"X-HTTP-Method-Override": "POST"}
        clients[whoever_may(row)].get(f"{address(row.path)}?{how}", headers=headers)
    assert contents(app, besides=NOTED) == before


@pytest.fixture
def people(app: Flask) -> dict[Role, int]:
    """Somebody in each role, of a province where the citizen has sent two dossiers."""
    with app.test_request_context():
        world = make_world()
        actors = {role: world.actor(role) for role in Role}
        for channel in (Channel.ONLINE, Channel.POST):
            public_id = make_dossier(world, actors[Role.CITIZEN], channel=channel)
            with transaction() as session:
                dossier = session.query(Dossier).filter_by(public_id=public_id).one()
                dossier.citizen_number, dossier.phone = NUMBER, PHONE
                ensure_documents(dossier)
    return {role: actor.user_id for role, actor in actors.items()}


def links(page: str) -> set[str]:
    return {
        unescape(found)
        for found in re.findall(r'(?:href|src|data-hx-get)="(/[^"#]*)"', page)
        if not found.startswith("/static/")
    }


def read_everything(client: FlaskClient, start: set[str]) -> dict[str, TestResponse]:
    """Follow every link from page to page, as a crawler or a browser that reads ahead would."""
    answers: dict[str, TestResponse] = {}
    waiting = set(start)
    while waiting and len(answers) < 300:
        path = waiting.pop()
        answer = answers[path] = client.get(path)
        location = answer.headers.get("Location", "")
        found = links(answer.text) if answer.mimetype == "text/html" else set()
        waiting |= {*found, *([location] if location.startswith("/") else [])} - answers.keys()
    return answers


@pytest.mark.parametrize("role", [None, *Role])
def test_reading_every_page_changes_nothing_and_shows_no_number(
    app: Flask, people: dict[Role, int], sign_in: SignIn, role: Role | None
) -> None:
    client = app.test_client()
    if role is not None:
        with app.app_context():
            user = db.session.get_one(User, people[role])
        client = sign_in.known(user)
    before = contents(app, besides=NOTED)
    doors = {row.path for row in ROWS if row.method == "GET" and "<" not in row.path}
    answers = read_everything(client, doors)
    assert len(answers) >= len(doors)
    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
    assert contents(app, besides=NOTED) == before
    pages = {path: page for path, page in answers.items() if page.mimetype == "text/html"}
    assert [path for path, page in pages.items() if shows_a_number(page.text)] == []


def shows_a_number(page: str) -> bool:
    """Numbers that identify or reach a person are masked on every page."""
    return any(number in re.sub(r"[ .]", "", page) for number in (NUMBER, PHONE[3:]))
