"""Gives bytes of papers to a browser so that nothing in them can do anything there."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Response


def served(data: bytes, content_type: str, save_as: str | None = None) -> Response:
    """An answer that runs no script and loads nothing; `save_as` is never shown, only saved."""
    response = Response(data, mimetype=content_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if save_as is not None:
        response.headers["Content-Disposition"] = _attachment(save_as)
    return response


def _attachment(name: str) -> str:
    """Headers carry Latin letters only: the true name goes encoded, a plain one beside it."""
    parts = unicodedata.normalize("NFKD", name)
    letters = "".join(sign for sign in parts if not unicodedata.combining(sign))
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", letters)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
