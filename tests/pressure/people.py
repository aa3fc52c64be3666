"""Who presses: people with sessions, and the pages and forms that each of them may ask for."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from random import Random
from urllib.parse import quote_plus
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from portal.access import Role
from portal.accounts import services, sessions
from portal.accounts.models import User
from portal.db import transaction
from portal.extensions import db
from tests.factories.country import fill_extract, start_online
from tests.pressure.wire import Ask
from tests.rig.reader import Forms, Reader
from tests.rig.sign_in import PASSWORD

BOUNDARY = "----pressure"
LINK = re.compile(r'(?:href|src)="(/[^"#]+)"')
# How often each kind of page is asked for, of a hundred.
MIX = {
    "home": 8,
    "catalogue search": 12,
    "procedure": 14,
    "post offices": 4,
    "look-up page": 6,
    "citizen's desk": 8,
    "citizen's dossier": 12,
    "draft page saved": 6,
    "officer's inbox": 8,
    "officer's dossier": 8,
    "page image": 6,
    "search in papers": 4,
    "counter": 3,
    "leader's figures": 1,
}
SEARCHES = ("trich luc", "khai sinh", "xay dung", "ket hon", "dat dai", "lý lịch tư pháp")
WORDS = ("nguyen", "khanh hoa", "trich luc", "nha trang", "khai sinh")


@dataclass(frozen=True)
class Sending:
    """A draft that wants nothing but its three files and the press on the button."""

    files: Ask
    check: Ask
    send: Ask


class People:
    """Everybody who presses, on the database of the portal that is pressed."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.clients: dict[str, FlaskClient] = {}

    def known(self, email: str) -> FlaskClient:
        """A client whose session is open, without going through the sign-in page."""
        if email not in self.clients:
            with self.app.app_context(), transaction():
                user = db.session.scalars(select(User).filter_by(email=email)).one()
                membership = services.first_membership(user)
                assert membership
                token = sessions.open_session(user, membership)
                name = sessions.cookie_name()
            client = self.app.test_client()
            client.set_cookie(name, token)
            self.clients[email] = client
        return self.clients[email]

    def citizen(self, number: int) -> FlaskClient:
        """One of many citizens made for this."""
        email = f"citizen-{number}@pressure.test"
        with self.app.app_context(), transaction():
            services.create(email, f"Người Nộp {number}", PASSWORD, Role.CITIZEN)
        return self.known(email)

    def questions(self, *, drafts: int = 20) -> dict[str, list[Ask]]:
        """For each kind of the mix, requests to choose from; `drafts` are made to be saved."""
        asked = {
            "home": [Ask("home", "GET", "/")],
            "catalogue search": [
                _get("catalogue search", f"/thu-tuc?q={quote_plus(words)}") for words in SEARCHES
            ],
            "procedure": _linked(
                "procedure", self.app.test_client(), "/thu-tuc", r"/thu-tuc/[\d.]+"
            ),
            "post offices": [_get("post offices", "/buu-cuc")],
            "look-up page": [_get("look-up page", "/tra-cuu")],
            "draft page saved": [self._saving(number) for number in range(drafts)],
        }
        desks = (
            ("citizen's desk", "congdan", "/cua-toi", None),
            ("citizen's dossier", "congdan", "/cua-toi", r"/cua-toi/ho-so/[\w-]{16}"),
            ("officer's inbox", "canbo", "/can-bo", None),
            ("officer's dossier", "canbo", "/can-bo", r"/can-bo/ho-so/[\w-]{16}"),
            ("counter", "buudien", "/buu-dien", None),
            ("leader's figures", "lanhdao", "/lanh-dao", None),
        )
        for kind, who, page, links in desks:
            client = self.known(f"{who}@demo.test")
            asked[kind] = (
                _linked(kind, client, page, links) if links else [_get(kind, page, client)]
            )
        officer = self.known("canbo@demo.test")
        asked["search in papers"] = [
            _get("search in papers", f"/can-bo/tim?q={quote_plus(words)}", officer)
            for words in WORDS
        ]
        asked["page image"] = [
            image
            for question in asked["officer's dossier"][:20]
            for image in _linked("page image", officer, question.path, r"/giay-to/trang/")
        ]
        return {kind: found for kind, found in asked.items() if found}

    def _saving(self, number: int) -> Ask:
        reader = Reader(self.citizen(10_000 + number))
        draft = start_online(reader)
        form = reader.open(f"{draft}/khai/requester").form("requester_name")
        values = {name: value[0] for name, value in form.values.items() if value}
        values |= {"action": "later", "requester_name": f"Người Nộp {number}"}
        return _post("draft page saved", form.action or reader.url, reader.client, values)

    def sending(self, number: int, picture: bytes) -> Sending:
        """A draft of a citizen of his own, filled in, with three photographs at hand."""
        reader = Reader(self.citizen(number))
        draft = start_online(reader)
        fill_extract(reader, draft)
        links = [link for link in LINK.findall(reader.open(draft).page) if "/giay-to/" in link]
        form = reader.open(links[0]).form("files")
        values = {name: value[0] for name, value in form.values.items() if value}
        client = reader.client
        return Sending(
            _post("files", form.action or links[0], client, values, [picture] * 3),
            _get("check", f"{draft}/kiem-tra", client),
            _post("send", f"{draft}/gui", client, {"action": "send"}),
        )


