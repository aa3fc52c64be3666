"""Takes what people hand in: checked, stored, and queued to be read."""

from __future__ import annotations

import unicodedata
from contextlib import nullcontext
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

from flask import current_app

from portal import clock
from portal.access import Actor
from portal.audit.services import record
from portal.catalogue.models import ProcedureVersion
from portal.documents import messages, parked, queries, search, virus
from portal.documents.models import (
    Document,
    DocumentFile,
    DocumentPurpose,
    FileState,
    VirusCheck,
)
from portal.documents.scans import SCAN, gate, inspect
from portal.documents.store import open_object, put
from portal.documents.taken import Taken
from portal.errors import Invalid
from portal.extensions import db
from portal.jobs import services as jobs

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

    from portal.settings import Settings
    from scanning.intake import Gate

__all__ = [
    "Taken",
    "add_document",
    "attach",
    "ensure_documents",
    "gate",
    "open_object",
    "take",
    "withdraw_file",
]

LONGEST_NAME = 200
PDF = "application/pdf"


class DossierLike(Protocol):
    """What this room needs to know of a dossier, which lives higher up."""

    id: int
    procedure_version: ProcedureVersion


def take(upload: FileStorage, field: str, at_gate: Gate | None = None) -> Taken:
    """Check a file in a closed room and store it; raises Invalid beside `field`.

    Called before the transaction, since it may take seconds. What is stored and then belongs to
    nothing, because the transaction did not come, is removed by the sweep. A file that was kept
    with a parked form was checked and stored then.
    """
    if isinstance(upload, parked.ParkedUpload):
        return parked.taken(upload, field)
    limits = _settings()
    name = clean_name(upload.filename or "")
    data = upload.stream.read(limits.max_upload_bytes + 1)
    if not data and not upload.filename:
        raise Invalid(field, messages.missing())
    with nullcontext(at_gate) if at_gate else gate() as opened:
        found = inspect(data, name, opened)
    if not found.is_accepted:
        raise Invalid(
            field, messages.refusal(found.reason or "unsupported", name, limits.max_upload_mb)
        )
    verdict = virus.look(data)
    if verdict.check is VirusCheck.INFECTED:
        virus.quarantine(data, name, found.content_type, verdict.name)
        raise Invalid(field, messages.refusal("infected", name, limits.max_upload_mb))
    stored = put(data, found.content_type)
    return Taken(
        field=field,
        name=name,
        key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        content_type=found.content_type,
        pages=found.pages,
        warnings=tuple(found.warnings),
        virus_check=verdict.check,
    )


def attach(document: Document, taken: Taken, *, by: Actor | None, at: datetime) -> DocumentFile:
    """Put a taken file into a paper of a dossier, and promise to read it."""
    settings = _settings()
    most = settings.max_dossier_mb * 1024 * 1024
    if queries.bytes_of(document.dossier_id) + taken.size > most:
        raise Invalid(taken.field, messages.dossier_full(settings.max_dossier_mb))
    if taken.parked:
        parked.use(taken, at=at)
    file = DocumentFile(
        document=document,
        name=taken.name,
        content_type=taken.content_type,
        size=taken.size,
        original_key=taken.key,
        original_sha256=taken.sha256,
        state=FileState.RECEIVED,
        warnings=list(taken.warnings),
        pages_total=taken.pages,
        virus_check=taken.virus_check,
        virus_checked_at=at if taken.virus_check is VirusCheck.CLEAN else None,
        taken_by_id=by.user_id if by else None,
        taken_by_name=by.name if by else "",
        taken_place_id=by.organisation.id if by and by.organisation else None,
        taken_at=at,
    )
    db.session.add(file)
    db.session.flush()
    queue_reading(file, at=at)
    if file.virus_check is VirusCheck.WAITING:
        virus.queue_check(file, at=at)
    record(
        "file:take",
        file,
        by=by,
        dossier_id=document.dossier_id,
        sha256=taken.sha256,
        size=taken.size,
    )
    return file


def queue_reading(file: DocumentFile, *, at: datetime) -> None:
    """Write down that a file is to be read."""
    jobs.queue(
        SCAN,
        {"file": file.public_id},
        at=at,
        unique_key=f"{SCAN}:{file.public_id}",
        dossier_id=file.document.dossier_id,
        size=file.pages_total,
    )


def withdraw_file(file: DocumentFile, *, by: Actor, at: datetime) -> None:
    """Take a file back: nobody finds or opens it any more; its bytes stay as evidence."""
    file.state = FileState.WITHDRAWN
    search.forget_pages([page.id for page in file.pages])
    record("file:withdraw", file, by=by, dossier_id=file.document.dossier_id, at=at.isoformat())


def ensure_documents(dossier: DossierLike) -> list[Document]:
    """A paper for each that the pinned version of the procedure asks for, in its order."""
    known = {
        document.component_id: document
        for document in db.session.query(Document).filter_by(dossier_id=dossier.id)
    }
    papers = []
    for component in dossier.procedure_version.components:
        document = known.get(component.id)
        if document is None:
            document = Document(
                dossier_id=dossier.id,
                component_id=component.id,
                purpose=DocumentPurpose.COMPONENT,
                title=component.name,
                kind=component.kind,
                is_shown_only=component.is_shown_only,
                created_at=clock.now(),
            )
            db.session.add(document)
        papers.append(document)
    db.session.flush()
    return papers


def add_document(
    dossier: DossierLike, title: str, purpose: DocumentPurpose, at: datetime
) -> Document:
    """A paper that the procedure does not ask for: voluntary, or the outcome."""
    document = Document(dossier_id=dossier.id, purpose=purpose, title=title, created_at=at)
    db.session.add(document)
    db.session.flush()
    return document


def clean_name(name: str) -> str:
    """A file's name as people may see it: no folders, no unseen characters, NFC, not endless."""
    last = PurePosixPath(name.replace("\\", "/")).name
    seen = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable())
    stem, dot, ending = seen.strip().rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: LONGEST_NAME - 11]}.{ending}".strip() or "tep"
    return seen.strip()[:LONGEST_NAME] or "tep"


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found
