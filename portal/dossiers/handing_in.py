"""Several files handed in at once: each is checked by itself, and what is good survives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.access import Actor
from portal.documents import messages
from portal.documents import services as documents
from portal.documents.models import Document
from portal.documents.services import Taken
from portal.errors import Invalid

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

MOST_FILES = 20
# Both words and endings: phones offer the camera for the words, desktops filter by the endings.
ACCEPT = f"image/*,application/pdf,{messages.ACCEPT}"


@dataclass
class Batch:
    """What came of one sending: files that were taken, and a sentence for each that was not."""

    taken: list[Taken] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


def chosen(uploads: Sequence[FileStorage]) -> list[FileStorage]:
    """The files really chosen: a browser sends one nameless empty part when there is none."""
    return [upload for upload in uploads if upload.filename]


def take_all(uploads: Sequence[FileStorage], name: str) -> Batch:
    """Check and store each file; call before the transaction, for it may take seconds."""
    batch = Batch()
    files = chosen(uploads)
    with documents.gate() as gate:
        for upload in files[:MOST_FILES]:
            try:
                batch.taken.append(documents.take(upload, name, gate))
            except Invalid as error:
                batch.mistakes.append(str(error.sentence))
    if len(files) > MOST_FILES:
        batch.mistakes.append(
            _("Mỗi lần gửi nhiều nhất %(most)s tệp; các tệp sau chưa được nhận.", most=MOST_FILES)
        )
    return batch


def attach_all(document: Document, batch: Batch, *, by: Actor, at: datetime) -> None:
    """Put the taken files into a paper; one that does not fit any more is said, not fatal."""
    for taken in batch.taken:
        try:
            documents.attach(document, taken, by=by, at=at)
            document.is_present = True
        except Invalid as error:
            batch.mistakes.append(str(error.sentence))
