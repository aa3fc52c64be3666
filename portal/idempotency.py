"""One intention, one effect: a form sent twice gets its first answer the second time."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from flask import Response, g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, Text, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import clock
from portal.access import current_actor
from portal.db import Base, at_start, before_commit
from portal.errors import Conflict, PortalError
from portal.extensions import db

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

FIELD = "idempotency_key"
LONGEST_KEY = 64
NOT_HASHED = frozenset({FIELD, "csrf_token"})
KEPT_HEADERS = ("Location", "HX-Redirect", "Content-Type")


class IdempotencyKey(Base):
    """A form that was sent: what it said, and what was answered, written with its effect."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


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
    g.once_key = key
    g.once_owner = actor.public_id if actor else "visitor"
    g.once_hash = _request_hash()


def replayed() -> Response | None:
    """The first answer to this very form, or None if it is new."""
    row = db.session.scalar(select(IdempotencyKey).filter_by(owner=g.once_owner, key=g.once_key))
    if row is None:
        return None
    if row.request_hash != g.once_hash:
        raise KeyReused
    response = Response(row.body or "", status=row.status or 204)
    for line in (row.headers or "").splitlines():
        name, _, value = line.partition(": ")
        response.headers[name] = value
    return response


def keep(response: Response) -> Response:
    """Remember `response` as the answer to this form; call it inside the transaction."""
    g.once_answer = response
    return response


@at_start
def _claim(session: Session) -> None:
    key = g.get("once_key") if g else None
    if key is None or g.get("once_claimed"):
        return
    row = {
        "owner": g.once_owner,
        "key": key,
        "request_hash": g.once_hash,
        "created_at": clock.now(),
    }
    try:
        session.execute(insert(IdempotencyKey).values(row))
    except IntegrityError:
        raise AlreadyAnswered from None
    g.once_claimed = True


@before_commit
def _write_answer(session: Session) -> None:
    if not (g and g.get("once_claimed")):
        return
    response = g.get("once_answer")
    if response is None:
        raise RuntimeError("A view changed something without keep()ing its answer.")
    lines = [
        f"{name}: {response.headers[name]}" for name in KEPT_HEADERS if name in response.headers
    ]
    row = session.scalars(
        select(IdempotencyKey).filter_by(owner=g.once_owner, key=g.once_key)
    ).one()
    row.status = response.status_code
    row.headers = "\n".join(lines)
    row.body = response.get_data(as_text=True)


def _request_hash() -> str:
    digest = sha256(request.path.encode())
    for name, value in sorted(request.form.items(multi=True)):
        if name not in NOT_HASHED:
            digest.update(f"\0{name}\0{value}".encode())
    for name, upload in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        digest.update(f"\0{name}\0{upload.filename}\0".encode() + _file_hash(upload))
    return digest.hexdigest()


def _file_hash(upload: FileStorage) -> bytes:
    digest = sha256()
    while chunk := upload.stream.read(1 << 20):
        digest.update(chunk)
    upload.stream.seek(0)
    return digest.digest()