def photograph(rng: Random) -> bytes:
    """A photograph of some 400 kB, as a telephone sends it after shrinking."""
    noise = Image.frombytes("L", (400, 560), rng.randbytes(400 * 560)).resize((1240, 1754))
    held = io.BytesIO()
    noise.convert("RGB").save(held, "JPEG", quality=70)
    return held.getvalue()


def again(question: Ask, rng: Random) -> Ask:
    """The same form once more, as a new one: its key is another."""
    key = rng.randbytes(16).hex().encode()
    body = re.sub(rb'(name="idempotency_key"\r\n\r\n)[^\r]*', rb"\g<1>" + key, question.body)
    return Ask(question.kind, question.method, question.path, question.headers, body)


def completed(question: Ask, page: str) -> Ask | None:
    """The form of `page` that goes to the address of `question`, pressed; None if it has none."""
    forms = [form for form in Forms(page).found if form.action == question.path]
    if not forms:
        return None
    values = {name: value[0] for name, value in forms[-1].values.items() if value}
    return Ask(
        question.kind,
        "POST",
        question.path,
        question.headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        _multipart(values | {"action": "send"}, []),
    )


def _get(kind: str, path: str, client: FlaskClient | None = None) -> Ask:
    return Ask(kind, "GET", path, _headers(client))


def _post(
    kind: str,
    path: str,
    client: FlaskClient,
    values: dict[str, str],
    files: list[bytes] | None = None,
) -> Ask:
    headers = _headers(client) | {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Sec-Fetch-Site": "same-origin",
    }
    values.setdefault("idempotency_key", uuid4().hex)
    return Ask(kind, "POST", path, headers, _multipart(values, files or []))


def _multipart(values: dict[str, str], files: list[bytes]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in values.items()
    ]
    for number, data in enumerate(files):
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; '
            f'filename="anh-{number}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        parts.append(head.encode() + data + b"\r\n")
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def _headers(client: FlaskClient | None) -> dict[str, str]:
    if client is None:
        return {}
    jar = client._cookies or {}
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in jar.values())
    return {"Cookie": cookies}


def _linked(kind: str, client: FlaskClient, page: str, pattern: str) -> list[Ask]:
    text = client.get(page, follow_redirects=True).text
    wanted = re.compile(pattern)
    paths = dict.fromkeys(link for link in LINK.findall(text) if wanted.search(link))
    return [_get(kind, path.replace("&amp;", "&"), client) for path in paths]
