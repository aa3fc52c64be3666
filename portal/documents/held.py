"""Pages from a station that wait for the rest of their stack, and how the stack becomes files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy import delete, func, select
from werkzeug.datastructures import FileStorage

from portal.documents import messages, queries, scans
from portal.documents.erasing import queue_erasing
from portal.documents.models import Document, HeldPage
from portal.documents.services import take
from portal.documents.store import open_object
from portal.documents.taken import Taken
from portal.errors import Invalid
from portal.extensions import db

JPEG = "image/jpeg"
ROOM = 64 * 1024  # for what a file has besides its pages


def look_at(data: bytes, number: int, field: str) -> Taken:
    """Check a page and store it, as any upload; raises Invalid beside `field`.

    Called before the transaction. A page that then belongs to nothing is removed by the sweep.
    """
    name = f"trang-{number}.jpg"
    taken = take(FileStorage(io.BytesIO(data), name), field)
    if taken.content_type != JPEG or taken.pages != 1:
        most = current_app.config["SETTINGS"].max_upload_mb
        raise Invalid(field, messages.refusal("unsupported", name, most))
    return taken


def of_order(order_id: int, number: int) -> HeldPage | None:
    """A page by its number."""
    return db.session.scalar(select(HeldPage).filter_by(order_id=order_id, number=number))


def hold(order_id: int, document: Document, number: int, taken: Taken, *, at: datetime) -> HeldPage:
    """Write a page down that was stored; raises Invalid where the dossier has no room for it."""
    most = current_app.config["SETTINGS"].max_dossier_mb
    waiting = select(func.coalesce(func.sum(HeldPage.size), 0)).filter_by(order_id=order_id)
    held = int(db.session.scalar(waiting) or 0)
    if queries.bytes_of(document.dossier_id) + held + taken.size > most * 1024 * 1024:
        raise Invalid(taken.field, messages.dossier_full(most))
    page = HeldPage(
        order_id=order_id,
        document_id=document.id,
        number=number,
        object_key=taken.key,
        sha256=taken.sha256,
        size=taken.size,
        received_at=at,
    )
    db.session.add(page)
    db.session.flush()
    return page


def bound(order_id: int, name: str, field: str, *, at: datetime) -> list[Taken]:
    """The pages of an order as files, stored and belonging to nothing yet.

    One file, or as many as a file may be large; call it before the transaction.
    """
    rows = db.session.scalars(
        select(HeldPage).filter_by(order_id=order_id).order_by(HeldPage.number)
    )
    keys = [(row.object_key, row.sha256, row.size) for row in rows]
    parts = list(_parts(keys))
    taken = []
    for number, part in enumerate(parts, start=1):
        data = scans.bind([open_object(key, sha256) for key, sha256, _size in part], at=at)
        ending = f"-{number}" if len(parts) > 1 else ""
        taken.append(take(FileStorage(io.BytesIO(data), f"{name}{ending}.pdf"), field))
    return taken


def drop(order_id: int, *, at: datetime) -> None:
    """The pages are in a file now, or nobody wants them: rows at once, objects once it is sure."""
    keys = list(db.session.scalars(select(HeldPage.object_key).filter_by(order_id=order_id)))
    if keys:
        gone = delete(HeldPage).where(HeldPage.order_id == order_id)
        db.session.execute(gone.execution_options(synchronize_session=False))
        queue_erasing(keys, at=at)


def _parts(keys: Sequence[tuple[str, str, int]]) -> Iterator[list[tuple[str, str, int]]]:
    most = current_app.config["SETTINGS"].max_upload_bytes - ROOM
    part: list[tuple[str, str, int]] = []
    for key in keys:
        if part and sum(size for _key, _sha256, size in part) + key[2] > most:
            yield part
            part = []
        part.append(key)
    if part:
        yield part
