"""The hatch to scanning: asks for a file to be read and writes down what is answered."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from portal.documents import search
from portal.documents.models import DocumentFile, DocumentPage, FileState, VirusCheck
from portal.errors import Unavailable
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.models import Job
from portal.jobs.services import Claimed, LeaseLost
from scanning import binding
from scanning.contract import Intake, PageResult, ScanJob, ScanProgress, ScanResult
from scanning.errors import ScanError
from scanning.intake import Gate
from scanning.settings import Limits
from vietnam.folding import fold

SCAN = "scan"


def limits() -> Limits:
    """How large files may be at this site."""
    settings = current_app.config["SETTINGS"]
    return Limits(
        upload_bytes=settings.max_upload_bytes,
        image_megapixels=settings.max_image_megapixels,
        page_seconds=settings.max_page_seconds,
    )


def gate() -> Gate:
    """Where uploads of one sending are looked at, in a limited child process."""
    return Gate(limits())


def inspect(data: bytes, name: str, at_gate: Gate) -> Intake:
    """The quick look at an upload; raises Unavailable when the machine is too busy for it."""
    try:
        return at_gate.look(data, name)
    except ScanError as error:
        raise Unavailable from error


def bind(pages: Sequence[bytes], *, at: datetime) -> bytes:
    """One file of pages that came one by one from a scanner, bound in the closed room.

    Raises Unavailable when the machine is too busy for it; each page was looked at when it came.
    """
    try:
        return binding.bind(pages, at)
    except ScanError as error:
        raise Unavailable from error


def begin(claimed: Claimed) -> ScanJob | None:
    """The question to ask for a piece of work, or None when nothing is left to read."""
    file = file_of(claimed.payload)
    if file is None or file.state not in (FileState.RECEIVED, FileState.READING, FileState.FAILED):
        return None
    file.state, file.reason = FileState.READING, None
    return ScanJob(
        job_id=claimed.public_id,
        lease=claimed.token,
        source_key=file.original_key,
        source_sha256=file.original_sha256,
        source_name=file.name,
        languages=current_app.config["SETTINGS"].ocr_languages,
        limits=limits(),
    )


def take_progress(claimed: Claimed, progress: ScanProgress) -> None:
    """Write one page down as soon as it is seen, and again when it is read."""
    jobs.progress(claimed, progress.done, progress.total)
    file = file_of(claimed.payload)
    if file is None:
        raise LeaseLost
    file.pages_total = progress.total
    if progress.page is not None:
        _write_page(file, progress.page)


def take_result(claimed: Claimed, result: ScanResult, *, at: datetime) -> None:
    """Write the answer about the whole file down; the work is done with it."""
    jobs.finish(claimed, at=at)
    file = file_of(claimed.payload)
    if file is None:
        return
    if result.verdict == "refused":
        refuse(file, result.reason or "damaged")
        return
    for page in result.pages:
        _write_page(file, page)
    _drop_pages(file, beyond=len(result.pages))
    file.state, file.reason = FileState.READ, None
    file.pages_total = len(result.pages)
    file.warnings = list(result.warnings)
    file.signatures = [dataclasses.asdict(signature) for signature in result.signatures]
    file.fields = [
        dataclasses.asdict(field) for document in result.documents for field in document.fields
    ]
    if result.archive and result.searchable:
        file.archive_key, file.archive_sha256 = result.archive.key, result.archive.sha256
        file.searchable_key = result.searchable.key
        file.searchable_sha256 = result.searchable.sha256


def give_up(job: Job) -> None:
    """The work has failed for good: the file says so, with the job's reason."""
    file = file_of(job.payload)
    if file is not None and file.state in (FileState.RECEIVED, FileState.READING):
        file.state, file.reason = FileState.FAILED, job.reason


def file_of(payload: dict[str, Any]) -> DocumentFile | None:
    """The file, unless it was taken back or put into quarantine meanwhile.

    Locked, because two kinds of work write into its row: what it says, and whether it is clean.
    """
    query = select(DocumentFile).filter_by(public_id=payload["file"])
    file = db.session.scalar(query.with_for_update(of=DocumentFile))
    if file is None or file.state is FileState.WITHDRAWN:
        return None
    return None if file.virus_check is VirusCheck.INFECTED else file


def refuse(file: DocumentFile, reason: str) -> None:
    """Close a file that turned out to be none: what was read of it goes."""
    _drop_pages(file, beyond=0)
    file.state, file.reason, file.pages_total = FileState.REFUSED, reason, 0


def _drop_pages(file: DocumentFile, *, beyond: int) -> None:
    """Pages of an earlier try that this one did not find."""
    gone = [page for page in _pages(file) if page.number > beyond]
    search.forget_pages([page.id for page in gone])
    for page in gone:
        db.session.delete(page)


def _pages(file: DocumentFile) -> list[DocumentPage]:
    return list(db.session.scalars(select(DocumentPage).filter_by(file_id=file.id)))


def _write_page(file: DocumentFile, seen: PageResult) -> None:
    """Make or renew the row of a page: a second try writes over the first."""
    if seen.image is None or seen.thumb is None:
        raise ValueError("A page came without its pictures.")
    page = db.session.scalar(
        select(DocumentPage).filter_by(file_id=file.id, number=seen.number)
    ) or DocumentPage(file_id=file.id, number=seen.number)
    page.width_px, page.height_px, page.dpi = seen.width_px, seen.height_px, seen.dpi
    page.rotated_by, page.skew_degrees = seen.rotated_by, seen.skew_degrees
    page.is_blank, page.confidence = seen.blank, seen.confidence
    page.is_separator = seen.separator
    page.problems = list(seen.problems)
    page.codes = [dataclasses.asdict(code) for code in seen.codes]
    page.image_key, page.image_sha256 = seen.image.key, seen.image.sha256
    page.thumb_key, page.thumb_sha256 = seen.thumb.key, seen.thumb.sha256
    if seen.words is not None:
        page.words_key, page.words_sha256 = seen.words.key, seen.words.sha256
    page.text_source = seen.text_source
    page.text = _clean(seen.text or "")
    page.folded = fold(page.text)
    db.session.add(page)
    db.session.flush()
    if seen.text is not None:
        search.index_page(page)


def _clean(text: str) -> str:
    """NFC; PostgreSQL stores no NUL."""
    return unicodedata.normalize("NFC", text).replace("\0", "")
