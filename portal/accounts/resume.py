"""A form sent after its session had ended waits for its person with every word still in it."""

from __future__ import annotations

import enum
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from portal import clock, retention, security
from portal.access import Actor
from portal.accounts.models import ParkedForm
from portal.accounts.owners import FIELD as OWNER
from portal.accounts.owners import Owner
from portal.audit.services import record
from portal.errors import PortalError
from portal.extensions import csrf, db
from portal.retention import What

FIELD = "kept_form"  # a form whose files are with us
WORDS = "kept_words"  # one that came without files: all of it stands in the page
# Secrets are typed anew: they must not lie anywhere until somebody signs in.
NOT_CARRIED = ("csrf_token", "password", "mat_khau")
OF_THE_FRAME = frozenset({FIELD, WORDS, OWNER})
LONGEST = 400_000
MOST_SHOWN = 10

Fields = list[tuple[str, str]]


class Why(enum.StrEnum):
    """Why a form waits, or cannot go on as it was."""

    ENDED = "ended"  # nobody was signed in
    LOCKED = "locked"  # the screen was
    ANOTHERS = "anothers"  # somebody else was signed in
    ROLE = "role"
    STALE = "stale"  # its token was too old
    TOO_LATE = "too_late"  # a day has gone by
    ELSEWHERE = "elsewhere"  # what waits is for another address


@dataclass(frozen=True)
class Content:
    """What was typed, and the files that came with it: the name of each, and why not taken."""

    fields: Fields
    files: list[tuple[str, str]]
    why: Why


class WordsTooLong(PortalError):
    """More words than are kept; the browser still has them, one step back."""

    status = 413
    sentence = _l(
        "Nội dung đã nhập dài quá mức nhận được. Ông/Bà quay lại, rút ngắn nội dung rồi gửi lại."
    )


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
        raise WordsTooLong
    return pairs


def park(
    owner: Owner, path: str, content: Content, *, by: Actor | None, at: datetime
) -> ParkedForm:
    """Write a form down for its person, sealed."""
    form = ParkedForm(
        user_id=owner.user_id, membership_id=owner.membership_id, path=path, parked_at=at
    )
    form.content = json.dumps(asdict(content), ensure_ascii=False)
    db.session.add(form)
    db.session.flush()
    record(
        "form:park",
        form,
        by=by,
        user=owner.user_id,
        browser_of=owner.browser_of,
        files=len(content.files),
        why=content.why.value,
    )
    return form


def waiting(public_id: str | None, user_id: int) -> ParkedForm | None:
    """The form of this name, if it is this person's and a day has not gone by."""
    if not public_id:
        return None
    since = _kept_since()
    return db.session.scalar(
        select(ParkedForm)
        .filter_by(public_id=public_id, user_id=user_id)
        .where(ParkedForm.parked_at > since)
    )


def all_waiting(user_id: int, membership_id: int) -> list[ParkedForm]:
    """What waits for this person in this role, the newest first."""
    since = _kept_since()
    rows = (
        select(ParkedForm)
        .filter_by(user_id=user_id, membership_id=membership_id)
        .where(ParkedForm.parked_at > since)
        .order_by(ParkedForm.id.desc())
        .limit(MOST_SHOWN)
    )
    return list(db.session.scalars(rows))


def read(form: ParkedForm) -> Content:
    """What waits in it."""
    kept = json.loads(form.content or "{}")
    return Content(
        [(name, text) for name, text in kept.get("fields", [])],
        [(name, refusal) for name, refusal in kept.get("files", [])],
        Why(kept.get("why", Why.ENDED)),
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


def _kept_since() -> datetime:
    now = clock.now()
    return now - retention.kept(What.WAITING_FORM, now.date())


def _is_left(name: str) -> bool:
    return name in OF_THE_FRAME or any(word in name.casefold() for word in NOT_CARRIED)
