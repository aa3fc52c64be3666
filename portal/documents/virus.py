"""What the virus scanner says of a file, and what becomes of one that carries something."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from portal import clamd, clock
from portal.access import current_actor
from portal.audit.services import record
from portal.db import transaction
from portal.documents import messages, scans
from portal.documents.models import DocumentFile, QuarantinedFile, VirusCheck
from portal.documents.store import put
from portal.errors import Conflict, Forbidden
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.services import Claimed

VIRUS = "virus"
# At the door people wait, so the daemon has less time than in the back; after one silence, uploads
# of the next seconds do not ask again.
DOOR_SECONDS = 5.0
REST_SECONDS = 15.0


@dataclass(frozen=True)
class Verdict:
    """What is known of a file; `name` is what was found in it."""

    check: VirusCheck
    name: str = ""


def look(data: bytes) -> Verdict:
    """Ask the scanner about an upload; one that does not answer keeps nobody waiting."""
    url = url_of_scanner()
    if not url:
        return Verdict(VirusCheck.NOT_SCANNED)
    if time.monotonic() < current_app.extensions.get("scanner_rests_until", 0.0):
        return Verdict(VirusCheck.WAITING)
    try:
        return verdict_of(clamd.scan(url, data, seconds=DOOR_SECONDS))
    except clamd.Away as silence:
        current_app.extensions["scanner_rests_until"] = time.monotonic() + REST_SECONDS
        current_app.logger.warning("the virus scanner does not answer: %s", silence)
    except clamd.Refused as refusal:
        current_app.logger.warning("the virus scanner would not look: %s", refusal)
    return Verdict(VirusCheck.WAITING)


def verdict_of(found: str | None) -> Verdict:
    """What the scanner's word means for a file."""
    return Verdict(VirusCheck.INFECTED, found[:120]) if found else Verdict(VirusCheck.CLEAN)


def url_of_scanner() -> str:
    """Where the scanner is; empty where this site has none."""
    return str(current_app.config["SETTINGS"].clamd_url)


def quarantine(data: bytes, name: str, content_type: str, found: str) -> None:
    """Keep what was refused, as evidence nobody can open, and write down who brought it.

    It stands alone: no dossier comes of this upload, and the attempt must not be forgotten.
    """
    stored = put(data, content_type)
    by = current_actor()
    with transaction(alone=True):
        row = QuarantinedFile(
            name=name,
            object_key=stored.key,
            sha256=stored.sha256,
            size=stored.size,
            virus_name=found,
            user_id=by.user_id if by else None,
            found_at=clock.now(),
        )
        db.session.add(row)
        db.session.flush()
        record("file:quarantine", row, by=by, sha256=stored.sha256, virus=found)


def queue_check(file: DocumentFile, *, at: datetime) -> None:
    """Write down that a file still has to be scanned."""
    jobs.queue(
        VIRUS,
        {"file": file.public_id},
        at=at,
        unique_key=f"{VIRUS}:{file.public_id}",
        dossier_id=file.document.dossier_id,
    )


def waiting(claimed: Claimed) -> DocumentFile | None:
    """The file this work is about, while it still waits."""
    file = scans.file_of(claimed.payload)
    return file if file is not None and file.virus_check is VirusCheck.WAITING else None


def write_down(claimed: Claimed, verdict: Verdict, *, at: datetime) -> None:
    """Write the verdict beside the file; one with a virus is closed, with its pages."""
    jobs.finish(claimed, at=at)
    file = waiting(claimed)
    if file is None:
        return
    if verdict.check is VirusCheck.INFECTED:
        scans.refuse(file, "infected")
        file.archive_key = file.archive_sha256 = None
        file.searchable_key = file.searchable_sha256 = None
        dossier_id = file.document.dossier_id
        record("file:quarantine", file, by=None, dossier_id=dossier_id, virus=verdict.name)
    file.virus_check, file.virus_name = verdict.check, verdict.name or None
    file.virus_checked_at = at if verdict.check is not VirusCheck.NOT_SCANNED else None


def must_be_open(file: DocumentFile) -> None:
    """Refuse the very bytes that came while nobody knows, or for ever when somebody does.

    Pages stay open while a file waits: they are pictures made by us, in which nothing runs.
    """
    if file.virus_check is VirusCheck.INFECTED:
        raise Forbidden(messages.quarantined())
    if file.virus_check is VirusCheck.WAITING:
        raise Conflict(messages.waits_for_scan())
