"""Papers nobody needs any more: from whoever holds them back to the citizen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, select, union

from portal.access import Actor, Role
from portal.audit.services import record
from portal.dossiers import control_sheet, custody
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import CLOSED, ENDED_EARLY, Status
from portal.dossiers.models.custody import CustodyLine, Holder
from portal.dossiers.models.dossier import Dossier, ReturnMode
from portal.errors import Conflict, Forbidden, Invalid, StepRefused
from portal.extensions import db
from portal.postal import queries, returns, waybills
from portal.postal.lifecycle import (
    NOT_AWAITED,
    Cargo,
    Direction,
    ItemVerb,
    PickupState,
)
from portal.postal.models import Pickup, PostalItem
from portal.postal.steps import move, place_of


@dataclass(frozen=True)
class Counted:
    """What was counted when papers changed hands, and why it is not what was written down."""

    pages: int
    note: str = ""


Lines = Sequence[CustodyLine]


def at_counter(dossier: Dossier, lines: Lines | None = None) -> list[CustodyLine]:
    """Papers that have not left the post, of a dossier that goes on without them or is over."""
    held = [line for line in _now(dossier, lines, NOT_AWAITED) if line.holder is Holder.POST]
    if not held:
        return []
    bills = queries.bills_at_counter(dossier)
    return [line for line in held if line.bill_no in bills]


def at_agency(dossier: Dossier, lines: Lines | None = None) -> list[CustodyLine]:
    """Papers that the agency holds and owes the citizen: it has ended without a result."""
    return [line for line in _now(dossier, lines, ENDED_EARLY) if line.holder is Holder.AGENCY]


def is_for_post(dossier: Dossier, lines: Lines | None = None) -> bool:
    """Whether the post fetches them; otherwise the citizen has them at the agency's desk."""
    return dossier.return_mode is ReturnMode.POST and bool(at_agency(dossier, lines))


def _now(dossier: Dossier, lines: Lines | None, statuses: frozenset[Status]) -> list[CustodyLine]:
    """Who holds papers now; nobody owes them while the dossier is in another status."""
    if dossier.status not in statuses:
        return []
    known = custody.history(dossier) if lines is None else lines
    return [line for line in known if line.until is None]


def to_fetch(actor: Actor) -> ColumnElement[bool]:
    """Ended dossiers of an office whose papers wait at the agency for the post."""
    return and_(
        queries.of_place(Dossier.post_office_id, actor),
        Dossier.status.in_(ENDED_EARLY),
        Dossier.return_mode == ReturnMode.POST,
        custody.held_by(Holder.AGENCY),
    )


def to_turn(actor: Actor) -> ColumnElement[bool]:
    """Closed dossiers of an office whose papers still lie at its counter or in a courier's bag."""
    item = select(PostalItem.dossier_id).where(
        PostalItem.state.in_(queries.OPEN_OUT), queries.of_place(PostalItem.post_office_id, actor)
    )
    bag = select(Pickup.dossier_id).where(
        Pickup.state == PickupState.COLLECTED, queries.of_place(Pickup.post_office_id, actor)
    )
    return and_(Dossier.status.in_(CLOSED), Dossier.id.in_(union(item, bag)))


def turn_round(dossier: Dossier, counted: Counted, *, by: Actor, at: datetime) -> PostalItem:
    """Papers the agency never had: counted again, and under the same code on their way home."""
    lines = at_counter(dossier)
    if not lines:
        raise StepRefused(_("Bưu điện không giữ giấy tờ nào của hồ sơ này để trả lại."))
    _must_agree(lines, counted)
    item = queries.open_item(dossier, Direction.TO_AGENCY, lock=True) or _from_bag(dossier, by, at)
    if queries.proposed_line(item) is not None:
        raise Conflict(_("Phong bì đang nằm trong bảng kê chờ ký. Huỷ bảng kê rồi trả giấy tờ."))
    move(item, ItemVerb.TURN_ROUND, by=by, at=at)
    item.direction = Direction.TO_CITIZEN
    custody.give(
        dossier,
        item.code,
        (Holder.POST, place_of(by), by.name),
        at=at,
        pages=counted.pages,
        instead_of=[line.bill_no for line in lines],
    )
    sentence = _(
        "%(place)s giữ lại %(pages)s trang giấy tờ để trả người gửi, mã bưu gửi %(code)s.",
        place=place_of(by),
        pages=counted.pages,
        code=item.code,
    )
    returns.say(item, "papers_turned", sentence, by=by, at=at).reason = counted.note or None
    return item


