"""A form sent after its session had ended comes back with every word still in it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

NOT_CARRIED = frozenset({"csrf_token", "password"})
LONGEST = 200_000


def is_own_path(path: str) -> bool:
    """Whether `path` is a plain path of this site: no scheme, host, backslash or control sign."""
    parts = urlsplit(path)
    clean = path.isprintable() and "\\" not in path
    return clean and path.startswith("/") and not path.startswith("//") and not parts.netloc


def safe_next(path: str | None, default: str = "/") -> str:
    """`path` if it is one of ours, `default` otherwise."""
    return path if path and is_own_path(path) else default


def carried() -> str:
    """The fields of the present form as JSON, without secrets."""
    pairs = [
        (name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED
    ]
    text = json.dumps(pairs, ensure_ascii=False)
    return text if len(text) <= LONGEST else "[]"


def read(text: str | None) -> list[tuple[str, str]]:
    """The fields of a carried form; nothing where the text is not ours."""
    try:
        pairs = json.loads(text or "[]")
    except ValueError:
        return []
    if not isinstance(pairs, list):
        return []
    return [
        (str(pair[0]), str(pair[1]))
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and pair[0] not in NOT_CARRIED
    ]


def is_postable(path: str | None) -> bool:
    """Whether a form may be continued at `path`: an address of ours that takes forms."""
    if not path or not is_own_path(path):
        return False
    adapter = current_app.url_map.bind("")
    try:
        adapter.match(urlsplit(path).path, method="POST")
    except HTTPException:
        return False
    return True
