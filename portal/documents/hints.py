"""Tells the clerk when a file he put under one paper looks like another; he decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.catalogue.models import Component
from portal.documents.models import DocumentFile, FileState
from scanning.ocr import proposals
from scanning.separators import Target, target_of

_SURE = 0.8  # below it a word would rather disturb than help


@dataclass(frozen=True)
class Hint:
    """The component the file seems to be, or the other dossier its separator names."""

    component: Component | None = None
    dossier: str | None = None


def hint_of(
    file: DocumentFile, dossier_code: str | None, own: Component | None, among: Sequence[Component]
) -> Hint | None:
    """What speaks against where the file lies; None where nothing does, or nothing is sure."""
    first = next((page for page in file.pages if page.counts), None)
    if file.state is not FileState.READ or first is None:
        return None
    target = _target(file, before=first.number)
    if target.dossier is not None and target.dossier != dossier_code:
        return Hint(dossier=target.dossier)
    proposal = proposals.propose(
        [proposals.Component(str(row.number), row.name) for row in among],
        proposals.Paper(first.text, _title(file), target.component),
    )
    if proposal is None or proposal.confidence < _SURE:
        return None
    found = next(row for row in among if str(row.number) == proposal.component)
    return None if own is not None and found.id == own.id else Hint(component=found)


def _target(file: DocumentFile, *, before: int) -> Target:
    """What the last separator in front of the paper says."""
    for page in reversed(file.pages):
        if page.is_separator and page.number < before:
            targets = (target_of(code["text"]) for code in page.codes)
            return next((target for target in targets if target), Target())
    return Target()


def _title(file: DocumentFile) -> str | None:
    values = (row["value"] for row in file.fields if row["name"] == "document_type")
    return next(values, None)
