"""The way home of a result: fetched from the agency, brought to the door, or given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from portal.access import Actor, Role
from portal.accounts.models import User
from portal.audit.services import record
from portal.calendar.queries import working_calendar
from portal.dossiers import control_sheet
from portal.dossiers import services as dossiers
from portal.dossiers.models.dossier import Dossier, DossierEvent, ReturnMode
from portal.errors import Conflict, Invalid
from portal.extensions import db
from portal.postal import messages, rules, waybills
from portal.postal.lifecycle import Direction, FailureReason, ItemState, Relation
from portal.postal.models import Delivery, PostalItem
from portal.postal.steps import move, place_of


@dataclass(frozen=True)
class Recipient:
    """Who took the result, and which papers the courier looked at (TT 17/2017, art. 5.2)."""

    name: str
    relation: Relation
    identity_paper: str
    authority_paper: str = ""


def failures(item: PostalItem) -> list[Delivery]:
    """The attempts at the door that came to nothing, oldest first."""
    return [attempt for attempt in item.deliveries if not attempt.is_delivered]


def next_on(item: PostalItem) -> date | None:
    """From which day it may be brought again; None when it must go back or was never tried."""
    failed = failures(item)
    if not failed:
        return None
    return rules.next_invitation(failed[-1].at.date(), len(failed), working_calendar())


def is_spent(item: PostalItem) -> bool:
    """Whether both invitations failed: it waits at the counter or goes back to the agency."""
    return len(failures(item)) >= rules.MOST_INVITATIONS


def collect(dossier: Dossier, giver_name: str, note: str, *, by: Actor, at: datetime) -> PostalItem:
    """Fetch a result from the agency: counted with whoever gives it, sealed, on the sheet."""
    if not giver_name.strip():
        raise Invalid("giver_name", _("Nhập họ tên người của cơ quan đã giao kết quả."))
    dossier.post_office_id = dossier.post_office_id or by.place_id
    item = PostalItem(
        code=waybills.next_code(),
        dossier=dossier,
        direction=Direction.TO_CITIZEN,
        state=ItemState.RESULT_READY,
        post_office_id=by.place_id,
        papers=[],
        created_at=at,
        moved_at=at,
    )
    db.session.add(item)
    move(item, ItemState.COLLECTED, at)
    unit = dossier.receiving_unit.name if dossier.receiving_unit else ""
    control_sheet.hand_over(
        dossier,
        (unit, giver_name.strip()),
        (place_of(by), by.name),
        at=at,
        bill_no=item.code,
        note=note.strip(),
    )
    sentence = _(
        "%(place)s đã nhận kết quả tại %(unit)s, mã bưu gửi %(code)s.",
        place=place_of(by),
        unit=unit,
        code=item.code,
    )
    _say(item, "collect_result", sentence, by=by, at=at)
    return item


def dispatch(item: PostalItem, courier: User, *, by: Actor, at: datetime) -> None:
    """Put a result on a courier's round; not before the second invitation is allowed."""
    if is_spent(item):
        raise Conflict(_("Đã mời phát hai lần. Phát tại quầy hoặc chuyển hoàn cơ quan."))
    earliest = next_on(item)
    if earliest is not None and at.date() < earliest:
        raise Invalid(
            "courier",
            _("Lần phát sau phải cách ít nhất 2 ngày làm việc: từ %(day)s.", day=_day(earliest)),
        )
    move(item, ItemState.OUT_FOR_DELIVERY, at)
    item.courier_id = courier.id
    sentence = _("Bưu tá của %(place)s đang đem kết quả đi phát.", place=place_of(by))
    _say(item, "out_for_delivery", sentence, by=by, at=at)


