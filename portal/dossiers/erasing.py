"""Erases drafts for good: nobody has a duty to keep what was never sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from portal import erasures
from portal.access import Actor
from portal.accounts.models import ParkedForm
from portal.audit.services import Named, record
from portal.documents.erasing import erase_papers, erase_parked
from portal.documents.models import ParkedFile
from portal.dossiers import messages
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import ClockPause, Dossier, DossierEvent
from portal.erasures import Erased
from portal.errors import Conflict
from portal.extensions import db

ERASED = "dossier:erase_draft"


def erase_draft(dossier: Dossier, *, by: Actor | None, at: datetime, why: str) -> None:
    """The draft with all that was written and handed in for it; of it only a line stays.

    The line names no person and nothing of what was written. `why` is a tag: who wanted it gone.
    """
    if dossier.status is not Status.DRAFT:
        raise Conflict
    number, named, owner = dossier.id, Named.of(dossier), dossier.applicant_id
    erase_papers(number, at=at)
    if owner is not None:
        _erase_kept_forms(owner, named.public_id, at=at)
    messages.erase(dossier)
    erasures.note(Erased.DRAFT, named.public_id, at=at)
    for statement in (
        delete(DossierEvent).where(DossierEvent.dossier_id == number),
        delete(ClockPause).where(ClockPause.dossier_id == number),
        delete(Dossier).where(Dossier.id == number),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    record(ERASED, named, by=by, dossier_id=number, why=why)


def _erase_kept_forms(user_id: int, public_id: str, *, at: datetime) -> None:
    """Forms of this draft that wait for their person, with their files."""
    of_files = ParkedFile.path.contains(f"/{public_id}/", autoescape=True)
    of_forms = ParkedForm.path.contains(f"/{public_id}/", autoescape=True)
    erase_parked((ParkedFile.user_id == user_id) & of_files, at=at)
    gone = delete(ParkedForm).where(ParkedForm.user_id == user_id, of_forms)
    db.session.execute(gone.execution_options(synchronize_session=False))
