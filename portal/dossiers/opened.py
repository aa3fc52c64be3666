"""One dossier as an office sees it on its desk: everything of it, in few questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload, lazyload, selectinload

from portal.access import Actor
from portal.accounts.models import User
from portal.calendar.queries import working_calendar
from portal.catalogue.models import ProcedureVersion
from portal.directory.models import AdministrativeUnit
from portal.documents.models import (
    Document,
    DocumentFile,
    DocumentPage,
    DocumentPurpose,
    FileState,
)
from portal.dossiers import deadlines, openings, queries
from portal.dossiers.clock_view import ClockView, clock_of
from portal.dossiers.lifecycle import CLOCK_PAUSED, CLOCK_RUNS, Status, Verb
from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.dossiers.models.notices import Outcome, Receipt, Refusal, SupplementRequest
from portal.errors import NotFound
from portal.extensions import db


@dataclass(frozen=True)
class Opened:
    """What lies on the desk; `remaining` says how much working time is left, or over."""

    dossier: Dossier
    holder: str
    commune: str
    receipt: Receipt | None
    refusal: Refusal | None
    outcome: Outcome | None
    papers: tuple[Document, ...]
    supplements: tuple[SupplementRequest, ...]
    events: tuple[DossierEvent, ...]
    last_line: ControlSheetLine | None
    clock: ClockView
    remaining: str

    @property
    def outcome_paper(self) -> Document | None:
        """The paper that carries the decision."""
        wanted = (DocumentPurpose.OUTCOME,)
        return next((paper for paper in self.papers if paper.purpose in wanted), None)

    @property
    def pages(self) -> tuple[DocumentPage, ...]:
        """Every page that was read, in the order of the papers."""
        return tuple(
            page for paper in self.papers for file in paper.live_files for page in file.pages
        )

    @property
    def files(self) -> tuple[DocumentFile, ...]:
        """Every file that stands, in the order of the papers."""
        return tuple(file for paper in self.papers for file in paper.live_files)

    @property
    def is_being_read(self) -> bool:
        """Whether pages are still to come."""
        return any(file.state in (FileState.RECEIVED, FileState.READING) for file in self.files)


def open_dossier(public_id: str, *, for_: Actor, now: datetime) -> Opened:
    """Everything of one dossier, or NotFound – also where it exists for others."""
    row = db.session.execute(
        queries.visible(for_)
        .where(Dossier.public_id == public_id)
        .add_columns(User.name, AdministrativeUnit.name, Receipt, Refusal, Outcome)
        .outerjoin(User, User.id == Dossier.officer_id)
        .outerjoin(
            AdministrativeUnit,
            (AdministrativeUnit.code == Dossier.commune_code)
            & AdministrativeUnit.valid_to.is_(None),
        )
        .outerjoin(Receipt, Receipt.dossier_id == Dossier.id)
        .outerjoin(Refusal, Refusal.dossier_id == Dossier.id)
        .outerjoin(Outcome, Outcome.dossier_id == Dossier.id)
        .options(
            joinedload(Dossier.procedure_version).lazyload(ProcedureVersion.components),
            joinedload(Dossier.receiving_unit),
            joinedload(Dossier.department),
            joinedload(Dossier.post_office),
            selectinload(Dossier.pauses),
        )
        .limit(1)
    ).first()
    if row is None:
        raise NotFound
    dossier, holder, commune, receipt, refusal, outcome = row
    openings.note(dossier)
    clock = clock_of(dossier, now)
    events = _all(DossierEvent, dossier)
    was_asked = any(event.act == Verb.ASK_SUPPLEMENT for event in events)
    was_returned = dossier.status is Status.RETURNED
    return Opened(
        dossier=dossier,
        holder=holder or "",
        commune=commune or "",
        receipt=receipt,
        refusal=refusal,
        outcome=outcome,
        papers=_papers(dossier),
        supplements=_all(SupplementRequest, dossier) if was_asked else (),
        events=events,
        last_line=_last_line(dossier) if was_returned else None,
        clock=clock,
        remaining=_remaining(dossier, clock, now),
    )


def _papers(dossier: Dossier) -> tuple[Document, ...]:
    """All papers with files and pages in one question; their folded text stays where it is."""
    pages = joinedload(Document.files).joinedload(DocumentFile.pages)
    query = (
        select(Document)
        .filter_by(dossier_id=dossier.id)
        .order_by(Document.id)
        .options(pages, pages.options(defer(DocumentPage.folded)))
    )
    return tuple(db.session.scalars(query).unique())


def _all(model: Any, dossier: Dossier) -> tuple[Any, ...]:
    query = select(model).filter_by(dossier_id=dossier.id).order_by(model.id)
    return tuple(db.session.scalars(query.options(lazyload("*"))))


def _last_line(dossier: Dossier) -> ControlSheetLine | None:
    """The last hand-over: for a returned dossier, to whom."""
    query = select(ControlSheetLine).filter_by(dossier_id=dossier.id)
    return db.session.scalar(query.order_by(ControlSheetLine.id.desc()).limit(1))


def _remaining(dossier: Dossier, clock: ClockView, now: datetime) -> str:
    if clock.due_at is None or dossier.status not in CLOCK_RUNS | CLOCK_PAUSED:
        return ""
    return str(deadlines.remaining(now, clock.due_at, working_calendar()))
