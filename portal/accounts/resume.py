"""A form sent after its session had ended comes back with every word still in it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

# Secrets are typed anew: they must not lie in a page that waits for somebody to sign in.
NOT_CARRIED = ("csrf_token", "password", "mat_khau")
LONGEST = 400_000


def is_own_path(path: str) -> bool:
    """Whether `path` is a plain path of this site: no scheme, host, backslash or control sign."""
    if not path.startswith("/") or path.startswith("//"):
        return False
    if "\\" in path or not path.isprintable():
        return False
    try:
        return not urlsplit(path).netloc
    except ValueError:
        return False


def safe_next(path: str | None, default: str = "/") -> str:
    """`path` if it is one of ours, `default` otherwise."""
    return path if path and is_own_path(path) else default


def carried() -> str:
    """The fields of the present form as JSON, without secrets.

    What is too long for that is refused whole: the browser then still has it, one step back.
    """
    pairs = [
        (name, value) for name, value in request.form.items(multi=True) if not _is_secret(name)
    ]
    text = json.dumps(pairs, ensure_ascii=False)
    if len(text) > LONGEST:
        raise RequestEntityTooLarge
    return text


def read(text: str | None) -> list[tuple[str, str]]:
    """The fields of a carried form; nothing where the text is not ours."""
    try:
        pairs = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    if not isinstance(pairs, list):
        return []
    return [
        (pair[0], pair[1])
        for pair in pairs
        if isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(part, str) for part in pair)
        and not _is_secret(pair[0])
    ]


def is_postable(path: str | None) -> bool:
    """Whether a form may be continued at `path`: an address of ours that takes forms."""
    return bool(path) and takes(path or "", "POST")


def takes(path: str, method: str) -> bool:
    """Whether `path` is an address of ours that answers `method`."""
    if not is_own_path(path):
        return False
    try:
        current_app.url_map.bind("").match(urlsplit(path).path, method=method)
    except HTTPException:
        return False
    return True


def page_of_fragment(address: str | None, default: str) -> str:
    """The path of the page that asked for a fragment, as htmx tells it; `default` if it is odd."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return default
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return safe_next(path, default)


def _is_secret(name: str) -> bool:
    return any(word in name.casefold() for word in NOT_CARRIED)
