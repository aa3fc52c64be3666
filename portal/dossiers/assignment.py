"""Who works on a dossier: an officer takes it from the department's heap, or puts it back."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from portal.access import Actor, Role
from portal.audit.services import record
from portal.dossiers.history import note
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.errors import Conflict, Forbidden


def claim(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """Take a dossier to work on; of two officers at once the second is told who was first."""
    _must_be_at_work(dossier, by)
    if dossier.officer_id is not None:
        raise Conflict(_("Hồ sơ đã có cán bộ nhận xử lý."))
    dossier.officer_id = by.user_id
    note(dossier, "claim", _("Cán bộ nhận xử lý hồ sơ."), by=by, at=at)
    record("dossier:claim", dossier, by=by, dossier_id=dossier.id)


def release(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """Put one's own dossier back on the department's heap."""
    _must_be_at_work(dossier, by)
    if dossier.officer_id != by.user_id:
        raise Conflict(_("Hồ sơ không còn do Ông/Bà xử lý."))
    dossier.officer_id = None
    note(dossier, "release", _("Hồ sơ được chuyển lại cho phòng phân công."), by=by, at=at)
    record("dossier:release", dossier, by=by, dossier_id=dossier.id)


def _must_be_at_work(dossier: Dossier, actor: Actor) -> None:
    if actor.role is not Role.OFFICER:
        raise Forbidden
    if dossier.status is not Status.PROCESSING:
        raise Conflict(_("Chỉ nhận xử lý hồ sơ đang xử lý."))
