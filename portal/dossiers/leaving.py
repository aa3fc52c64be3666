"""A citizen has his data erased: what nobody must keep goes, what an agency must keep is sealed.

Why a dossier under way stands against it is told in docs/adr/0015-erasing-and-the-archive.md.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from portal.dossiers.lifecycle import FINAL, Status
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.sealing import is_under_way, seal, under_way_among
from portal.erasures import Erased
from portal.errors import Conflict
from portal.extensions import db

WHY = "person"
# Dossiers sealed in one transaction: on SQLite nobody else writes meanwhile, and he waits for it.
AT_ONCE = 50


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

    A dossier under way, only met where an older copy was brought back, is sealed when it ends; of
    very many that have ended, the worker seals the rest.
    """
    number, name = user.id, user.public_id
    sealed = 0
    for dossier in _dossiers(number):
        if dossier.status is Status.DRAFT:
            erase_draft(dossier, by=None, at=at, why=WHY)
        elif sealed < AT_ONCE:
            messages.erase(dossier)
            sealed += _seal_if_ended(dossier, at=at)
    _erase_files(number, at=at)
    closing.close(user, at=at)
    erasures.note(Erased.PERSON, name, at=at)
    db.session.flush()


def left_over() -> list[int]:
    """The dossiers of people who are erased that may have to be sealed or erased still."""
    done = Dossier.status.in_((Status.DRAFT, *FINAL))
    left = select(Dossier.id).where(Dossier.applicant_id.in_(closing.erased()), done)
    return list(db.session.scalars(left.order_by(Dossier.id)))


def finish(numbers: Sequence[int], at: datetime) -> int:
    """Seal those of these that have ended, erase what is a draft; how many were sealed."""
    sealed = 0
    left = select(Dossier).where(Dossier.id.in_(numbers), Dossier.applicant_id.is_not(None))
    for dossier in db.session.scalars(left.with_for_update(of=Dossier)).all():
        if dossier.status is Status.DRAFT:
            erase_draft(dossier, by=None, at=at, why=WHY)
        else:
            messages.erase(dossier)
            sealed += _seal_if_ended(dossier, at=at)
    return sealed


def forget_what_waits(at: datetime) -> None:
    """Forms, files and sessions of people who are erased, that came at that very moment."""
    gone = closing.erased()
    erase_parked(ParkedFile.user_id.in_(gone), at=at)
    closing.sign_out(gone)


def _seal_if_ended(dossier: Dossier, *, at: datetime) -> bool:
    if is_under_way(dossier):
        return False
    seal(dossier, at=at)
    return True


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
