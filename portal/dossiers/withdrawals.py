"""Taking a dossier back for somebody without an account: who may write it down, and when.

The table of the lifecycle names the roles; these are the conditions it cannot hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import Actor, Role
from portal.dossiers import lifecycle
from portal.dossiers.lifecycle import Verb
from portal.dossiers.models.dossier import Channel, Dossier
from portal.errors import Invalid, StepRefused


@dataclass(frozen=True)
class Asked:
    """Who stands at the desk and asks for it, and the paper he was known by."""

    name: str
    shown: str


def barrier(dossier: Dossier, role: Role) -> str:
    """Why this desk may not write down a withdrawal, or ""; the status is the table's matter.

    Whoever has an account does it himself: nobody ends a dossier for him. Until the agency has
    signed for the papers it is the post's to write down, afterwards the agency's.
    """
    if dossier.applicant_id is not None:
        return _("Người nộp có tài khoản: tự rút trên trang hồ sơ của mình.")
    is_on_the_road = dossier.channel is Channel.POST and dossier.received_at is None
    if role is Role.POSTAL_CLERK and not is_on_the_road:
        return _("Cơ quan đã nhận hồ sơ: người nộp yêu cầu rút tại bộ phận một cửa.")
    if role is Role.ONESTOP_OFFICER and is_on_the_road:
        return _("Bưu điện chưa bàn giao hồ sơ: người nộp yêu cầu rút tại bưu điện.")
    return ""


def offered(dossier: Dossier, role: Role) -> tuple[Verb, ...]:
    """The verbs to offer as buttons: those of the table, without a withdrawal that may not be."""
    verbs = lifecycle.allowed(dossier.status, role.value)
    if role is Role.CITIZEN or not barrier(dossier, role):
        return verbs
    return tuple(verb for verb in verbs if verb is not Verb.WITHDRAW)


def told(dossier: Dossier, asked: Asked | None, *, by: Actor) -> str:
    """The sentence of the history; refuses what the conditions do not allow."""
    if by.role is Role.CITIZEN:
        return _("Người nộp yêu cầu rút hồ sơ.")
    against = barrier(dossier, by.role)
    if against:
        raise StepRefused(against)
    if asked is None or not asked.name.strip():
        raise Invalid("receiver", _("Nhập họ và tên người yêu cầu rút hồ sơ."))
    if not asked.shown.strip():
        raise Invalid("shown", _("Chọn giấy tờ đã kiểm tra."))
    return _(
        "%(place)s ghi nhận người nộp yêu cầu rút hồ sơ; đã kiểm tra: %(shown)s.",
        place=by.organisation.name if by.organisation else "",
        shown=asked.shown,
    )
