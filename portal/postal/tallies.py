"""Reads a dossier's papers and scans as the seal sees them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from portal.catalogue.models import Component, PaperKind
from portal.documents import messages
from portal.documents.hints import Hint, hint_of
from portal.documents.models import Document, DocumentFile, DocumentPurpose, FileState
from portal.dossiers.file_rights import is_of_post
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, Dossier
from portal.dossiers.services import open_request, supplement_requests
from portal.postal import rules
from portal.postal.models import PostalItem
from portal.postal.rules import Gap, PaperCount, Total

BEING_READ = frozenset({FileState.RECEIVED, FileState.READING})
UNREADABLE = frozenset({FileState.REFUSED, FileState.FAILED})


@dataclass(frozen=True)
class PaperLine:
    """One row of the tally: the paper, what the procedure says of it, its scans, its count."""

    document: Document
    component: Component | None
    kind: PaperKind
    scans: list[DocumentFile]
    sent_by_citizen: list[DocumentFile]
    count: PaperCount


@dataclass(frozen=True)
class Tally:
    """All rows of an envelope's tally, their sum, and what keeps the envelope open.

    `since` is set for an answer to a supplement request: only what was scanned after it counts,
    and nothing is required, for the agency has the rest already.
    """

    lines: list[PaperLine]
    total: Total
    gaps: tuple[Gap, ...]
    since: datetime | None

    @property
    def is_being_read(self) -> bool:
        """Whether some scan is still on its way, so that the numbers may change by themselves."""
        return any(line.count.unread for line in self.lines)

    def snapshot(self) -> list[dict[str, Any]]:
        """The list of papers as the posting slip will carry it."""
        return [
            {
                "id": line.document.public_id,
                "title": line.document.title,
                "kind": line.kind.value,
                "pages": line.count.declared,
            }
            for line in self.lines
            if line.count.is_enclosed
        ]


@dataclass(frozen=True)
class _Supplement:
    since: datetime
    enclosed: Mapping[Any, dict[str, Any]]


@dataclass(frozen=True)
class PaperTally:
    """What the clerk says of one paper he holds."""

    is_present: bool
    is_shown_only: bool
    kind: PaperKind
    pages: int | None


Said = Mapping[str, PaperTally]


def tally(dossier: Dossier, item: PostalItem | None, said: Said | None = None) -> Tally:
    """The tally of a dossier that was loaded with its papers, files and pages.

    `said` is what stands on the clerk's screen, not saved yet, by the papers' public ids.
    """
    components = {row.id: row for row in dossier.procedure_version.components}
    documents = sorted(
        (d for d in dossier.documents if d.purpose is not DocumentPurpose.OUTCOME),
        key=lambda d: (components[d.component_id].number if d.component_id else 10_000, d.id),
    )
    supplement = _supplement(dossier, item)
    lines = [
        _line(d, components.get(d.component_id or 0), dossier, supplement, said or {})
        for d in documents
    ]
    counts = [line.count for line in lines]
    since = supplement.since if supplement else None
    return Tally(lines, rules.total(counts), rules.gaps(counts), since)


@dataclass(frozen=True)
class Misplaced:
    """A scan that looks like another paper than the one it was put under."""

    line: PaperLine
    file: DocumentFile
    hint: Hint


def misplaced(dossier: Dossier, counted: Tally, open_files: Collection[int]) -> list[Misplaced]:
    """Among the scans that the asker may open; nothing is moved, the clerk decides."""
    components = dossier.procedure_version.components
    hints = (
        Misplaced(line, file, hint)
        for line in counted.lines
        for file in line.scans
        if file.id in open_files
        and (hint := hint_of(file, dossier.code, line.component, components))
    )
    return list(hints)


def _supplement(dossier: Dossier, item: PostalItem | None) -> _Supplement | None:
    enclosed = {row.get("id"): row for row in item.papers} if item else {}
    if dossier.status is Status.SUPPLEMENT_REQUIRED:
        request = open_request(dossier)
        return _Supplement(request.issued_at if request else dossier.created_at, enclosed)
    since = _asked_before(dossier, item) if item else None
    return _Supplement(since, enclosed) if since else None


def _asked_before(dossier: Dossier, item: PostalItem) -> datetime | None:
    """The asking that brought this envelope, also when it was answered online meanwhile."""
    if dossier.channel is Channel.POST and dossier.received_at is None:
        return None  # the agency has nothing yet: this is the dossier itself
    asked = [request.issued_at for request in supplement_requests(dossier)]
    return max((at for at in asked if at <= item.created_at), default=None)


def _line(
    document: Document,
    component: Component | None,
    dossier: Dossier,
    supplement: _Supplement | None,
    said: Said,
) -> PaperLine:
    """What a citizen sent from home shows his paper, but is no scan of what lies on the table."""
    live = document.live_files
    if supplement:
        live = [f for f in live if f.taken_at >= supplement.since]
    scans = [f for f in live if is_of_post(f, dossier)]
    own = [f for f in live if f not in scans]
    paper = said.get(document.public_id) or _kept(document, supplement)
    count = PaperCount(
        id=document.public_id,
        title=document.title,
        is_required=supplement is None and component is not None and component.is_required,
        is_present=paper.is_present,
        is_shown_only=paper.is_shown_only,
        is_scanned=component is None or component.digitise,
        declared=paper.pages,
        scanned=sum(_pages_of(f) for f in scans),
        unread=tuple(f.name for f in scans if f.state in BEING_READ),
        broken=tuple((f.name, _why(f)) for f in scans if f.state in UNREADABLE),
    )
    return PaperLine(document, component, paper.kind, scans, own, count)


def _kept(document: Document, supplement: _Supplement | None) -> PaperTally:
    """What was saved of a paper: with the dossier, or with a supplement's own envelope."""
    kind = _paper_kind(document.kind)
    if supplement is None:
        shown = document.is_shown_only
        return PaperTally(document.is_present, shown, kind, document.pages_declared)
    row = supplement.enclosed.get(document.public_id)
    if row is None:
        return PaperTally(is_present=False, is_shown_only=False, kind=kind, pages=None)
    return PaperTally(
        is_present=True, is_shown_only=False, kind=PaperKind(row["kind"]), pages=row["pages"]
    )


def _paper_kind(kind: PaperKind | None) -> PaperKind:
    """A filled form is an original once it is signed; the counter knows three kinds of paper."""
    copies = (PaperKind.CERTIFIED_COPY, PaperKind.COPY)
    return kind if kind in copies and kind is not None else PaperKind.ORIGINAL


def _pages_of(file: DocumentFile) -> int:
    """Pages with something on them: nobody counts blank backs, nor the sheets between papers."""
    if file.state is FileState.READ:
        return sum(page.counts for page in file.pages)
    return 0 if file.state in UNREADABLE else file.pages_total


def _why(file: DocumentFile) -> str:
    most = current_app.config["SETTINGS"].max_upload_mb
    return messages.refusal(file.reason or "", file.name, most)