def deliver(item: PostalItem, recipient: Recipient, *, by: Actor, at: datetime) -> Delivery:
    """Somebody has the result in hand: proof first, then the dossier's last status."""
    if not recipient.name.strip():
        raise Invalid("recipient_name", _("Nhập họ tên người nhận."))
    if not recipient.identity_paper.strip():
        raise Invalid("identity_paper", _("Ghi giấy tờ tuỳ thân đã kiểm tra."))
    is_authorised = recipient.relation is Relation.AUTHORISED
    if is_authorised and not recipient.authority_paper.strip():
        raise Invalid("authority_paper", _("Người được uỷ quyền phải có giấy uỷ quyền; ghi rõ."))
    move(item, ItemState.DELIVERED, at)
    papers = [recipient.identity_paper, recipient.authority_paper if is_authorised else ""]
    attempt = _attempt(item, by, at, is_delivered=True)
    attempt.recipient_name = recipient.name.strip()
    attempt.recipient_relation = recipient.relation.value
    attempt.paper_checked = "; ".join(text.strip() for text in papers if text.strip())
    sentence = _(
        "Đã phát cho %(who)s, lúc %(at)s.",
        who=str(recipient.relation.label).lower(),
        at=f"{at:%H:%M %d/%m/%Y}",
    )
    dossiers.return_outcome(item.dossier, by=by, at=at, sentence=sentence)
    control_sheet.hand_over(
        item.dossier,
        (place_of(by), by.name),
        (recipient.relation.label, attempt.recipient_name),
        at=at,
        bill_no=item.code,
    )
    record("postal:deliver", item, by=by, dossier_id=item.dossier_id, attempt=attempt.attempt)
    return attempt


def fail(
    item: PostalItem, reason: FailureReason, note: str, *, by: Actor, at: datetime
) -> Delivery:
    """Nobody took it: the reason from the one list, and from when it may be brought again."""
    move(item, ItemState.FAILED, at)
    attempt = _attempt(item, by, at, is_delivered=False)
    attempt.failure_reason, attempt.note = reason.value, note.strip()
    earliest = next_on(item)
    then = (
        _("Lần phát sau: từ %(day)s.", day=_day(earliest))
        if earliest
        else _("Kết quả chờ tại bưu cục, sau đó chuyển hoàn cơ quan.")
    )
    sentence = _(
        "Phát lần %(number)s không thành công: %(reason)s. %(then)s",
        number=attempt.attempt,
        reason=str(reason.label).lower(),
        then=then,
    )
    _say(item, "delivery_failed", sentence, by=by, at=at)
    return attempt


def send_back(item: PostalItem, taker_name: str, *, by: Actor, at: datetime) -> None:
    """After two invitations the result goes back to the agency, to be fetched at its desk."""
    if not is_spent(item):
        raise Conflict(_("Chưa đủ hai lần mời nhận nên chưa được chuyển hoàn."))
    if not taker_name.strip():
        raise Invalid("taker_name", _("Nhập họ tên người của cơ quan đã nhận lại kết quả."))
    move(item, ItemState.RETURNED_TO_AGENCY, at)
    item.dossier.return_mode = ReturnMode.DESK  # it lies at the agency: only there can it be had
    unit = item.dossier.receiving_unit.name if item.dossier.receiving_unit else ""
    control_sheet.hand_over(
        item.dossier,
        (place_of(by), by.name),
        (unit, taker_name.strip()),
        at=at,
        bill_no=item.code,
        note=_("Chuyển hoàn sau %(count)s lần phát", count=len(failures(item))),
    )
    sentence = _("Kết quả được chuyển hoàn %(unit)s sau hai lần mời nhận.", unit=unit)
    _say(item, "sent_back", sentence, by=by, at=at)


def _attempt(item: PostalItem, by: Actor, at: datetime, *, is_delivered: bool) -> Delivery:
    number = len(item.deliveries) + 1
    who = by.name if by.role is not Role.COURIER else _("Bưu tá %(name)s", name=by.name)
    attempt = Delivery(attempt=number, at=at, is_delivered=is_delivered, delivered_by=who)
    item.deliveries.append(attempt)
    return attempt


def _say(item: PostalItem, act: str, sentence: str, *, by: Actor, at: datetime) -> DossierEvent:
    event = dossiers.note(item.dossier, act, sentence, by=by, at=at, item=item.code)
    record(f"postal:{act}", item, by=by, dossier_id=item.dossier.id)
    messages.tell(item.dossier, event)
    return event


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
