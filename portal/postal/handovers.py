"""The hand-over record: the clerk proposes it, the officer counts again and signs; both are named.

Neither can close it alone. The clerk's list is only a proposal; the officer's signature starts
the legal clock of every dossier he takes; what he does not take stays with the post.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.access import Actor, Place, Role
from portal.accounts.models import User
from portal.audit.services import record
from portal.catalogue.models import PaperKind
from portal.directory.models import Organisation
from portal.dossiers import control_sheet, custody
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import UNDECIDED, Status
from portal.dossiers.models.custody import Holder
from portal.errors import Conflict, Forbidden, Invalid
from portal.extensions import db
from portal.postal import queries
from portal.postal.lifecycle import Direction, HandoverState, ItemState, ItemVerb
from portal.postal.models import Handover, HandoverLine, PostalItem
from portal.postal.records import MOST_ON_ONE_RECORD
from portal.postal.rules import Count, count_difference
from portal.postal.steps import move, place_of


@dataclass(frozen=True)
class Verdict:
    """What the officer found when he counted one envelope again."""

    is_accepted: bool
    count: Count
    note: str = ""


def propose(items: Sequence[PostalItem], *, by: Actor, at: datetime) -> Handover:
    """List sealed envelopes of this office for the one service centre they all go to."""
    if not items:
        raise Invalid("items", _("Chọn ít nhất một bưu gửi đã niêm phong."))
    if len(items) > MOST_ON_ONE_RECORD:
        raise Invalid("items", _("Mỗi bảng kê tối đa %(most)s bưu gửi.", most=MOST_ON_ONE_RECORD))
    for item in items:
        _may_go(item)
    units = {item.dossier.receiving_unit_id for item in items}
    if len(units) > 1:
        raise Invalid("items", _("Các bưu gửi đã chọn đi nhiều nơi. Mỗi nơi nhận lập một bảng kê."))
    unit_id = units.pop()
    assert unit_id is not None
    handover = Handover(
        state=HandoverState.PROPOSED,
        giver_place_id=by.place_id,
        taker_place_id=unit_id,
        giver_id=by.user_id,
        giver_name=by.name,
        proposed_at=at,
    )
    handover.lines = [_line(item) for item in items]
    db.session.add(handover)
    db.session.flush()
    record("postal:propose_handover", handover, by=by, items=[item.code for item in items])
    return handover


def _may_go(item: PostalItem) -> None:
    if item.dossier.is_closed:
        raise Invalid(
            "items",
            _(
                "Hồ sơ %(code)s đã kết thúc (“%(status)s”), không bàn giao nữa."
                " Trả giấy tờ lại cho người gửi.",
                code=item.dossier.code,
                status=item.dossier.status.label,
            ),
        )
    if item.direction is not Direction.TO_AGENCY or item.state is not ItemState.SEALED:
        raise Invalid(
            "items",
            _(
                "Bưu gửi %(code)s đang ở trạng thái “%(state)s”, chưa bàn giao được.",
                code=item.code,
                state=item.state.label,
            ),
        )
    if queries.proposed_line(item) is not None:
        raise Invalid(
            "items", _("Bưu gửi %(code)s đã có trong một bảng kê chờ ký.", code=item.code)
        )


def _line(item: PostalItem) -> HandoverLine:
    count = given(item)
    return HandoverLine(
        item=item,
        given_originals=count.originals,
        given_copies=count.copies,
        given_pages=count.pages,
    )


def given(item: PostalItem) -> Count:
    """What the post says is in an envelope, from the list it was sealed with."""
    kinds = (PaperKind.COPY.value, PaperKind.CERTIFIED_COPY.value)
    copies = sum(row["kind"] in kinds for row in item.papers)
    pages = sum(row["pages"] or 0 for row in item.papers)
    return Count(len(item.papers) - copies, copies, pages)


def void(handover: Handover, reason: str, *, by: Actor, at: datetime) -> None:
    """The post takes its proposal back; the envelopes wait for another record."""
    if not reason.strip():
        raise Invalid("reason", _("Ghi lý do huỷ bảng kê."))
    _still_open(handover)
    handover.state, handover.void_reason, handover.at = HandoverState.VOID, reason.strip(), at
    record("postal:void_handover", handover, by=by, reason=reason.strip())


def sign(
    handover: Handover, verdicts: Mapping[int, Verdict], *, by: Actor, at: datetime
) -> Handover:
    """The officer's signature: `verdicts` by the line's id, one for every line."""
    if by.role is not Role.ONESTOP_OFFICER or by.place_id != handover.taker_place_id:
        raise Forbidden
    _still_open(handover)
    if by.user_id == handover.giver_id:
        raise Conflict(
            _("Người lập bảng kê không được tự ký nhận. Cần một công chức khác kiểm đếm.")
        )
    for line in handover.lines:
        _judge(line, verdicts[line.id])
    handover.state, handover.at = HandoverState.SIGNED, at
    handover.taker_id, handover.taker_name = by.user_id, by.name
    db.session.flush()
    record(
        "postal:sign_handover",
        handover,
        by=by,
        taken=[line.item.code for line in handover.lines if line.is_accepted],
        left=[line.item.code for line in handover.lines if not line.is_accepted],
    )
    for line in handover.lines:
        if line.is_accepted:
            _take(handover, line, by=by, at=at)
        else:
            _leave(line, by=by, at=at)
    return handover


def _still_open(handover: Handover) -> None:
    if handover.state is HandoverState.SIGNED:
        raise Conflict(
            _(
                "Bảng kê này đã được %(name)s ký lúc %(at)s.",
                name=handover.taker_name,
                at=f"{handover.at:%H:%M %d/%m/%Y}",
            )
        )
    if handover.state is HandoverState.VOID:
        raise Conflict(_("Bưu điện đã huỷ bảng kê này: %(why)s", why=handover.void_reason))


def difference(line: HandoverLine, taken: Count) -> str:
    """What the post's count and the agency's disagree on, or ""."""
    return count_difference(Count(line.given_originals, line.given_copies, line.given_pages), taken)


def _judge(line: HandoverLine, verdict: Verdict) -> None:
    """A difference, and a refusal, need words that both sides will read."""
    code = line.item.code
    gap = difference(line, verdict.count)
    note = verdict.note.strip()
    if not note and not verdict.is_accepted:
        raise Invalid(f"note-{line.id}", _("%(code)s: ghi lý do không nhận.", code=code))
    if not note and gap:
        raise Invalid(
            f"note-{line.id}", _("%(code)s: %(gap)s. Ghi chú vì sao.", code=code, gap=gap)
        )
    status = line.item.dossier.status
    if verdict.is_accepted and status not in UNDECIDED:
        raise Invalid(
            f"verdict-{line.id}",
            _(
                "%(code)s: hồ sơ đang ở trạng thái “%(status)s”. Chọn không nhận và ghi lý do.",
                code=code,
                status=status.label,
            ),
        )
    line.originals, line.copies = verdict.count.originals, verdict.count.copies
    line.pages, line.note = verdict.count.pages, note
    line.is_accepted, line.is_complete = verdict.is_accepted, not gap


def _take(handover: Handover, line: HandoverLine, *, by: Actor, at: datetime) -> None:
    item = line.item
    dossier = item.dossier
    move(item, ItemVerb.HAND_OVER, by=by, at=at)
    taker = (Holder.AGENCY, place_of(by), by.name)
    custody.give(dossier, item.code, taker, at=at, pages=line.pages)
    if _answers_request(item):
        dossiers.supplement(dossier, by=_giver(handover), at=at)
    dossiers.take_from_post(dossier, by=by, at=at)
    control_sheet.hand_over(
        dossier,
        (handover.giver_place.name, handover.giver_name),
        (handover.taker_place.name, by.name),
        at=at,
        bill_no=item.code,
        note=line.note,
    )
    sentence = _(
        "%(giver)s và %(taker)s cùng ký biên bản giao nhận: %(originals)s bản chính,"
        " %(copies)s bản sao, %(pages)s trang.",
        giver=handover.giver_place.name,
        taker=place_of(by),
        originals=line.originals,
        copies=line.copies,
        pages=line.pages,
    )
    event = dossiers.note(dossier, "hand_over", sentence, by=by, at=at, item=item.code)
    if not line.is_complete:
        event.reason = _("Sai lệch khi kiểm đếm: %(note)s", note=line.note)


def _answers_request(item: PostalItem) -> bool:
    """Whether it brings what was asked for: an envelope sealed before the asking does not."""
    if item.dossier.status is not Status.SUPPLEMENT_REQUIRED:
        return False
    request = dossiers.open_request(item.dossier)
    sealed_at = item.sealed_at
    return request is None or (sealed_at is not None and sealed_at >= request.issued_at)


def _leave(line: HandoverLine, *, by: Actor, at: datetime) -> None:
    dossier = line.item.dossier
    sentence = _(
        "%(place)s chưa nhận phong bì %(code)s; giấy tờ còn ở bưu điện.",
        place=place_of(by),
        code=line.item.code,
    )
    event = dossiers.note(dossier, "not_taken", sentence, by=by, at=at)
    event.reason = line.note


def _giver(handover: Handover) -> Actor:
    """The clerk who proposed the record: it is he who hands the citizen's supplement in."""
    user = db.session.get_one(User, handover.giver_id)
    row: Organisation = handover.giver_place
    place = Place(row.id, row.code, row.name, row.kind.value, row.parent_id, row.province_code)
    return Actor(user.id, user.public_id, user.name, user.email, Role.POSTAL_CLERK, place, 0)
