"""One intention, one effect: a form sent twice gets its first answer the second time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flask import Response, g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import LargeBinary, String, UniqueConstraint, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import clock
from portal.access import current_actor
from portal.crypto import keyring
from portal.db import Base, at_start, before_commit, on_commit
from portal.errors import Conflict, PortalError
from portal.extensions import db

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

FIELD = "idempotency_key"
LONGEST_KEY = 64
# A digest of a password beside its form would help whoever guesses at it.
NOT_HASHED = frozenset({FIELD, "csrf_token", "password", "form_owner", "kept_form", "kept_words"})
KEPT_HEADERS = (
    "Location",
    "Content-Type",
    "HX-Redirect",
    "HX-Location",
    "HX-Retarget",
    "HX-Reswap",
    "HX-Trigger",
)


class IdempotencyKey(Base):
    """A form that was sent: what it said, and what was answered, written with its effect.

    The answer is sealed: it may be a page about a person.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    request_hash: Mapped[str] = mapped_column(String(64))
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


@dataclass
class Intention:
    """The form of the present request: whose, under which key, with which content."""

    owner: str
    key: str
    request_hash: str
    answer: Response | None = None
    is_done: bool = False

    @property
    def place(self) -> str:
        """What the sealed answer is bound to."""
        return f"idempotency_keys.answer:{self.owner}:{self.key}"

    def close(self) -> None:
        """The effect is durable: what this request still changes belongs to no form."""
        self.is_done = True

    def row(self) -> dict[str, Any]:
        """How the table finds it."""
        return {"owner": self.owner, "key": self.key}


class KeyMissing(PortalError):
    """A form that changes something came without its key."""

    sentence = _l("Biểu mẫu đã cũ. Ông/Bà tải lại trang rồi gửi lại.")


class KeyReused(Conflict):
    """The same key with another content: two different intentions must not share one answer."""

    sentence = _l("Biểu mẫu này đã được gửi với nội dung khác. Ông/Bà tải lại trang rồi thử lại.")


class AlreadyAnswered(Exception):
    """The form's effect is in the database already."""


def expect_key() -> None:
    """Take the key of the present form; the next transaction claims it."""
    key = request.form.get(FIELD, "")
    if not key or len(key) > LONGEST_KEY:
        raise KeyMissing
    actor = current_actor()
    g.intention = Intention(actor.public_id if actor else "visitor", key, _request_hash())


def is_answered() -> bool:
    """Whether the effect of the present form is in the database, with its answer."""
    found = g.get("intention") if g else None
    return isinstance(found, Intention) and found.is_done


def replayed(*, by_key_alone: bool = False) -> Response | None:
    """The first answer to this very form, or None if it is new.

    `by_key_alone` is for a form that lost its files since: its content cannot be compared.
    """
    intention = _intention()
    assert intention is not None, "expect_key() comes first"
    row = db.session.scalar(select(IdempotencyKey).filter_by(**intention.row()))
    if row is None:
        return None
    if row.request_hash != intention.request_hash and not by_key_alone:
        raise KeyReused
    assert row.answer_sealed is not None, "the answer is written with the claim"
    kept = json.loads(keyring().open(row.answer_sealed, intention.place))
    response = Response(kept["body"], status=kept["status"])
    response.headers.update(kept["headers"])
    return response


def keep(response: Response) -> Response:
    """Remember `response` as the answer to this form; call it inside the transaction."""
    intention = _intention()
    if intention is not None:
        intention.answer = response
    return response


def forget_others(owner: str) -> None:
    """Erase what somebody was answered, but for the form he is just sending."""
    intention = _intention()
    kept = intention.key if intention and intention.owner == owner else ""
    gone = delete(IdempotencyKey).where(IdempotencyKey.owner == owner, IdempotencyKey.key != kept)
    db.session.execute(gone.execution_options(synchronize_session=False))


def _intention() -> Intention | None:
    found = g.get("intention") if g else None
    assert found is None or isinstance(found, Intention)
    return None if found is None or found.is_done else found


@at_start
def _claim(session: Session) -> None:
    """Take the key; whoever holds it already has done, or is just doing, the same thing."""
    intention = _intention()
    if intention is None:
        return
    intention.answer = None
    row = intention.row() | {
        "request_hash": intention.request_hash,
        "created_at": clock.now(),
    }
    try:
        session.execute(insert(IdempotencyKey).values(row))
    except IntegrityError:
        raise AlreadyAnswered from None
    on_commit(intention.close)


@before_commit
def _write_answer(session: Session) -> None:
    intention = _intention()
    if intention is None:
        return
    response = intention.answer
    if response is None:
        raise RuntimeError("A view changed something without keep()ing its answer.")
    kept = {
        "status": response.status_code,
        "headers": _kept_headers(response),
        "body": response.get_data(as_text=True),
    }
    sealed = keyring().seal(json.dumps(kept), intention.place)
    session.execute(
        update(IdempotencyKey).filter_by(**intention.row()).values(answer_sealed=sealed)
    )


def _kept_headers(response: Response) -> dict[str, str]:
    return {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}


def _request_hash() -> str:
    """What was sent, so that a key cannot be taken for something else.

    Keyed: a plain digest of a form with a password or a twelve-digit number could be tried out.
    """
    said = [
        [name, value]
        for name, value in sorted(request.form.items(multi=True), key=lambda pair: pair[0])
        if name not in NOT_HASHED
    ]
    files = [
        [name, upload.filename, _file_hash(upload)]
        for name, upload in sorted(request.files.items(multi=True), key=lambda pair: pair[0])
    ]
    return keyring().index(json.dumps([request.full_path, said, files]), "request")


def _file_hash(upload: FileStorage) -> str:
    known = getattr(upload, "sha256", None)  # a file that was kept for this form is stored already
    if known is not None:
        return str(known)
    digest = sha256()
    while chunk := upload.stream.read(1 << 20):
        digest.update(chunk)
    upload.stream.seek(0)
    return digest.hexdigest()
