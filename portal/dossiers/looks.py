"""Who has looked at a dossier and to whom it was passed on, as its owner may read it.

Read from the log itself, so that nothing is missing and nothing is added. People appear by role and
agency: their names belong to the history of the dossier, where they decided something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from portal.access import OFFICE, POST, Actor, Role
from portal.audit.acts import label
from portal.audit.models import AuditEvent
from portal.audit.services import deferral_of
from portal.documents.models import Document, DocumentFile, DocumentPage
from portal.dossiers import openings
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.paging import Page, newest_first

LOOK_UP = "dossier:look_up"
# The dossier goes from hand to hand: told here as well as in its history.
PASSED_ON = frozenset(
    {
        "dossier:submit",
        "dossier:take_from_post",
        "dossier:forward",
        "postal:claim",
        "postal:receive",
        "postal:pickup_collected",
        "postal:collect_result",
        "postal:out_for_delivery",
        "postal:sent_back",
        "postal:deliver",
        "postal:papers_collected",
        "postal:papers_out",
        "postal:papers_sent_back",
        "postal:papers_delivered",
        "postal:papers_at_desk",
    }
)
# What was done to it, which its history tells. Any other act is shown: one that nobody has thought
# of is rather told twice than kept from its owner.
IN_HISTORY = frozenset(
    {
        "dossier:start",
        "dossier:save_draft",
        "dossier:erase_draft",
        "dossier:seal",
        "dossier:accept",
        "dossier:refuse",
        "dossier:claim",
        "dossier:release",
        "dossier:ask_supplement",
        "dossier:supplement",
        "dossier:ask_payment",
        "dossier:confirm_payment",
        "dossier:withdraw",
        "dossier:stop",
        "dossier:decide",
        "dossier:return_outcome",
        "file:quarantine",
        "file:take",
        "file:park",
        "file:withdraw",
        "job:try_again",
        "scan:order",
        "scan:page",
        "scan:stop",
        "scan:finish",
        "scan:cancel",
        "postal:tally",
        "postal:seal",
        "postal:unseal",
        "postal:propose_handover",
        "postal:sign_handover",
        "postal:void_handover",
        "postal:pickup_request",
        "postal:pickup_change",
        "postal:pickup_cancel",
        "postal:pickup_missed",
        "postal:delivery_failed",
        "postal:papers_turned",
        "postal:papers_failed",
    }
)
PURPOSES = {
    Role.POSTAL_CLERK: _l("Nhận, quét và chuyển giấy tờ"),
    Role.COURIER: _l("Thu gom và phát tận nơi"),
    Role.POSTAL_SUPERVISOR: _l("Giám sát công việc của bưu cục"),
    Role.ONESTOP_OFFICER: _l("Tiếp nhận, kiểm tra và trả kết quả"),
    Role.OFFICER: _l("Giải quyết hồ sơ"),
    Role.LEADER: _l("Xem xét và ký"),
    Role.RECORDS_CLERK: _l("Vào sổ văn bản"),
    Role.CONTROL: _l("Kiểm soát việc giải quyết thủ tục"),
    Role.AUDITOR: _l("Kiểm tra nhật ký"),
    Role.ADMIN: _l("Vận hành hệ thống"),
    Role.CITIZEN: _l("Theo dõi hồ sơ đã nộp"),
}


@dataclass(frozen=True)
class Look:
    """One line; `later` is set where the law lets it be shown only from a day on, and says why."""

    at: datetime | None
    who: str
    agency: str
    what: str
    where: str
    purpose: str
    channel: str
    is_own: bool = False
    is_passed_on: bool = False
    later: str = ""


def page(
    dossier: Dossier, marks: dict[str, str], *, by: Actor, own: bool, at: datetime
) -> Page[Look]:
    """The newest lines, or those beside a mark; his own looks only if he asks for them."""
    query = select(AuditEvent).where(
        AuditEvent.dossier_id == dossier.id, AuditEvent.act.not_in(IN_HISTORY)
    )
    if not own:
        is_other = or_(AuditEvent.actor_id.is_(None), AuditEvent.actor_id != by.user_id)
        query = query.where(or_(is_other, AuditEvent.role != Role.CITIZEN.value))
    found: Page[AuditEvent] = newest_first(query, AuditEvent, marks)
    places = _places(found.rows)
    rows = [_look(event, places, by, at) for event in found.rows]
    return Page(rows, found.older, found.newer)


def _look(event: AuditEvent, places: dict[str, str], by: Actor, at: datetime) -> Look:
    later = deferral_of(event)
    if later is not None and later.until > at:
        told = _("Lần xem này được hiện sau. Căn cứ: %(ground)s", ground=later.ground)
        return Look(None, "", "", "", "", "", "", later=told)
    return Look(
        at=event.at,
        who=_who(event),
        agency=event.organisation_name,
        what=label(event.act),
        where=places.get(event.subject_id) or openings.words_for(event.detail.get("page", "")),
        purpose=event.reason or _purpose(event),
        channel=_channel(event),
        is_own=event.actor_id == by.user_id and event.role == Role.CITIZEN.value,
        is_passed_on=event.act in PASSED_ON,
    )


def _role(event: AuditEvent) -> Role | None:
    return Role(event.role) if event.role in set(Role) else None


def _who(event: AuditEvent) -> str:
    role = _role(event)
    if event.act == LOOK_UP:
        return _("Người có mã hồ sơ và khoá tra cứu")
    return str(role.label) if role else _("Hệ thống")


def _purpose(event: AuditEvent) -> str:
    role = _role(event)
    if event.act == LOOK_UP:
        return _("Xem hồ sơ đang ở đâu")
    return str(PURPOSES[role]) if role else _("Xử lý tự động")


def _channel(event: AuditEvent) -> str:
    role = _role(event)
    if event.act == LOOK_UP:
        return _("Trang tra cứu công khai")
    if role in POST:
        return _("Bưu điện")
    if role in OFFICE:
        return _("Cơ quan giải quyết")
    if role is Role.CITIZEN:
        return _("Tài khoản công dân")
    return _("Quản lý hệ thống")


def _places(events: Sequence[AuditEvent]) -> dict[str, str]:
    """Which paper, and which page of it, by the name of what was opened."""
    pages = [event.subject_id for event in events if event.subject_kind == "DocumentPage"]
    files = [event.subject_id for event in events if event.subject_kind == "DocumentFile"]
    found: dict[str, str] = {}
    if pages:
        of_page = (
            select(DocumentPage.public_id, DocumentPage.number, Document.title)
            .join(DocumentFile, DocumentFile.id == DocumentPage.file_id)
            .join(Document, Document.id == DocumentFile.document_id)
            .where(DocumentPage.public_id.in_(pages))
        )
        for name, number, title in db.session.execute(of_page):
            found[name] = _("%(title)s, trang %(number)s", title=title, number=number)
    if files:
        of_file = (
            select(DocumentFile.public_id, DocumentFile.name, Document.title)
            .join(Document, Document.id == DocumentFile.document_id)
            .where(DocumentFile.public_id.in_(files))
        )
        for name, file, title in db.session.execute(of_file):
            found[name] = _("%(title)s (tệp %(file)s)", title=title, file=file)
    return found
