"""A citizen has his data erased: what nobody must keep goes, what an agency must keep is sealed.

Why a dossier under way stands against it is told in docs/adr/0015-erasing-and-the-archive.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload, lazyload

from portal import erasures
from portal.access import Actor
from portal.accounts import closing
from portal.accounts.models import User
from portal.audit.services import record
from portal.catalogue.models import ProcedureVersion
from portal.documents.erasing import erase_parked, queue_erasing
from portal.documents.models import ParkedFile, QuarantinedFile
from portal.dossiers import messages
from portal.dossiers.erasing import erase_draft
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.sealing import is_under_way, seal, under_way_among
from portal.erasures import Erased
from portal.errors import Conflict
from portal.extensions import db

WHY = "person"


@dataclass(frozen=True)
class Plan:
    """What would become of a person's data."""

    barrier: str
    drafts: list[Dossier]
    ended: list[Dossier]
    under_way: list[Dossier]

    @property
    def may_go(self) -> bool:
        """Whether it can be done now."""
        return not self.barrier and not self.under_way


def plan_for(user: User, *, lock: bool = False) -> Plan:
    """What would go, what would be sealed, and what stands against it."""
    dossiers = _dossiers(user.id, lock=lock)
    sent = [dossier for dossier in dossiers if dossier.status is not Status.DRAFT]
    under_way = under_way_among(sent)
    return Plan(
        barrier=closing.barrier_of(user),
        drafts=[dossier for dossier in dossiers if dossier.status is Status.DRAFT],
        ended=[dossier for dossier in sent if dossier not in under_way],
        under_way=under_way,
    )


def leave(user_id: int, *, by: Actor, at: datetime) -> None:
    """Erase the person who asks for it; raises Conflict while a dossier is under way."""
    user = closing.lock(user_id)
    if user.erased_at is not None:
        return  # in another window, a moment ago
    if plan_for(user, lock=True).under_way:
        raise Conflict(
            _("Còn hồ sơ đang giải quyết nên chưa xoá được. Ông/Bà xem danh sách ở dưới.")
        )
    record("account:erase", user, by=by)
    erase(user, at=at)


def erase(user: User, *, at: datetime) -> None:
    """All of a person that nobody must keep.

    A dossier under way, only met where an older copy was brought back, is sealed when it ends.
    """
    number, name = user.id, user.public_id
    for dossier in _dossiers(number):
        if dossier.status is Status.DRAFT:
            erase_draft(dossier, by=None, at=at, why=WHY)
        else:
            messages.erase(dossier)
            if not is_under_way(dossier):
                seal(dossier, at=at)
    _erase_files(number, at=at)
    closing.close(user, at=at)
    erasures.note(Erased.PERSON, name, at=at)
    db.session.flush()


def finish(at: datetime) -> int:
    """What is still there of people who are erased: seal what has ended since; how many.

    A form or a draft that came at that very moment, or from an older copy, goes.
    """
    gone = closing.erased()
    left = select(Dossier).where(Dossier.applicant_id.in_(gone)).with_for_update(of=Dossier)
    sealed = 0
    for dossier in db.session.scalars(left.order_by(Dossier.id)).all():
        if dossier.status is Status.DRAFT:
            erase_draft(dossier, by=None, at=at, why=WHY)
        elif not is_under_way(dossier):
            messages.erase(dossier)
            seal(dossier, at=at)
            sealed += 1
    erase_parked(ParkedFile.user_id.in_(gone), at=at)
    closing.sign_out(gone)
    return sealed


def _dossiers(user_id: int, *, lock: bool = True) -> list[Dossier]:
    query = (
        select(Dossier)
        .where(Dossier.applicant_id == user_id)
        .order_by(Dossier.id)
        .options(
            joinedload(Dossier.procedure_version).options(
                joinedload(ProcedureVersion.procedure), lazyload(ProcedureVersion.components)
            )
        )
    )
    return list(db.session.scalars(query.with_for_update(of=Dossier) if lock else query))


def _erase_files(user_id: int, *, at: datetime) -> None:
    """Files that wait with a form, and those that were refused."""
    erase_parked(ParkedFile.user_id == user_id, at=at)
    refused = QuarantinedFile.user_id == user_id
    queue_erasing(db.session.scalars(select(QuarantinedFile.object_key).where(refused)), at=at)
    gone = delete(QuarantinedFile).where(refused)
    db.session.execute(gone.execution_options(synchronize_session=False))
