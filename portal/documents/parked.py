"""Files that were taken before their form could be: kept for a day, given back once."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from sqlalchemy import CursorResult, func, select, update
from werkzeug.datastructures import FileStorage

from portal import clock, retention
from portal.documents import messages
from portal.documents.models import ParkedFile
from portal.documents.store import store
from portal.documents.taken import Taken
from portal.errors import Invalid, Unavailable
from portal.extensions import db
from portal.retention import What
from scanning.errors import StoreError


class ParkedUpload(FileStorage):
    """A parked file in the place of an upload: no bytes, for they are stored already."""

    def __init__(self, row: ParkedFile) -> None:
        super().__init__(BytesIO(), row.name, row.field, row.content_type)
        self.public_id = row.public_id
        self.sha256 = row.sha256


def uploads_of(form_id: int) -> list[ParkedUpload]:
    """The files of a parked form in the order they were chosen, as if sent just now."""
    rows = select(ParkedFile).filter_by(form_id=form_id).order_by(ParkedFile.id)
    return [ParkedUpload(row) for row in db.session.scalars(rows)]


def taken(upload: ParkedUpload, field: str) -> Taken:
    """What the quick look found when the file came; raises Invalid with the sentence it got."""
    row = db.session.scalar(select(ParkedFile).filter_by(public_id=upload.public_id))
    name = upload.filename or ""
    if row is None:
        raise Invalid(field, messages.no_longer_kept(name))
    return _taken(row, field)


def find(public_id: str, user_id: int, path: str, field: str) -> Taken:
    """The file a form still carries by name; raises Invalid when it is not his or gone."""
    row = db.session.scalar(
        select(ParkedFile).filter_by(public_id=public_id, user_id=user_id, path=path)
    )
    if row is None:
        raise Invalid(field, messages.no_longer_kept(""))
    return _taken(row, field)


def let_go(form_id: int) -> None:
    """The form of these files is gone; they wait no more, and go with the sweep."""
    db.session.execute(update(ParkedFile).filter_by(form_id=form_id).values(form_id=None))


def bytes_kept(user_id: int, since: datetime) -> int:
    """How much of this person's lies in keeping."""
    rows = select(func.coalesce(func.sum(ParkedFile.size), 0)).where(
        ParkedFile.user_id == user_id,
        ParkedFile.parked_at > since,
        ParkedFile.object_key.is_not(None),
    )
    return int(db.session.scalar(rows) or 0)


def use(taken: Taken, *, at: datetime) -> None:
    """Take the file out of keeping, once; its object now belongs to a paper."""
    used = db.session.execute(
        update(ParkedFile)
        .where(ParkedFile.public_id == taken.parked, ParkedFile.used_at.is_(None))
        .values(used_at=at, object_key=None)
    )
    assert isinstance(used, CursorResult)
    if not used.rowcount:
        raise Invalid(taken.field, messages.no_longer_kept(taken.name))


def _taken(row: ParkedFile, field: str) -> Taken:
    if row.refusal:
        raise Invalid(field, row.refusal)
    key = row.object_key or ""
    kept = retention.kept(What.WAITING_FORM, clock.today())
    if row.used_at or clock.now() - row.parked_at > kept or not _is_there(key):
        raise Invalid(field, messages.no_longer_kept(row.name))
    return Taken(
        field=field,
        name=row.name,
        key=key,
        sha256=row.sha256,
        size=row.size,
        content_type=row.content_type,
        pages=row.pages,
        warnings=tuple(row.warnings),
        parked=row.public_id,
        virus_check=row.virus_check,
    )


def _is_there(key: str) -> bool:
    try:
        return store().exists(key)
    except StoreError as error:
        raise Unavailable from error
