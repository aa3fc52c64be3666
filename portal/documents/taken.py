"""What a file is between the moment it was checked and stored and the paper it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from portal.documents.models import VirusCheck


@dataclass(frozen=True)
class Taken:
    """A file that was checked and stored, and belongs to nothing yet.

    `parked` names the row that keeps its object from the sweep, where there is one.
    """

    field: str
    name: str
    key: str
    sha256: str
    size: int
    content_type: str
    pages: int
    warnings: tuple[str, ...] = ()
    parked: str = ""
    virus_check: VirusCheck = VirusCheck.NOT_SCANNED
