"""Reads one file in the back: asks, writes down each answer, and knows when to stop."""

from __future__ import annotations

from flask import current_app

from portal import clamd, clock
from portal.db import transaction
from portal.documents import scans, virus
from portal.documents.models import VirusCheck
from portal.documents.store import open_object
from portal.errors import NotFound, Unavailable
from portal.jobs import services as jobs
from portal.jobs.services import Claimed
from portal.settings import Settings
from scanning import worker
from scanning.contract import ScanProgress
from scanning.errors import ScanError
from scanning.ocr.tesseract import installed_languages

# These come back by themselves: work waits for them and loses no try.
OUTAGES = ("store_unavailable", "scanner_away")


class Failed(Exception):
    """The file could not be read this time; `reason` is one the job's sentences know."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again

    @property
    def is_outage(self) -> bool:
        """Whether the fault lies with something that comes back, and not with the file."""
        return self.reason in OUTAGES


def lacks(settings: Settings) -> list[str]:
    """What reading needs and this machine has not: the program, or the data of a language."""
    try:
        there = installed_languages()
    except ScanError:
        return ["tesseract", *_lacks_scanner(settings)]
    wanted = settings.ocr_languages.split("+")
    lacking = [f"tesseract-{language}" for language in wanted if language not in there]
    return lacking + _lacks_scanner(settings)


def _lacks_scanner(settings: Settings) -> list[str]:
    return ["clamd"] if settings.clamd_url and not clamd.answers(settings.clamd_url) else []


def check_file(claimed: Claimed) -> None:
    """Have a file scanned that came while the virus scanner was away; raises Failed."""
    with transaction():
        file = virus.waiting(claimed)
        if file is None:
            jobs.finish(claimed, at=clock.now())
            return
        key, sha256 = file.original_key, file.original_sha256
    verdict = _verdict(key, sha256)
    with transaction():
        virus.write_down(claimed, verdict, at=clock.now())


def _verdict(key: str, sha256: str) -> virus.Verdict:
    url = virus.url_of_scanner()
    if not url:
        return virus.Verdict(VirusCheck.NOT_SCANNED)
    try:
        return virus.verdict_of(clamd.scan(url, open_object(key, sha256)))
    except Unavailable as error:
        raise Failed("store_unavailable", again=True) from error
    except NotFound as error:
        raise Failed("object_missing", again=False) from error
    except clamd.Away as error:
        raise Failed("scanner_away", again=True) from error
    except clamd.Refused as error:
        raise Failed("scanner_refused", again=True) from error


def read_file(claimed: Claimed) -> None:
    """Read the file of this piece of work, page by page, each in its own transaction.

    Raises LeaseLost when the work was given to somebody else, Failed when it went wrong.
    """

    def on_progress(progress: ScanProgress) -> None:
        with transaction():
            scans.take_progress(claimed, progress)

    with transaction():
        question = scans.begin(claimed)
        if question is None:
            jobs.finish(claimed, at=clock.now())
            return
    store_url = current_app.config["SETTINGS"].object_store_url
    try:
        result = worker.run(question, store_url, on_progress)
    except ScanError as error:
        raise Failed(error.code, again=error.try_again) from error
    with transaction():
        scans.take_result(claimed, result, at=clock.now())
