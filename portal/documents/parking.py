"""Takes files into keeping while their form cannot be taken: checked and stored as anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.access import Actor
from portal.audit.services import record
from portal.documents import services
from portal.documents.models import ParkedFile
from portal.documents.taken import Taken
from portal.errors import Invalid
from portal.extensions import db

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.datastructures import FileStorage

MOST_FILES = 60


@dataclass(frozen=True)
class Looked:
    """An upload after the quick look: what was stored, or the sentence that says why not."""

    field: str
    name: str
    taken: Taken | None = None
    refusal: str = ""


@dataclass
class Room:
    """How many bytes may still be taken, and what is said of the file that does not go in."""

    left: int
    sentence: str


def look_at(uploads: Iterable[tuple[str, FileStorage]], room: Room) -> list[Looked]:
    """Check and store every file that was chosen and has room; call before the transaction."""
    chosen = [(field, upload) for field, upload in uploads if upload.filename]
    return [_look(*one, room, number=number) for number, one in enumerate(chosen, start=1)]


def park(
    file: Looked,
    user_id: int,
    path: str,
    *,
    form_id: int | None = None,
    by: Actor | None,
    at: datetime,
) -> ParkedFile:
    """Write down whose file it is and to which form of which page it belongs."""
    row = ParkedFile(
        user_id=user_id,
        form_id=form_id,
        path=path,
        field=file.field,
        name=file.name,
        refusal=file.refusal,
        parked_at=at,
    )
    if file.taken is not None:
        row.object_key, row.sha256 = file.taken.key, file.taken.sha256
        row.size, row.content_type = file.taken.size, file.taken.content_type
        row.pages, row.warnings = file.taken.pages, list(file.taken.warnings)
        row.virus_check = file.taken.virus_check
    db.session.add(row)
    db.session.flush()
    record("file:park", row, by=by, user=user_id, sha256=row.sha256, size=row.size)
    return row


def _look(field: str, upload: FileStorage, room: Room, *, number: int) -> Looked:
    name = services.clean_name(upload.filename or "")
    if number > MOST_FILES:
        return Looked(field, name, refusal=_too_many())
    if _size(upload) > room.left:
        return Looked(field, name, refusal=room.sentence)
    try:
        taken = services.take(upload, field)
    except Invalid as wrong:
        return Looked(field, name, refusal=str(wrong.sentence))
    room.left -= taken.size
    return Looked(field, name, taken)


def _size(upload: FileStorage) -> int:
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    return size


def _too_many() -> str:
    return _("Mỗi lần gửi nhiều nhất %(most)s tệp; các tệp sau chưa được nhận.", most=MOST_FILES)