def collect(
    dossier: Dossier, giver_name: str, counted: Counted, *, by: Actor, at: datetime
) -> PostalItem:
    """The agency gives the papers back to the post: both count, both are named."""
    lines = at_agency(dossier)
    if not is_for_post(dossier):
        raise StepRefused(_("Cơ quan không giữ giấy tờ nào của hồ sơ này để bưu điện trả lại."))
    _must_agree(lines, counted)
    item = returns.fetch(dossier, Cargo.PAPERS, giver_name, counted.note, by=by, at=at)
    custody.give(
        dossier,
        item.code,
        (Holder.POST, place_of(by), by.name),
        at=at,
        pages=counted.pages,
        instead_of=[line.bill_no for line in lines],
    )
    sentence = _(
        "%(place)s đã nhận lại %(pages)s trang giấy tờ tại %(unit)s, mã bưu gửi %(code)s.",
        place=place_of(by),
        pages=counted.pages,
        unit=returns.unit_of(dossier),
        code=item.code,
    )
    returns.say(item, "papers_collected", sentence, by=by, at=at).reason = counted.note or None
    return item


def give_at_desk(
    dossier: Dossier, recipient: returns.Recipient, *, by: Actor, at: datetime
) -> None:
    """The citizen, or who he sent, takes the papers at the agency's own desk."""
    if by.role is not Role.ONESTOP_OFFICER or by.place_id != dossier.receiving_unit_id:
        raise Forbidden
    lines = at_agency(dossier)
    if not lines:
        raise StepRefused(_("Cơ quan không giữ giấy tờ nào của hồ sơ này để trả lại."))
    returns.check_identity(recipient)
    if recipient.pages is None:
        raise Invalid("pages", _("Nhập số trang đã đếm cùng người nhận."))
    counted = Counted(recipient.pages, recipient.note.strip())
    _must_agree(lines, counted)
    who, name = str(recipient.relation.label), recipient.name.strip()
    custody.give(
        dossier,
        lines[0].bill_no,
        (Holder.APPLICANT, who, name),
        at=at,
        pages=counted.pages,
        instead_of=[line.bill_no for line in lines],
    )
    control_sheet.hand_over(dossier, (place_of(by), by.name), (who, name), at=at, note=counted.note)
    sentence = _(
        "%(place)s đã trả lại %(pages)s trang giấy tờ cho %(who)s.",
        place=place_of(by),
        pages=counted.pages,
        who=who.lower(),
    )
    event = dossiers.note(dossier, "papers_at_desk", sentence, by=by, at=at)
    event.reason = counted.note or None
    record("postal:papers_at_desk", dossier, by=by, dossier_id=dossier.id, pages=counted.pages)


def _must_agree(lines: list[CustodyLine], counted: Counted) -> None:
    """A count that differs from what was held needs words that both sides will read."""
    known = [line.pages for line in lines if line.pages is not None]
    if known and sum(known) != counted.pages and not counted.note.strip():
        raise Invalid(
            "note",
            _("Sổ ghi %(held)s trang, đếm được %(pages)s trang. Ghi chú vì sao.",
              held=sum(known), pages=counted.pages),
        )  # fmt: skip


def _from_bag(dossier: Dossier, by: Actor, at: datetime) -> PostalItem:
    """A courier brought papers of a dossier that had ended meanwhile: they get a code now."""
    pickup = queries.pickup_of(dossier)
    assert pickup is not None
    pickup.state = PickupState.RECEIVED
    item = waybills.new_envelope(dossier, by=by, at=at)
    db.session.flush()
    return item
