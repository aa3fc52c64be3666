"""The verbs: what people do to a dossier. None of them commits; the caller owns the transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.access import Actor, Role
from portal.audit.services import record
from portal.catalogue.models import ProcedureVersion
from portal.crypto import new_lookup_key
from portal.directory.models import Organisation
from portal.documents.models import Document
from portal.documents.services import ensure_documents
from portal.dossiers import competence, control_sheet, withdrawals
from portal.dossiers.clock_view import due_from
from portal.dossiers.codes import next_code
from portal.dossiers.deadlines import Pause
from portal.dossiers.history import check_version, follow, note
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.dossier import LONGEST_NAME, Channel, ClockPause, Dossier
from portal.dossiers.models.notices import (
    Outcome,
    OutcomeKind,
    Receipt,
    Refusal,
    SupplementRequest,
)
from portal.dossiers.withdrawals import Asked
from portal.errors import Invalid
from portal.extensions import db
from portal.paper_forms import form_of
from vietnam import folding

__all__ = [
    "accept",
    "ask_payment",
    "ask_supplement",
    "check_version",
    "confirm_payment",
    "decide",
    "forward",
    "note",
    "refuse",
    "return_outcome",
    "start_draft",
    "stop",
    "submit",
    "supplement",
    "take_from_post",
    "withdraw",
]


def start_draft(version: ProcedureVersion, channel: Channel, *, by: Actor, at: datetime) -> Dossier:
    """Open a draft with its papers under the version in force, which is pinned again at sending."""
    is_citizen = by.role is Role.CITIZEN
    dossier = Dossier(
        status=Status.DRAFT,
        procedure_version_id=version.id,
        procedure_version=version,
        channel=channel,
        applicant_id=by.user_id if is_citizen else None,
        submitted_by_id=by.user_id,
        post_office_id=None if is_citizen else by.place_id,
        created_at=at,
    )
    db.session.add(dossier)
    db.session.flush()
    ensure_documents(dossier)
    record("dossier:start", dossier, by=by, dossier_id=dossier.id)
    return dossier


def submit(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """Send the draft: it gets its legal code, its look-up key, and the agency that answers."""
    if not dossier.applicant_name.strip():
        raise Invalid("applicant_name", _("Nhập họ và tên người nộp hồ sơ."))
    _find_agency(dossier)
    unit = dossier.receiving_unit
    assert unit is not None
    dossier.code = next_code(unit.code, at.date())
    dossier.lookup_key = new_lookup_key()
    dossier.applicant_folded = folding.cut(dossier.applicant_name, LONGEST_NAME)
    dossier.sent_at = at
    sentence = {
        Channel.ONLINE: _("Hồ sơ được gửi trực tuyến tới %(unit)s.", unit=unit.name),
        Channel.POST: _("Đăng ký gửi hồ sơ qua bưu chính tới %(unit)s.", unit=unit.name),
        Channel.DIRECT: _("Hồ sơ được nộp trực tiếp tại %(unit)s.", unit=unit.name),
    }[dossier.channel]
    follow(dossier, Verb.SUBMIT, sentence, by=by, at=at)


def take_from_post(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """The signature on the hand-over record: the legal moment of filing (QĐ 45/2016, art. 7.4)."""
    if dossier.received_at is None:
        dossier.received_at = at
    place = by.organisation.name if by.organisation else ""
    note(
        dossier, "take_from_post", _("%(place)s nhận hồ sơ từ bưu điện.", place=place), by=by, at=at
    )
    record("dossier:take_from_post", dossier, by=by, dossier_id=dossier.id)


def accept(dossier: Dossier, *, by: Actor, at: datetime) -> Receipt:
    """Form 01: the dossier is complete; the due date is reckoned from the legal moment."""
    if dossier.received_at is None:
        if dossier.channel is Channel.POST:
            raise Invalid("received_at", _("Hồ sơ qua bưu chính phải được ký bàn giao trước."))
        dossier.received_at = at
    start = dossier.received_at
    due = due_from(dossier.procedure_version, start, _pauses(dossier))
    dossier.accepted_at = at
    dossier.due_at = due.at if due else None
    dossier.due_at_original = dossier.due_at
    receipt = Receipt(
        dossier=dossier,
        received_at=start,
        issued_at=at,
        due_at=dossier.due_at,
        explanation=due.explanation if due else "",
        issued_by=by.name,
        form_set=form_of("receipt", at.date()).form_set,
    )
    db.session.add(receipt)
    sentence = (
        _("Hồ sơ được tiếp nhận, hẹn trả kết quả %(due)s.", due=f"{due.at:%H:%M %d/%m/%Y}")
        if due
        else _("Hồ sơ được tiếp nhận; thời hạn của thủ tục này chưa được xác minh trong hệ thống.")
    )
    follow(dossier, Verb.ACCEPT, sentence, by=by, at=at)
    return receipt


def refuse(dossier: Dossier, reason: str, *, by: Actor, at: datetime) -> Refusal:
    """Form 03: the dossier is not taken, and why."""
    follow(dossier, Verb.REFUSE, _("Hồ sơ không được tiếp nhận."), by=by, at=at, reason=reason)
    refusal = Refusal(dossier=dossier, reason=reason, issued_at=at, issued_by=by.name)
    db.session.add(refusal)
    return refusal


def forward(dossier: Dossier, department: Organisation, *, by: Actor, at: datetime) -> None:
    """Hand the accepted dossier to the department that decides; the control sheet says so."""
    dossier.department = department
    dossier.forwarded_at = at
    follow(
        dossier,
        Verb.FORWARD,
        _("Hồ sơ được chuyển tới %(department)s để giải quyết.", department=department.name),
        by=by,
        at=at,
    )
    giver = by.organisation.name if by.organisation else ""
    control_sheet.hand_over(dossier, (giver, by.name), (department.name, ""), at=at)


def ask_supplement(
    dossier: Dossier, items: list[dict[str, Any]], reason: str, *, by: Actor, at: datetime
) -> SupplementRequest:
    """Form 02: everything that is missing, in one list; the clock stands until it is answered."""
    wanted = [item for item in items if str(item.get("text", "")).strip()]
    if not wanted:
        raise Invalid("items", _("Chọn hoặc ghi ít nhất một giấy tờ cần bổ sung."))
    asked_in = dossier.status
    follow(
        dossier,
        Verb.ASK_SUPPLEMENT,
        _("Cơ quan yêu cầu bổ sung %(count)s nội dung.", count=len(wanted)),
        by=by,
        at=at,
        reason=reason,
    )
    request = SupplementRequest(
        dossier=dossier,
        round=1 + len(supplement_requests(dossier)),
        asked_in=asked_in,
        items=wanted,
        reason=reason,
        issued_at=at,
        issued_by=by.name,
    )
    db.session.add(request)
    _pause(dossier, "supplement", at)
    return request


def supplement(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """The citizen's one answer closes the round; the clock goes on from here."""
    request = open_request(dossier)
    asked_in = request.asked_in if request else Status.REGISTERED
    follow(
        dossier,
        Verb.SUPPLEMENT,
        _("Người nộp đã bổ sung hồ sơ."),
        by=by,
        at=at,
        asked_in=asked_in,
    )
    if request is not None:
        request.answered_at = at
    if asked_in is Status.REGISTERED and dossier.received_at is not None:
        dossier.received_at = at  # filed when the full supplement arrives (art. 7.4)
    _resume(dossier, at)


