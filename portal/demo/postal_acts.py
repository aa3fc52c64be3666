"""What clerks and couriers of the post do in the demonstration."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.access import Actor
from portal.audit.services import record
from portal.catalogue.models import PaperKind
from portal.clock import ZONE
from portal.demo import office_acts, papers
from portal.demo.cases import Case, Stage
from portal.dossiers import control_sheet, custody, services
from portal.dossiers.models.custody import Holder
from portal.dossiers.models.dossier import Channel
from portal.extensions import db
from portal.postal import waybills
from portal.postal.lifecycle import Cargo, Direction, HandoverState, ItemState, PickupState
from portal.postal.models import (
    Delivery,
    Handover,
    HandoverLine,
    Pickup,
    PostalItem,
    Slot,
)

# Where the history of a dossier and the log have different names for an act.
LOGGED = {
    "receive_papers": "postal:receive",
    "request_pickup": "postal:pickup_request",
}


def counter(case: Case, stage: Stage, at: datetime) -> None:
    """Somebody stands at the counter with papers; an envelope is opened for them."""
    clerk = stage.clerk(case)
    case.made = services.start_draft(case.version, Channel.POST, by=clerk, at=at)
    office_acts.describe(case)
    services.submit(case.dossier, by=clerk, at=at)
    walk_in = f"{clerk.name} lập hồ sơ tại quầy thay người nộp."
    services.note(case.dossier, "walk_in", walk_in, by=clerk, at=at)
    case.item = _envelope(case, Direction.TO_AGENCY, ItemState.AT_COUNTER, at)
    place = case.office.name
    custody.give(case.dossier, case.item.code, (Holder.POST, place, clerk.name), at=at)
    _note(case, "receive_papers", f"{place} đã nhận giấy tờ tại quầy.", clerk, at)


def seal(case: Case, stage: Stage, at: datetime) -> None:
    """The envelope is closed in front of the sender."""
    clerk, item = stage.clerk(case), case.envelope
    item.state, item.moved_at = ItemState.SEALED, at
    item.seal_number, item.sealed_at, item.sealed_by = f"NP{case.number:06}", at, clerk.name
    item.pages_declared = item.pages_scanned = 1
    title = papers.request_title(case.version)
    item.papers = [{"title": title, "kind": PaperKind.FORM.value, "pages": 1}]
    case.dossier.posted_at = at
    custody.count(case.dossier, item.code, 1)
    sentence = (
        f"{case.office.name} niêm phong, 1 giấy tờ / 1 trang;"
        f" số niêm phong {item.seal_number}, mã bưu gửi {item.code}."
    )
    _note(case, "seal", sentence, clerk, at)
    giver = ("Người nộp", case.person.name)
    taker = (case.office.name, clerk.name)
    control_sheet.hand_over(case.dossier, giver, taker, at=at, bill_no=item.code)


def propose(case: Case, stage: Stage, at: datetime) -> None:
    """The clerk puts the envelope on the list that waits for the agency's signature."""
    record_ = stage.proposed.get(case.office.id)
    if record_ is None:
        record_ = _handover(case, stage, at)
        stage.proposed[case.office.id] = record_
    _line(record_, case)


def hand_over(case: Case, stage: Stage, at: datetime) -> None:
    """Both sides count and sign: here the legal clock starts."""
    officer, item = stage.cast.actors["motcua"], case.envelope
    handover = _handover(case, stage, at - timedelta(minutes=20))
    handover.state, handover.at = HandoverState.SIGNED, at
    handover.taker_id, handover.taker_name = officer.user_id, officer.name
    line = _line(handover, case)
    line.originals, line.copies, line.pages = 0, 1, 1
    line.is_accepted = line.is_complete = True
    item.state, item.moved_at = ItemState.HANDED_TO_AGENCY, at
    services.take_from_post(case.dossier, by=officer, at=at)
    unit = _unit(case)
    custody.give(case.dossier, item.code, (Holder.AGENCY, unit, officer.name), at=at, pages=1)
    giver, taker = (case.office.name, handover.giver_name), (unit, officer.name)
    control_sheet.hand_over(case.dossier, giver, taker, at=at, bill_no=item.code)


def collect(case: Case, stage: Stage, at: datetime) -> None:
    """The post fetches the result."""
    clerk = stage.clerk(case)
    item = case.item = _envelope(case, Direction.TO_CITIZEN, ItemState.COLLECTED, at)
    unit = _unit(case)
    sentence = f"{case.office.name} đã nhận kết quả tại {unit}, mã bưu gửi {item.code}."
    _note(case, "collect_result", sentence, clerk, at)
    giver = (unit, stage.cast.actors["motcua"].name)
    taker = (case.office.name, clerk.name)
    control_sheet.hand_over(case.dossier, giver, taker, at=at, bill_no=item.code)


def dispatch(case: Case, stage: Stage, at: datetime) -> None:
    """The result goes on the courier's round."""
    item = case.envelope
    item.state, item.moved_at = ItemState.OUT_FOR_DELIVERY, at
    item.courier_id = stage.cast.actors["buuta"].user_id
    sentence = f"Bưu tá của {case.office.name} đang đem kết quả đi phát."
    _note(case, "out_for_delivery", sentence, stage.clerk(case), at)


