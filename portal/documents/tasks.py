"""Reads one file in the back: asks, writes down each answer, and knows when to stop."""

from __future__ import annotations

from flask import current_app

from portal import clock
from portal.db import transaction
from portal.documents import scans
from portal.jobs import services as jobs
from portal.jobs.services import Claimed
from portal.settings import Settings
from scanning import worker
from scanning.contract import ScanProgress
from scanning.errors import ScanError
from scanning.ocr.tesseract import installed_languages


class Failed(Exception):
    """The file could not be read this time; `reason` is one the job's sentences know."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again

    @property
    def is_outage(self) -> bool:
        """Whether the fault lies with something that comes back, and not with the file."""
        return self.reason == "store_unavailable"


def lacks(settings: Settings) -> list[str]:
    """What reading needs and this machine has not: the program, or the data of a language."""
    try:
        there = installed_languages()
    except ScanError:
        return ["tesseract"]
    wanted = settings.ocr_languages.split("+")
    return [f"tesseract-{language}" for language in wanted if language not in there]


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
