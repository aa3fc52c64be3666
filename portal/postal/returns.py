"""The way home, of a result or of papers given back: brought to the door, or back to the agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from portal.access import Actor, Role
from portal.accounts.models import User
from portal.audit.services import record
from portal.calendar.queries import working_calendar
from portal.dossiers import control_sheet, custody
from portal.dossiers import services as dossiers
from portal.dossiers.models.custody import Holder
from portal.dossiers.models.dossier import Dossier, DossierEvent, ReturnMode
from portal.errors import Conflict, Invalid
from portal.extensions import db
from portal.postal import messages, rules, waybills
from portal.postal.lifecycle import Cargo, Direction, FailureReason, ItemState, ItemVerb, Relation
from portal.postal.models import Delivery, PostalItem
from portal.postal.steps import move, place_of


@dataclass(frozen=True)
class Recipient:
    """Who took the envelope, and which papers the courier looked at (TT 17/2017, art. 5.2).

    `pages` is what was counted with him if the envelope holds papers.
    """

    name: str
    relation: Relation
    identity_paper: str
    authority_paper: str = ""
    pages: int | None = None
    note: str = ""


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
    item = fetch(dossier, Cargo.RESULT, giver_name, note, by=by, at=at)
    sentence = _(
        "%(place)s đã nhận kết quả tại %(unit)s, mã bưu gửi %(code)s.",
        place=place_of(by),
        unit=unit_of(dossier),
        code=item.code,
    )
    say(item, "collect_result", sentence, by=by, at=at)
    return item


def fetch(
    dossier: Dossier, cargo: Cargo, giver_name: str, note: str, *, by: Actor, at: datetime
) -> PostalItem:
    """Open the envelope of something the agency gives the post, and name both on the sheet."""
    if not giver_name.strip():
        raise Invalid("giver_name", _("Nhập họ tên người của cơ quan đã giao."))
    dossier.post_office_id = dossier.post_office_id or by.place_id
    item = PostalItem(
        code=waybills.next_code(),
        dossier=dossier,
        direction=Direction.TO_CITIZEN,
        cargo=cargo,
        state=ItemState.RESULT_READY,
        post_office_id=by.place_id,
        papers=[],
        created_at=at,
        moved_at=at,
    )
    db.session.add(item)
    move(item, ItemVerb.COLLECT, by=by, at=at)
    control_sheet.hand_over(
        dossier,
        (unit_of(dossier), giver_name.strip()),
        (place_of(by), by.name),
        at=at,
        bill_no=item.code,
        note=note.strip(),
    )
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
    move(item, ItemVerb.DISPATCH, by=by, at=at)
    item.courier_id = courier.id
    _hold(item, Holder.POST, place_of(by), courier.name, at)
    sentence = (
        _("Bưu tá của %(place)s đang đem kết quả đi phát.", place=place_of(by))
        if item.cargo is Cargo.RESULT
        else _("Bưu tá của %(place)s đang đem giấy tờ đi trả.", place=place_of(by))
    )
    say(item, _act(item, "out_for_delivery", "papers_out"), sentence, by=by, at=at)


def deliver(item: PostalItem, recipient: Recipient, *, by: Actor, at: datetime) -> Delivery:
    """Somebody has the result in hand: proof first, then the dossier's last status."""
    check_identity(recipient)
    _must_be_counted(item, recipient)
    move(item, ItemVerb.DELIVER, by=by, at=at)
    is_authorised = recipient.relation is Relation.AUTHORISED
    papers = [recipient.identity_paper, recipient.authority_paper if is_authorised else ""]
    attempt = _attempt(item, by, at, is_delivered=True)
    attempt.recipient_name = recipient.name.strip()
    attempt.recipient_relation = recipient.relation.value
    attempt.paper_checked = "; ".join(text.strip() for text in papers if text.strip())
    _tell_delivered(item, attempt, recipient, by=by, at=at)
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
    move(item, ItemVerb.FAIL, by=by, at=at)
    _hold(item, Holder.POST, place_of(by), by.name, at)
    attempt = _attempt(item, by, at, is_delivered=False)
    attempt.failure_reason, attempt.note = reason.value, note.strip()
    earliest = next_on(item)
    then = _("Lần phát sau: từ %(day)s.", day=_day(earliest)) if earliest else _waits(item)
    sentence = _(
        "Phát lần %(number)s không thành công: %(reason)s. %(then)s",
        number=attempt.attempt,
        reason=str(reason.label).lower(),
        then=then,
    )
    say(item, _act(item, "delivery_failed", "papers_failed"), sentence, by=by, at=at)
    return attempt


