"""Nobody is led elsewhere by us, and no name but our own stands in what we send."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.access import Role
from portal.doors import ROWS
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.outbox import OutboxMessage
from tests.factories.office import Office
from tests.factories.steps import filled, step_address
from tests.factories.world import make_world
from tests.house.test_doors import address
from tests.portal.accounts.conftest import People
from tests.portal.accounts.test_redirects import ELSEWHERE
from tests.rig.forms import FROM_HERE, TOKEN, send, token_of
from tests.rig.sign_in import PASSWORD, SignIn

# The one that is read here, and what others call it.
NAMES = ("next", "tiep", "return", "returnUrl", "return_to", "redirect", "redirect_uri", "url")
NAMES += ("goto", "dest", "destination", "continue", "target", "u", "r", "ve", "quay_lai", "path")
SENDS_ON = ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url", "Refresh")
LEADS = re.compile(r"""(?:href|src|action|formaction|data-hx-\w+)=["']\s*([^"']*)""", re.IGNORECASE)
SPELLINGS = [one for one in ELSEWHERE if "\0" not in one]
FOREIGN = "192.0.2.66"  # a bare address is answered to: many an office types one


def leads_away(answer: TestResponse) -> list[str]:
    """Where an answer sends or would lead somebody that is not on this site."""
    sent = [answer.headers[name] for name in SENDS_ON if name in answer.headers]
    found = LEADS.findall(answer.text) if answer.mimetype == "text/html" else []
    return [to for to in (*sent, *found) if "evil" in to.partition("?")[0]]


@pytest.fixture
def client_of(sign_in: SignIn) -> dict[Role | None, FlaskClient]:
    return {None: sign_in.app.test_client()} | {role: sign_in(role) for role in Role}


def test_no_door_leads_elsewhere_whatever_its_address_asks(
    client_of: dict[Role | None, FlaskClient],
) -> None:
    """Signed in and not: who is not is sent to sign in, with where he wanted to go."""
    away = {}
    for number, row in enumerate(row for row in ROWS if row.method == "GET"):
        for role in {None, min(row.who) if row.who else None}:
            asked = dict.fromkeys(NAMES, SPELLINGS[number % len(SPELLINGS)])
            answer = client_of[role].get(address(row.path), query_string=asked)
            if found := leads_away(answer):
                away[row.name] = found
    assert away == {}


def test_neither_the_shield_nor_another_role_leads_elsewhere(app: Flask) -> None:
    people = People(app)
    email = people.add("buudien", Role.POSTAL_CLERK, Role.CITIZEN)
    client = app.test_client()
    send(client, "/dang-nhap", email=email, password=PASSWORD)
    role = re.search(r'name="membership" value="(\d+)"', client.get("/vai-tro").text)
    assert role
    own = {"password": PASSWORD, "membership": role[1]}
    for number, spelling in enumerate(SPELLINGS[:21]):
        door = ("/khoa", "/mo-khoa", "/vai-tro")[number % 3]
        form = dict.fromkeys(NAMES, spelling) | own | {"csrf_token": token_of(client)}
        answer = client.post(door, data=form, headers=FROM_HERE)
        assert answer.status_code == 303
        assert answer.location.startswith("/")
        assert leads_away(answer) == []


def test_only_the_sites_own_name_stands_in_letters_and_pages(app: Flask) -> None:
    """Whatever name a request came under: others will read what it caused."""
    with app.test_request_context():
        office = Office(app, make_world())
    public_id = office.dossier(Status.REGISTERED)
    with app.app_context():
        db.session.query(Dossier).filter_by(public_id=public_id).update({"email": "a@test.invalid"})
        db.session.commit()
    clerk = office.client(Role.ONESTOP_OFFICER)
    for cookie in list((clerk._cookies or {}).values()):
        clerk.set_cookie(cookie.key, cookie.value, domain=FOREIGN)
    poisoned = {"Host": FOREIGN, "X-Forwarded-Host": "evil.test", "X-Forwarded-Server": "evil.test"}
    form = filled(office, clerk, Verb.ACCEPT, public_id)
    form["csrf_token"] = token_at(clerk, poisoned)
    at = step_address(public_id, Verb.ACCEPT, Role.ONESTOP_OFFICER)
    answer = clerk.post(at, data=form, headers=poisoned | FROM_HERE)
    assert answer.status_code == 303
    assert leads_away(answer) == []
    page = clerk.get(f"/can-bo/ho-so/{public_id}", headers=poisoned).text
    with app.app_context():
        letters = [letter.body for letter in db.session.query(OutboxMessage)]
    assert letters
    assert all(app.config["SETTINGS"].public_url in letter for letter in letters)
    assert not any(name in text for text in (page, *letters) for name in (FOREIGN, "evil.test"))


def token_at(client: FlaskClient, headers: dict[str, str]) -> str:
    """The token of a page opened under that name."""
    found = TOKEN.search(client.get("/vai-tro", headers=headers).text)
    assert found
    return found[1]


@pytest.mark.parametrize("name", ["email", "password", "csrf_token"])
def test_of_fields_sent_twice_the_first_counts(app: Flask, name: str) -> None:
    """For the guard at the door and the view behind it alike: else one could be fooled."""
    email = People(app).add("mau", Role.CITIZEN)
    client = app.test_client()
    good = {"email": email, "password": PASSWORD, "csrf_token": token_of(client)}
    for order, status in (((good[name], "x"), {303}), (("x", good[name]), {400, 403, 422})):
        fields = MultiDict(good)
        fields.setlist(name, list(order))
        fresh = app.test_client()
        fields["csrf_token"] = fields["csrf_token"] if name == "csrf_token" else token_of(fresh)
        sender = client if name == "csrf_token" else fresh
        answer = sender.post("/dang-nhap", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in status
