"""Notes who opened a file: each picture and copy every time, glances once in a while.

What counts as an opening, and why, is told in docs/adr/0011-what-opening-a-file-means.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import g

from portal.access import Actor
from portal.audit.services import Entry, Named, record
from portal.db import transaction
from portal.documents.models import DocumentFile, DocumentPage

GLANCE = "file:glance"


def opened(act: str, subject: DocumentFile | DocumentPage, *, by: Actor) -> None:
    """One line for this opening. Called with the bytes in hand, right before they are served."""
    file = subject if isinstance(subject, DocumentFile) else subject.file
    about, name, dossier_id = Named.of(subject), file.public_id, file.document.dossier_id
    with transaction(alone=True):
        record(act, about, by=by, dossier_id=dossier_id, file=name)


def glanced(files: Iterable[DocumentFile]) -> None:
    """Something of these is in the answer; the guard of the doors writes it down once a while."""
    glances().extend(Entry(GLANCE, Named.of(file), file.document.dossier_id) for file in files)


def glances() -> list[Entry]:
    """What this request has glanced at so far."""
    noted = g.setdefault("glances", [])
    assert isinstance(noted, list)
    return noted
