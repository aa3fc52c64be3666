"""Sending forms as a browser would: with the token of a page of ours, and saying where from."""

import re
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def token_of(client: FlaskClient) -> str:
    """A fresh token for this browser."""
    found = TOKEN.search(client.get("/dang-nhap").text)
    assert found, "every page carries a token"
    return found[1]


def send(
    client: FlaskClient, path: str, *, headers: dict[str, str] | None = None, **fields: object
) -> TestResponse:
    """Post a form with a fresh token; give csrf_token= or idempotency_key= to choose them."""
    fields.setdefault("csrf_token", token_of(client))
    return client.post(path, data=fields, headers=FROM_HERE | (headers or {}))


def new_key() -> str:
    """What a form carries to be sent only once."""
    return uuid4().hex
