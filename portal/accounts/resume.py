"""A form sent after its session had ended waits for its person with every word still in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app, request
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal import clock, security
from portal.access import Actor
from portal.accounts.models import ParkedForm
from portal.accounts.owners import FIELD as OWNER
from portal.accounts.owners import Owner
from portal.audit.services import record
from portal.extensions import csrf, db

FIELD = "kept_form"
# Secrets are typed anew: they must not lie anywhere until somebody signs in.
NOT_CARRIED = ("csrf_token", "password", "mat_khau")
OF_THE_FRAME = frozenset({FIELD, OWNER})
LONGEST = 400_000
KEPT_FOR = timedelta(hours=24)

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Content:
    """What was typed, and the files that came with it: the name of each, and why not taken."""

    fields: Fields
    files: list[tuple[str, str]]


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


def here() -> str:
    """The present address with its question, as it is asked again."""
    return request.full_path.rstrip("?")


def is_form_of_ours() -> bool:
    """Whether the present form came from a page of ours: by the browser's word, or its token."""
    if security.comes_from_here():
        return True
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def typed() -> Fields:
    """The fields of the present form, without secrets.

    What is too long to be kept is refused whole: the browser then still has it, one step back.
    """
    pairs = [(name, text) for name, text in request.form.items(multi=True) if not _is_left(name)]
    if len(json.dumps(pairs, ensure_ascii=False)) > LONGEST:
        raise RequestEntityTooLarge
    return pairs


def park(
    owner: Owner,
    path: str,
    fields: Fields,
    files: Sequence[tuple[str, str]],
    *,
    by: Actor | None,
    at: datetime,
) -> ParkedForm:
    """Write a form down for its person, sealed."""
    form = ParkedForm(
        user_id=owner.user_id, membership_id=owner.membership_id, path=path, parked_at=at
    )
    form.content = json.dumps({"fields": fields, "files": list(files)}, ensure_ascii=False)
    db.session.add(form)
    db.session.flush()
    record("form:park", form, by=by, user=owner.user_id, files=len(files))
    return form


def waiting(public_id: str | None, user_id: int) -> ParkedForm | None:
    """The form of this name, if it is this person's and a day has not gone by."""
    if not public_id:
        return None
    since = clock.now() - KEPT_FOR
    return db.session.scalar(
        select(ParkedForm)
        .filter_by(public_id=public_id, user_id=user_id)
        .where(ParkedForm.parked_at > since)
    )


def read(form: ParkedForm) -> Content:
    """What waits in it."""
    kept = json.loads(form.content or "{}")
    return Content(
        [(name, text) for name, text in kept.get("fields", [])],
        [(name, refusal) for name, refusal in kept.get("files", [])],
    )


def takes(path: str, method: str) -> bool:
    """Whether `path` is an address of ours that answers `method`."""
    if not is_own_path(path):
        return False
    try:
        current_app.url_map.bind("").match(urlsplit(path).path, method=method)
    except HTTPException:
        return False
    return True


def _is_left(name: str) -> bool:
    return name in OF_THE_FRAME or any(word in name.casefold() for word in NOT_CARRIED)
