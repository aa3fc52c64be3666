"""What anybody typed, drew or named stays words: on every page, paper, fragment and letter."""

import email
import email.policy
import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import tinyhtml5
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, Enum, String, Text
from werkzeug.datastructures import MultiDict

from portal import outbox, schema
from portal.access import Role
from portal.accounts.models import User
from portal.db import transaction
from portal.doors import ROWS
from portal.dossiers.lifecycle import Status
from portal.extensions import db
from tests.factories.office import Office
from tests.factories.world import make_world
from tests.portal.ground.payloads import ALL, MARK, PAYLOADS
from tests.portal.ground.test_forms_of_ours import read_everything
from tests.rig.forms import FROM_HERE, new_key, token_of
from tests.rig.reader import Forms
from tests.rig.sign_in import SignIn

# Columns by which something is found or counted; what is typed never gets into them as it is.
FINDS = ("code", "key", "sha256", "public_id", "email", "kind", "hash", "token", "version", "act")
FINDS += (
    "version_num",
    "unit_code",
    "province",
    "number",
    "reason",
    "path",
    "state",
    "mark",
    "cutoff",
    "address",
)
ADDRESSES = ("href", "src", "action", "formaction", "data", "srcdoc", "poster", "cite", "content")
STATES = (Status.REGISTERED, Status.SUPPLEMENT_REQUIRED, Status.RESOLVED, Status.REJECTED)


def live(page: str) -> list[str]:
    """Everything in a page that a mark has made into more than words."""
    found = []
    for element in tinyhtml5.parse(page, namespace_html_elements=False).iter():
        tag = element.tag if isinstance(element.tag, str) else "comment"
        if MARK in tag or (tag in ("script", "style", "comment") and MARK in (element.text or "")):
            found.append(f"<{tag}> {element.text}")
        for name, value in element.attrib.items():
            scheme = "".join(value.split()).lower().partition(":")[0]
            dangerous = name in ADDRESSES and scheme in ("javascript", "data", "vbscript")
            acts = name.startswith(("on", "hx-on")) or (dangerous and MARK in value)
            if MARK in name or (acts and MARK in value):
                found.append(f"{tag} {name}={value}")
    return found


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
        with app.app_context(), transaction() as session:
            for table in schema.metadata.sorted_tables:
                words = {column.name: ALL for column in table.columns if takes_words(column)}
                if words and table.name not in ("audit_events", "audit_seals", "outbox_messages"):
                    session.execute(table.update().values(words))

    def client(self, role: Role) -> FlaskClient:
        with self.app.app_context():
            user = db.session.get_one(User, self.office.actor(role).user_id)
            return SignIn(self.app).known(user)


def takes_words(column: Any) -> bool:
    kind = column.type
    if isinstance(kind, Enum | JSON) or not isinstance(kind, String | Text):
        return False
    return not column.foreign_keys and not any(part in column.name for part in FINDS)


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
        elif answer.mimetype == "application/pdf":
            assert alive_in(answer.data) == [], path
    assert marked > 3, "the attacks are on the pages, as words"


def alive_in(data: bytes) -> list[str]:
    """Actions, scripts, attachments and links of a PDF that it should not have."""
    wrong = []
    with pikepdf.open(io.BytesIO(data)) as paper:
        for one in paper.objects:
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                wrong += [name for name in ("/JS", "/AA", "/Launch", "/OpenAction") if name in one]
                kind = str(one.get("/S", ""))
                wrong += [kind] if kind in ("/JavaScript", "/Launch", "/SubmitForm") else []
                uri = str(one.get("/URI", ""))
                wrong += [uri] if uri.lower().startswith(("javascript", "data", "vbscript")) else []
    return wrong


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
