"""The counter's verbs: take papers in, tally, seal, open again. The caller owns the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.access import Actor
from portal.audit.services import record
from portal.catalogue.models import ProcedureVersion
from portal.catalogue.queries import postage_of
from portal.catalogue.rules import Carriage, zone_between
from portal.directory.models import Organisation
from portal.dossiers import custody
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.custody import Holder
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.errors import Conflict, Invalid, StepRefused
from portal.extensions import db
from portal.postal import messages, queries, rules, scan_orders, waybills
from portal.postal.lifecycle import Direction, ItemState, ItemVerb, PickupState, may_become
from portal.postal.models import PostalItem
from portal.postal.steps import move, must_go_on, place_of
from portal.postal.tallies import Said, Tally, tally


@dataclass(frozen=True)
class Applicant:
    """Who stands at the counter, as far as the clerk may ask."""

    name: str
    citizen_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    commune_code: str | None = None


@dataclass(frozen=True)
class Return:
    """How the result shall come back."""

    mode: ReturnMode
    address: str = ""
    commune_code: str | None = None


def walk_in(
    version: ProcedureVersion | None, applicant: Applicant, back: Return, *, by: Actor, at: datetime
) -> Dossier:
    """Send a dossier for somebody without an account: both are named, applicant and clerk."""
    _must_be_open(by)
    if version is None or not version.post_in:
        raise Invalid("procedure", _("Thủ tục này không nhận qua bưu chính."))
    dossier = dossiers.start_draft(version, Channel.POST, by=by, at=at)
    dossier.applicant_name = applicant.name
    dossier.citizen_number = applicant.citizen_number
    dossier.phone = applicant.phone
    dossier.email = applicant.email
    dossier.address = applicant.address
    dossier.commune_code = applicant.commune_code
    dossier.return_mode = back.mode
    dossier.return_address = back.address
    dossier.return_commune_code = back.commune_code
    dossiers.submit(dossier, by=by, at=at)
    sentence = _("%(clerk)s lập hồ sơ tại quầy thay người nộp.", clerk=by.name)
    dossiers.note(dossier, "walk_in", sentence, by=by, at=at)
    return dossier


def claim(dossier: Dossier, *, by: Actor, at: datetime) -> None:
    """Take a dossier that belongs to no post office yet to this counter."""
    _must_be_open(by)
    must_go_on(dossier)
    if dossier.post_office_id is not None:
        raise Conflict(_("Hồ sơ này vừa được bưu cục khác nhận."))
    dossier.post_office_id = by.place_id
    dossiers.note(
        dossier, "claim", _("Hồ sơ được nhận tại %(place)s.", place=place_of(by)), by=by, at=at
    )
    record("postal:claim", dossier, by=by, dossier_id=dossier.id)


def _must_be_open(by: Actor) -> None:
    """A closed office finishes what it has; nothing new comes there, from the next request on."""
    if by.organisation is not None and not by.organisation.is_active:
        raise StepRefused(_("Bưu cục này đã ngừng hoạt động nên không nhận hồ sơ mới."))


def takes_papers(dossier: Dossier) -> bool:
    """Whether papers may be received at the counter now: not again once the agency has them."""
    if dossier.status is Status.SUPPLEMENT_REQUIRED:
        return True
    by_post = dossier.channel is Channel.POST
    return dossier.status is Status.REGISTERED and by_post and dossier.received_at is None


def receive(dossier: Dossier, *, by: Actor, at: datetime) -> PostalItem:
    """The papers lie on the counter: an envelope with its code is opened for them, once."""
    must_go_on(dossier)
    item = queries.open_item(dossier, Direction.TO_AGENCY, lock=True)
    if item is not None:
        return item
    if not takes_papers(dossier):
        raise StepRefused(
            _("Hồ sơ đang ở trạng thái “%(status)s”, không nhận thêm giấy tờ được.",
              status=dossier.status.label)
        )  # fmt: skip
    item = waybills.new_envelope(dossier, by=by, at=at)
    pickup = queries.pickup_of(dossier)
    if pickup is not None and may_become(pickup.state, PickupState.RECEIVED):
        pickup.state = PickupState.RECEIVED
    holder = (Holder.POST, place_of(by), by.name)
    came = (pickup.code,) if pickup is not None else ()
    custody.give(dossier, item.code, holder, at=at, instead_of=came)
    sentence = _("%(place)s đã nhận giấy tờ tại quầy.", place=place_of(by))
    dossiers.note(dossier, "receive_papers", sentence, by=by, at=at)
    record("postal:receive", item, by=by, dossier_id=dossier.id)
    return item


def save_tally(dossier: Dossier, said: Said, *, by: Actor, at: datetime) -> PostalItem:
    """Write down what the clerk counted, by the papers' names in addresses."""
    item = receive(dossier, by=by, at=at)
    if item.state is not ItemState.AT_COUNTER:
        raise Conflict(_("Phong bì đã niêm phong. Mở niêm phong (có lý do) rồi mới sửa kiểm đếm."))
    before = tally(dossier, item).total
    is_supplement = tally(dossier, item).since is not None
    if is_supplement:
        _enclose(dossier, item, said)
    else:
        for document in dossier.documents:
            paper = said.get(document.public_id)
            if paper is not None:
                document.is_present = paper.is_present
                document.is_shown_only = paper.is_shown_only
                document.kind = paper.kind
                document.pages_declared = paper.pages
    after = tally(dossier, item).total
    custody.count(dossier, item.code, after.pages)
    dossier.touched_at = at
    record("postal:tally", item, by=by, dossier_id=dossier.id, pages=after.pages)
    if (before.papers, before.pages) != (after.papers, after.pages):
        sentence = _(
            "%(place)s kiểm đếm: %(papers)s giấy tờ / %(pages)s trang.",
            place=place_of(by), papers=after.papers, pages=after.pages,
        )  # fmt: skip
        dossiers.note(dossier, "tally", sentence, by=by, at=at)
    return item


