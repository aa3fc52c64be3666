"""Sending forms as a browser without scripts does: token and key come from the page itself."""

import re
import uuid

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token(client: FlaskClient, page: str | None = None) -> str:
    """The token of a page, or of the first page of the post."""
    text = page or client.get("/buu-dien", follow_redirects=True).get_data(as_text=True)
    found = TOKEN.search(text)
    assert found
    return found[1]


def send(client: FlaskClient, path: str, key: str | None = None, **fields: object) -> TestResponse:
    """Post a form with a fresh key."""
    data = {"csrf_token": token(client), "idempotency_key": key or uuid.uuid4().hex} | fields
    return client.post(path, data=data)


def enter(client: FlaskClient, code: str) -> TestResponse:
    """Type into the desk's field and press Enter."""
    return client.post("/buu-dien", data={"csrf_token": token(client), "ma": code})


def press(client: FlaskClient, page: TestResponse, path: str, **fields: object) -> TestResponse:
    """Press the button whose form is on the page."""
    text = page.get_data(as_text=True)
    assert f'action="{path}"' in text
    key = re.search(
        rf'action="{re.escape(path)}".*?name="idempotency_key" value="([^"]+)"', text, re.DOTALL
    )
    assert key
    data = {"csrf_token": token(client, text), "idempotency_key": key[1]} | fields
    return client.post(path, data=data)