def send_back(item: PostalItem, taker_name: str, *, by: Actor, at: datetime) -> None:
    """After two invitations the result goes back to the agency, to be fetched at its desk."""
    if not is_spent(item):
        raise Conflict(_("Chưa đủ hai lần mời nhận nên chưa được chuyển hoàn."))
    if not taker_name.strip():
        raise Invalid("taker_name", _("Nhập họ tên người của cơ quan đã nhận lại kết quả."))
    move(item, ItemVerb.SEND_BACK, by=by, at=at)
    item.dossier.return_mode = ReturnMode.DESK  # it lies at the agency: only there can it be had
    unit = unit_of(item.dossier)
    _hold(item, Holder.AGENCY, unit, taker_name.strip(), at)
    control_sheet.hand_over(
        item.dossier,
        (place_of(by), by.name),
        (unit, taker_name.strip()),
        at=at,
        bill_no=item.code,
        note=_("Chuyển hoàn sau %(count)s lần phát", count=len(failures(item))),
    )
    sentence = (
        _("Kết quả được chuyển hoàn %(unit)s sau hai lần mời nhận.", unit=unit)
        if item.cargo is Cargo.RESULT
        else _("Giấy tờ được chuyển lại %(unit)s sau hai lần mời nhận.", unit=unit)
    )
    say(item, _act(item, "sent_back", "papers_sent_back"), sentence, by=by, at=at)


def check_identity(recipient: Recipient) -> None:
    """Nothing is given to somebody who has no name, no card, or nobody's authority."""
    if not recipient.name.strip():
        raise Invalid("recipient_name", _("Nhập họ tên người nhận."))
    if not recipient.identity_paper.strip():
        raise Invalid("identity_paper", _("Ghi giấy tờ tuỳ thân đã kiểm tra."))
    is_authorised = recipient.relation is Relation.AUTHORISED
    if is_authorised and not recipient.authority_paper.strip():
        raise Invalid("authority_paper", _("Người được uỷ quyền phải có giấy uỷ quyền; ghi rõ."))


def unit_of(dossier: Dossier) -> str:
    """The name of the agency's counter, as history and papers write it."""
    return dossier.receiving_unit.name if dossier.receiving_unit else ""


def _act(item: PostalItem, of_result: str, of_papers: str) -> str:
    return of_result if item.cargo is Cargo.RESULT else of_papers


def _waits(item: PostalItem) -> str:
    if item.cargo is Cargo.RESULT:
        return _("Kết quả chờ tại bưu cục, sau đó chuyển hoàn cơ quan.")
    if item.cargo is Cargo.PAPERS:
        return _("Giấy tờ chờ tại bưu cục, sau đó chuyển lại cơ quan.")
    return _("Giấy tờ chờ người gửi tại bưu cục.")


def _hold(item: PostalItem, holder: Holder, place: str, name: str, at: datetime) -> None:
    """Papers are always in somebody's hands; a result is no paper of the citizen's yet."""
    if item.cargo is not Cargo.RESULT:
        custody.give(item.dossier, item.code, (holder, place, name), at=at)


def pages_held(item: PostalItem) -> int | None:
    """How many pages whoever has the envelope answers for."""
    lines = custody.now(item.dossier)
    return next((line.pages for line in lines if line.bill_no == item.code), None)


def _must_be_counted(item: PostalItem, recipient: Recipient) -> None:
    """Papers are counted with whoever takes them; a difference needs words both will read."""
    if item.cargo is Cargo.RESULT:
        return
    if recipient.pages is None:
        raise Invalid("pages", _("Nhập số trang đã đếm cùng người nhận."))
    held = pages_held(item)
    if held is not None and held != recipient.pages and not recipient.note.strip():
        raise Invalid(
            "note",
            _("Sổ ghi %(held)s trang, đếm được %(pages)s trang. Ghi chú vì sao.",
              held=held, pages=recipient.pages),
        )  # fmt: skip


def _tell_delivered(
    item: PostalItem, attempt: Delivery, recipient: Recipient, *, by: Actor, at: datetime
) -> None:
    who, when = str(recipient.relation.label).lower(), f"{at:%H:%M %d/%m/%Y}"
    if item.cargo is Cargo.RESULT:
        sentence = _("Đã phát cho %(who)s, lúc %(at)s.", who=who, at=when)
        dossiers.return_outcome(item.dossier, by=by, at=at, sentence=sentence)
        return
    attempt.pages, attempt.note = recipient.pages, recipient.note.strip()
    custody.give(
        item.dossier,
        item.code,
        (Holder.APPLICANT, str(recipient.relation.label), attempt.recipient_name),
        at=at,
        pages=recipient.pages,
    )
    sentence = _(
        "Đã trả lại %(pages)s trang giấy tờ cho %(who)s, lúc %(at)s.",
        pages=recipient.pages,
        who=who,
        at=when,
    )
    event = say(item, "papers_delivered", sentence, by=by, at=at)
    if attempt.note:
        event.reason = attempt.note


def _attempt(item: PostalItem, by: Actor, at: datetime, *, is_delivered: bool) -> Delivery:
    number = len(item.deliveries) + 1
    who = by.name if by.role is not Role.COURIER else _("Bưu tá %(name)s", name=by.name)
    attempt = Delivery(attempt=number, at=at, is_delivered=is_delivered, delivered_by=who)
    item.deliveries.append(attempt)
    return attempt


def say(item: PostalItem, act: str, sentence: str, *, by: Actor, at: datetime) -> DossierEvent:
    """One line of history with its audit row and its mail."""
    event = dossiers.note(item.dossier, act, sentence, by=by, at=at, item=item.code)
    record(f"postal:{act}", item, by=by, dossier_id=item.dossier.id)
    messages.tell(item.dossier, event)
    return event


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