def seal(
    dossier: Dossier, seal_number: str, override_reason: str, *, by: Actor, at: datetime
) -> PostalItem:
    """Close the envelope in front of the sender: the list it carries is fixed from now on."""
    must_go_on(dossier)
    item = queries.open_item(dossier, Direction.TO_AGENCY, lock=True)
    if item is None or item.state is not ItemState.AT_COUNTER:
        raise Conflict(_("Phong bì này đã niêm phong hoặc chưa kiểm đếm."))
    if scan_orders.of_dossier(dossier.id):
        raise Invalid("seal", _("Còn lệnh quét chưa xong: hoàn tất hoặc huỷ rồi mới niêm phong."))
    counted = tally(dossier, item)
    if counted.gaps:
        if not rules.only_pages_differ(counted.gaps):
            raise Invalid("seal", _("Chưa niêm phong được: %(why)s", why=counted.gaps[0].sentence))
        if not override_reason.strip():
            raise Invalid("override_reason", mismatch(counted))
    if not seal_number.strip():
        raise Invalid("seal_number", _("Nhập hoặc quét số niêm phong dán trên phong bì."))
    item.papers = counted.snapshot()
    item.pages_declared, item.pages_scanned = counted.total.declared, counted.total.scanned
    item.override_reason = override_reason.strip() if counted.gaps else ""
    item.seal_number = seal_number.strip()
    item.sealed_at, item.sealed_by = at, by.name
    _price(item, dossier, at)
    move(item, ItemVerb.SEAL, by=by, at=at)
    custody.count(dossier, item.code, counted.total.pages)
    dossier.posted_at = dossier.posted_at or at
    _say_sealed(dossier, item, counted, by=by, at=at)
    return item


def unseal(dossier: Dossier, item: PostalItem, reason: str, *, by: Actor, at: datetime) -> None:
    """Open an envelope that has not left the counter; everyone reads why."""
    must_go_on(dossier)
    if not reason.strip():
        raise Invalid("reason", _("Ghi lý do mở niêm phong: người gửi sẽ đọc được."))
    if item.state is not ItemState.SEALED or item.direction is not Direction.TO_AGENCY:
        raise Conflict(_("Phong bì này không còn ở bưu cục trong tình trạng niêm phong."))
    if queries.proposed_line(item) is not None:
        raise Conflict(_("Phong bì đang nằm trong bảng kê chờ ký. Huỷ bảng kê rồi mở niêm phong."))
    move(item, ItemVerb.UNSEAL, by=by, at=at)
    sentence = _("%(place)s mở niêm phong %(code)s.", place=place_of(by), code=item.code)
    event = dossiers.note(dossier, "unseal", sentence, by=by, at=at)
    event.reason = reason.strip()
    record("postal:unseal", item, by=by, dossier_id=dossier.id, reason=reason.strip())


def mismatch(counted: Tally) -> str:
    """Why the envelope stays open, with both numbers."""
    return _(
        "Số trang chưa khớp: %(numbers)s. Quét lại cho đủ, hoặc ghi lý do để niêm phong.",
        numbers=counted.total.sentence,
    )


def _enclose(dossier: Dossier, item: PostalItem, said: Said) -> None:
    """An answer to a supplement request: the list of this envelope, beside what was sent before."""
    item.papers = [
        {"id": d.public_id, "title": d.title, "kind": paper.kind.value, "pages": paper.pages}
        for d in dossier.documents
        if (paper := said.get(d.public_id)) is not None and paper.is_present
    ]
    for document in dossier.documents:
        paper = said.get(document.public_id)
        if paper is not None and paper.is_present:
            document.is_present = True
            document.kind, document.pages_declared = paper.kind, paper.pages


def _price(item: PostalItem, dossier: Dossier, at: datetime) -> None:
    office = db.session.get_one(Organisation, item.post_office_id)
    unit = dossier.receiving_unit
    zone = zone_between(office.province_code, unit.province_code if unit else None)
    price = postage_of(Carriage(zone), at.date())
    item.price_low, item.price_high = price.low, price.high


def _say_sealed(
    dossier: Dossier, item: PostalItem, counted: Tally, *, by: Actor, at: datetime
) -> None:
    sentence = _(
        "%(place)s niêm phong, %(papers)s giấy tờ / %(pages)s trang;"
        " số niêm phong %(seal)s, mã bưu gửi %(code)s.",
        place=place_of(by),
        papers=counted.total.papers,
        pages=counted.total.pages,
        seal=item.seal_number,
        code=item.code,
    )
    event = dossiers.note(dossier, "seal", sentence, by=by, at=at)
    if item.override_reason:
        event.reason = _(
            "Số trang chưa khớp (%(numbers)s): %(reason)s",
            numbers=counted.total.sentence,
            reason=item.override_reason,
        )
    messages.tell(dossier, event)
    record(
        "postal:seal",
        item,
        by=by,
        dossier_id=dossier.id,
        reason=item.override_reason or None,
        pages_declared=item.pages_declared,
        pages_scanned=item.pages_scanned,
    )
