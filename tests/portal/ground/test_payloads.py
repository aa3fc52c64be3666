"""What anybody typed, drew or named stays words: on every page, paper, fragment and letter."""

import email
import email.policy
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from portal import outbox
from portal.access import Role
from portal.accounts.models import User
from portal.db import transaction
from portal.doors import ROWS
from portal.dossiers.lifecycle import Status
from portal.extensions import db
from tests.factories.office import Office
from tests.factories.world import make_world
from tests.portal.ground.payloads import ALL, MARK, PAYLOADS
from tests.portal.ground.poison import alive_in, live, poison
from tests.portal.ground.test_forms_of_ours import read_everything
from tests.rig.forms import FROM_HERE, new_key, token_of
from tests.rig.reader import Forms
from tests.rig.sign_in import SignIn

STATES = (Status.REGISTERED, Status.SUPPLEMENT_REQUIRED, Status.RESOLVED, Status.REJECTED)


def test_the_eye_sees_what_is_live() -> None:
    """A page that escapes nothing would be caught."""
    seen = [
        one for one in PAYLOADS if live(f"<!doctype html><title>x</title><p title='{one}'>{one}")
    ]
    assert len(seen) >= 25
    assert live(f"<!doctype html><title>x</title><a href='{PAYLOADS[23]}'>x</a>")
    assert not live("<!doctype html><title>x</title><p>&lt;q7x&gt; javascript:q7x()")


# One role in the ordinary suite, everybody in the long form.
ROLES = [
    Role.OFFICER,
    *(
        pytest.param(role, marks=pytest.mark.proof)
        for role in (None, *Role)
        if role is not Role.OFFICER
    ),
]


class Poisoned:
    """A province in which every word that can be typed is an attack."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.test_request_context():
            self.office = Office(app, make_world())
        self.dossiers = []
        for status in STATES:
            dossier = self.office.dossier(status, name=ALL[:100])
            self.office.page(dossier, ALL)
            self.dossiers.append(dossier)
        for role in Role:
            self.office.actor(role)
        poison(app)

    def client(self, role: Role) -> FlaskClient:
        with self.app.app_context():
            user = db.session.get_one(User, self.office.actor(role).user_id)
            return SignIn(self.app).known(user)


@pytest.fixture
def poisoned(app: Flask) -> Poisoned:
    return Poisoned(app)


@pytest.mark.parametrize("role", ROLES)
def test_no_page_or_paper_comes_alive_for_anybody(poisoned: Poisoned, role: Role | None) -> None:
    doors = {row.path for row in ROWS if row.method == "GET" and "<" not in row.path}
    for at in ("/can-bo/ho-so", "/lanh-dao/ho-so", "/cua-toi/ho-so"):
        doors |= {f"{at}/{one}" for one in poisoned.dossiers}
    client = poisoned.client(role) if role else poisoned.app.test_client()
    marked = 0
    for path, answer in read_everything(client, doors).items():
        assert answer.status_code < 500, path
        if answer.mimetype == "text/html":
            assert live(answer.text) == [], path
            assert "49q7x" not in answer.text, path
            marked += MARK in answer.text
        elif answer.mimetype == "application/pdf" and not path.startswith("/giay-to/"):
            assert alive_in(answer.data) == [], path
    assert marked > 3, "the attacks are on the pages, as words"


@pytest.mark.proof
def test_what_is_typed_into_any_form_comes_back_as_words(poisoned: Poisoned) -> None:
    tried = answered = 0
    for role in (Role.CITIZEN, Role.POSTAL_CLERK, Role.ONESTOP_OFFICER, Role.OFFICER, Role.ADMIN):
        client = poisoned.client(role)
        doors = {row.path for row in ROWS if row.method == "GET" and "<" not in row.path}
        for at in ("/can-bo/ho-so", "/cua-toi/ho-so"):
            doors |= {f"{at}/{one}" for one in poisoned.dossiers}
        pages = [
            page for page in read_everything(client, doors).values() if page.status_code == 200
        ]
        forms = {}
        for page in pages:
            if page.mimetype == "text/html":
                forms |= {form.action: form for form in Forms(page.text).found if form.action}
        for action, form in forms.items():
            if "/hien-thi" in action or "/dang-xuat" in action or "/khoa" in action:
                continue
            sent = MultiDict(dict.fromkeys(form.names, ALL))
            sent["csrf_token"], sent["idempotency_key"] = token_of(client), new_key()
            sent["version"] = "".join(form.values.get("version", [""]))
            ask = client.get if form.method == "get" else client.post
            how = {"query_string": sent} if form.method == "get" else {"data": sent}
            answer = ask(action, headers=FROM_HERE, **how)
            tried += 1
            assert answer.status_code < 500, action
            if answer.mimetype == "text/html":
                assert live(answer.text) == [], action
                assert "49q7x" not in answer.text
                answered += MARK in answer.text
    assert tried > 25
    assert answered > 10


def test_letters_carry_attacks_as_words_and_no_header_more(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    with app.app_context():
        with transaction():
            for number, one in enumerate(
                (*PAYLOADS, "x\r\nBcc: q7x@evil.test", "x\nTo: q7x@e.test")
            ):
                outbox.promise("mail", "a@test.invalid", one, f"{one}\n.\n{one}", f"n{number}")
        while outbox.send_one(settings):
            pass
    letters = list(Path(settings.mail_url.removeprefix("file://")).rglob("*.eml"))
    assert len(letters) == len(PAYLOADS) + 2
    for letter in letters:
        assert MARK not in letter.name
        read = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
        assert read["Bcc"] is None
        assert len(read.get_all("To", [])) == 1
        assert read.get_content_type() == "text/plain"