def ask_payment(dossier: Dossier, amount: int, reason: str, *, by: Actor, at: datetime) -> None:
    """Ask the citizen to pay a duty; the clock stands until it is confirmed."""
    sentence = _("Cơ quan yêu cầu nộp %(amount)s đ.", amount=f"{amount:,}".replace(",", "."))
    follow(dossier, Verb.ASK_PAYMENT, sentence, by=by, at=at, reason=reason)
    _pause(dossier, "payment", at)


def confirm_payment(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """The duty is paid; the clock goes on."""
    follow(dossier, Verb.CONFIRM_PAYMENT, _("Đã xác nhận nộp nghĩa vụ tài chính."), by=by, at=at)
    _resume(dossier, at)


def withdraw(
    dossier: Dossier, reason: str, *, by: Actor, at: datetime, asked: Asked | None = None
) -> None:
    """The citizen takes the dossier back, himself or – `asked` – at a desk, without an account."""
    sentence = withdrawals.told(dossier, asked, by=by)
    event = follow(dossier, Verb.WITHDRAW, sentence, by=by, at=at, reason=reason)
    if asked is not None:
        event.detail = {"asked_by": asked.name, "shown": asked.shown}
    _resume(dossier, at)


def stop(dossier: Dossier, reason: str, *, by: Actor, at: datetime) -> None:
    """The agency stops the work, and says why (form 05 of 2025)."""
    follow(dossier, Verb.STOP, _("Cơ quan dừng xử lý hồ sơ."), by=by, at=at, reason=reason)
    _resume(dossier, at)


def decide(  # noqa: PLR0913 - an outcome has this many parts, all of them needed
    dossier: Dossier,
    kind: OutcomeKind,
    summary: str,
    number: str,
    document: Document | None,
    *,
    by: Actor,
    at: datetime,
) -> Outcome:
    """The agency decides; the clock ends, whatever happens to the paper afterwards."""
    dossier.finished_at = at
    sentence = (
        _("Đã có kết quả giải quyết.")
        if kind is OutcomeKind.GRANTED
        else _("Cơ quan trả lời không giải quyết theo yêu cầu.")
    )
    follow(dossier, Verb.DECIDE, sentence, by=by, at=at)
    outcome = Outcome(
        dossier=dossier,
        document=document,
        kind=kind,
        number=number,
        summary=summary,
        decided_at=at,
        decided_by=by.name,
    )
    db.session.add(outcome)
    unit = dossier.receiving_unit.name if dossier.receiving_unit else ""
    giver = by.organisation.name if by.organisation else ""
    control_sheet.hand_over(dossier, (giver, by.name), (unit, ""), at=at)
    return outcome


def return_outcome(dossier: Dossier, *, by: Actor, at: datetime, sentence: str = "") -> None:
    """The citizen has the result in hand; for the post only after proof of delivery."""
    dossier.returned_at = at
    told = sentence or _("Đã trả kết quả cho người nộp.")
    follow(dossier, Verb.RETURN_OUTCOME, told, by=by, at=at)


def supplement_requests(dossier: Dossier) -> list[SupplementRequest]:
    """All rounds, oldest first."""
    return (
        db.session.query(SupplementRequest)
        .filter_by(dossier_id=dossier.id)
        .order_by(SupplementRequest.round)
        .all()
    )


def open_request(dossier: Dossier) -> SupplementRequest | None:
    """The round that waits for an answer."""
    return next((r for r in supplement_requests(dossier) if r.answered_at is None), None)


def _find_agency(dossier: Dossier) -> None:
    sector = dossier.procedure_version.procedure.sector
    if dossier.department is None:
        dossier.department = competence.department_for(sector, dossier.commune_code)
    if dossier.department is None:
        raise Invalid("procedure", _("Chưa có cơ quan nào trong hệ thống giải quyết thủ tục này."))
    if dossier.receiving_unit is None:
        dossier.receiving_unit = competence.centre_of(dossier.department)
    if dossier.receiving_unit is None:
        raise Invalid("procedure", _("Cơ quan giải quyết thủ tục này chưa có nơi tiếp nhận hồ sơ."))


def _pauses(dossier: Dossier) -> tuple[Pause, ...]:
    return tuple(Pause(pause.started_at, pause.ended_at) for pause in dossier.pauses)


def _pause(dossier: Dossier, kind: str, at: datetime) -> None:
    dossier.pauses.append(ClockPause(kind=kind, started_at=at))


def _resume(dossier: Dossier, at: datetime) -> None:
    for pause in dossier.pauses:
        if pause.ended_at is None:
            pause.ended_at = at
    if dossier.accepted_at is not None and dossier.received_at is not None:
        due = due_from(dossier.procedure_version, dossier.received_at, _pauses(dossier))
        dossier.due_at = due.at if due else None