def miss(case: Case, stage: Stage, at: datetime) -> None:
    """Nobody is at home."""
    courier, item = stage.cast.actors["buuta"], case.envelope
    item.state, item.moved_at = ItemState.FAILED, at
    attempt = _attempt(case, courier, at)
    attempt.failure_reason = "absent"
    sentence = f"Phát lần {attempt.attempt} không thành công: vắng nhà."
    _note(case, "delivery_failed", sentence, courier, at)


def deliver(case: Case, stage: Stage, at: datetime) -> None:
    """Somebody has the result in hand."""
    courier, item = stage.cast.actors["buuta"], case.envelope
    item.state, item.moved_at = ItemState.DELIVERED, at
    attempt = _attempt(case, courier, at)
    attempt.is_delivered = True
    attempt.recipient_name, attempt.recipient_relation = case.person.name, "self"
    attempt.paper_checked = "Thẻ căn cước"
    sentence = f"Đã phát cho chính chủ, lúc {at:%H:%M %d/%m/%Y}."
    services.return_outcome(case.dossier, by=courier, at=at, sentence=sentence)
    giver, taker = (case.office.name, courier.name), ("Chính chủ", case.person.name)
    control_sheet.hand_over(case.dossier, giver, taker, at=at, bill_no=item.code)


def pickup(case: Case, stage: Stage, at: datetime) -> None:
    """A citizen asks at home that the papers be collected there."""
    case.made = services.start_draft(case.version, Channel.POST, by=case.citizen, at=at)
    office_acts.describe(case)
    case.dossier.post_office_id = case.office.id
    services.submit(case.dossier, by=case.citizen, at=at)
    day = (at + timedelta(days=1)).astimezone(ZONE).date()
    case.pickup = Pickup(
        code=f"TG{at:%y%m%d}{case.number:04}",
        dossier=case.dossier,
        post_office_id=case.office.id,
        state=PickupState.REQUESTED,
        slot_on=day,
        slot=case.rng.choice(list(Slot)),
        address=case.person.address,
        commune_code=case.person.commune_code,
        requested_at=at,
    )
    case.pickup.phone = case.person.phone
    db.session.add(case.pickup)
    sentence = f"Hẹn bưu điện thu gom tại nhà ngày {day:%d/%m/%Y}."
    _note(case, "pickup_request", sentence, case.citizen, at)


def pickup_collect(case: Case, stage: Stage, at: datetime) -> None:
    """The courier takes the papers at the door."""
    courier, wanted = stage.cast.actors["buuta"], case.pickup
    assert wanted is not None
    wanted.state, wanted.collected_at = PickupState.COLLECTED, at
    wanted.collected_by = courier.name
    sentence = f"Bưu tá {courier.name} đã nhận giấy tờ tại nhà."
    _note(case, "pickup_collected", sentence, courier, at)


def pickup_miss(case: Case, stage: Stage, at: datetime) -> None:
    """The courier finds nobody."""
    wanted = case.pickup
    assert wanted is not None
    wanted.state, wanted.missed_reason = PickupState.MISSED, "absent"
    sentence = "Bưu tá chưa thu gom được: vắng nhà."
    _note(case, "pickup_missed", sentence, stage.cast.actors["buuta"], at)


def _note(case: Case, act: str, sentence: str, by: Actor, at: datetime) -> None:
    services.note(case.dossier, act, sentence, by=by, at=at)
    record(LOGGED.get(act, f"postal:{act}"), case.dossier, by=by, dossier_id=case.dossier.id)


def _unit(case: Case) -> str:
    return case.dossier.receiving_unit.name if case.dossier.receiving_unit else ""


def _envelope(case: Case, direction: Direction, state: ItemState, at: datetime) -> PostalItem:
    item = PostalItem(
        code=waybills.next_code(),
        dossier=case.dossier,
        direction=direction,
        cargo=Cargo.DOSSIER if direction is Direction.TO_AGENCY else Cargo.RESULT,
        state=state,
        post_office_id=case.office.id,
        papers=[],
        created_at=at,
        moved_at=at,
    )
    db.session.add(item)
    return item


def _handover(case: Case, stage: Stage, at: datetime) -> Handover:
    clerk = stage.clerk(case)
    unit_id = case.dossier.receiving_unit_id
    assert unit_id is not None
    handover = Handover(
        state=HandoverState.PROPOSED,
        giver_place_id=case.office.id,
        taker_place_id=unit_id,
        giver_id=clerk.user_id,
        giver_name=clerk.name,
        proposed_at=at,
    )
    db.session.add(handover)
    return handover


def _line(handover: Handover, case: Case) -> HandoverLine:
    line = HandoverLine(item=case.envelope, given_originals=0, given_copies=1, given_pages=1)
    handover.lines.append(line)
    return line


def _attempt(case: Case, courier: Actor, at: datetime) -> Delivery:
    number = len(case.envelope.deliveries) + 1
    attempt = Delivery(
        attempt=number, at=at, is_delivered=False, delivered_by=f"Bưu tá {courier.name}"
    )
    case.envelope.deliveries.append(attempt)
    return attempt
