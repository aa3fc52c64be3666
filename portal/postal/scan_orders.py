"""What a clerk wants scanned: ordered, fetched by the station, scanned page by page, made a file.

Pages are held until their order is done, because a stack is one paper and not as many as it has
sheets. Whatever stops the scanner on the way, the pages that came are kept and the clerk decides:
go on from the next sheet, be content with these, or drop them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from portal.access import Actor, Role
from portal.accounts.models import Membership
from portal.accounts.sessions import place_of_row
from portal.audit.services import record
from portal.documents import held
from portal.documents.models import Document, HeldPage
from portal.documents.services import attach
from portal.documents.taken import Taken
from portal.dossiers.models.dossier import Dossier
from portal.errors import Conflict, Invalid, NotFound, PortalError
from portal.extensions import db
from portal.postal import stations
from portal.postal.models import ColourMode, OrderState, ScanOrder, Source, Station

OPEN = (*stations.UNDER_WAY, OrderState.STOPPED)
MOST_PAGES = 200
RESOLUTION = 300
# Paper does not lie in a feeder for ever: a scanner that starts an hour later feeds something else.
FRESH = timedelta(minutes=10)
FORGOTTEN = timedelta(days=7)
NEXT_SHEET = "next_sheet"


class OrderClosed(PortalError):
    """The order is over: its station drops what it still has of it."""

    status = 410


@dataclass(frozen=True)
class Wish:
    """What the clerk chose."""

    station: str
    source: Source
    mode: ColourMode


def give(document: Document, wish: Wish, *, by: Actor, at: datetime) -> ScanOrder:
    """Write down what is to be scanned; one at a time for a station and for a paper."""
    station = _free(wish, by=by, at=at)
    if _one(ScanOrder.document_id == document.id) is not None:
        raise Invalid("files", _("Giấy tờ này đang có một lệnh quét chưa xong."))
    order = ScanOrder(
        station=station,
        dossier_id=document.dossier_id,
        document=document,
        user_id=by.user_id,
        membership_id=by.membership_id,
        state=OrderState.WAITING,
        source=wish.source,
        mode=wish.mode,
        created_at=at,
        moved_at=at,
    )
    db.session.add(order)
    db.session.flush()
    _record("scan:order", order, by=by, run=1)
    return order


def _free(wish: Wish, *, by: Actor, at: datetime) -> Station:
    """The station, locked, if it may be given something to do."""
    if wish.station not in {one.public_id for one in stations.ready_at(by.place_id)}:
        raise Invalid("files", _("Máy trạm này không còn dùng được. Tải lại trang rồi chọn lại."))
    station = stations.get(wish.station, for_=by)
    if station.sources and wish.source.value not in station.sources:
        raise Invalid("files", _("Máy quét này không có nguồn giấy đã chọn."))
    other = _one(ScanOrder.station_id == station.id)
    if other is not None and is_stale(other, at) and not other.pages:
        cancel(other, by=by, at=at)
    elif other is not None:
        raise Invalid(
            "files",
            _(
                "Máy trạm “%(station)s” còn lệnh quét chưa xong của hồ sơ %(code)s."
                " Hoàn tất hoặc huỷ lệnh đó trước.",
                station=station.name,
                code=other.dossier.code,
            ),
        )
    return station


def clear_way(station: str, is_left: Callable[[Dossier], bool], *, by: Actor, at: datetime) -> None:
    """Call off what a station still has for a dossier that has left the tally: nobody sees it."""
    other = _one(ScanOrder.station.has(Station.public_id == station))
    if other is not None and is_left(other.dossier):
        cancel(other, by=by, at=at)


def go_on(order: ScanOrder, *, by: Actor, at: datetime) -> None:
    """The rest of the paper lies ready: start the scanner once more, for whoever asks now."""
    if order.state is not OrderState.STOPPED and not is_stale(order, at):
        raise Conflict(_("Lệnh quét này không còn chờ quét tiếp."))
    if order.station.revoked_at is not None:
        raise Conflict(_("Máy trạm này đã bị thu hồi nên không quét tiếp được."))
    order.run += 1
    order.user_id, order.membership_id = by.user_id, by.membership_id
    order.state, order.reason, order.sentence = OrderState.WAITING, "", ""
    order.moved_at = at
    _record("scan:order", order, by=by, run=order.run)


def cancel(order: ScanOrder, *, by: Actor | None, at: datetime) -> None:
    """Nothing of it is wanted any more; twice is once."""
    # A page that is just coming in would be held for ever by an order that is over.
    order = get(order.public_id, lock=True)
    if order.state not in OPEN:
        return
    _record("scan:cancel", order, by=by, pages=order.pages)
    held.drop(order.id, at=at)
    order.state, order.moved_at = OrderState.CANCELLED, at


def is_stale(order: ScanOrder, at: datetime) -> bool:
    """Whether nobody has taken it on while its paper may be believed to lie there."""
    return order.state is OrderState.WAITING and at - order.moved_at > FRESH


def begin(order: ScanOrder, run: int, *, at: datetime) -> int | None:
    """The station takes it on; the number of the first page.

    None for a station that had taken it on long ago and comes back: other paper may lie there.
    """
    _must_be_open(order, run)
    if order.state is OrderState.STOPPED or is_stale(order, at):
        raise Conflict(_("Lệnh quét này đang chờ giao dịch viên."))
    if order.state is OrderState.SCANNING and at - order.moved_at > FRESH:
        stop(order, "interrupted", at=at)
        return None
    order.state = OrderState.SCANNING
    return order.pages + 1


def known_page(order: ScanOrder, number: int, sha256: str) -> HeldPage | None:
    """The page, if it came before; the same number with other bytes is a mistake."""
    page = held.of_order(order.id, number)
    if page is not None and page.sha256 != sha256:
        raise Conflict(_("Trang này đã nhận với nội dung khác."))
    return page


def keep(order: ScanOrder, number: int, taken: Taken, *, at: datetime) -> HeldPage:
    """One more page, the next of the stack."""
    must_take(order)
    if number != order.pages + 1 or number > MOST_PAGES:
        raise Conflict(_("Đang chờ trang %(number)s.", number=order.pages + 1))
    page = held.hold(order.id, order.document, number, taken, at=at)
    order.pages, order.moved_at = number, at
    _record("scan:page", order, by=clerk_of(order), number=number, sha256=taken.sha256)
    return page


def must_take(order: ScanOrder) -> None:
    """Refuse pages of an order that is over or waits for the clerk, before they are looked at."""
    if order.state not in OPEN:
        raise OrderClosed
    if order.state is not OrderState.SCANNING:
        raise Conflict(_("Lệnh quét này đang chờ giao dịch viên."))
    clerk_of(order)


def stop(order: ScanOrder, reason: str, sentence: str = "", *, at: datetime) -> None:
    """The scanner has ended before the stack was whole, or after one sheet: the clerk decides."""
    order.state, order.moved_at = OrderState.STOPPED, at
    order.reason, order.sentence = reason[:40], sentence
    _record("scan:stop", order, by=clerk_of(order), why=reason, pages=order.pages)


def must_have_ended(order: ScanOrder, run: int, pages: int) -> bool:
    """Whether the end of this run is news; raises Conflict where pages are missing."""
    _must_be_open(order, run)
    if order.state is OrderState.STOPPED:
        return False
    if order.state is OrderState.WAITING or pages != order.pages:
        raise Conflict(_("Đã nhận %(pages)s trang.", pages=order.pages))
    return True


def finish(order: ScanOrder, files: Sequence[Taken], *, by: Actor, at: datetime) -> None:
    """The stack becomes files of its paper, as if the clerk had chosen them himself."""
    for taken in files:
        attach(order.document, taken, by=by, at=at)
    held.drop(order.id, at=at)
    order.state, order.reason, order.moved_at = OrderState.DONE, "", at
    _record("scan:finish", order, by=by, pages=order.pages)


def clerk_of(order: ScanOrder) -> Actor:
    """Whose order it is; a role that was taken away since orders nothing."""
    held_role = order.membership
    user, place = held_role.user, held_role.organisation
    is_clerk = held_role.is_active and user.is_active and held_role.role is Role.POSTAL_CLERK
    if not is_clerk or place is None or place.id != order.station.post_office_id:
        raise OrderClosed
    return Actor(
        user_id=user.id,
        public_id=user.public_id,
        name=user.name,
        email=user.email,
        role=held_role.role,
        organisation=place_of_row(place),
        session_id=0,
        membership_id=held_role.id,
    )


def has_clerk(order: ScanOrder) -> bool:
    """Whether somebody stands behind the order who may still give one."""
    try:
        clerk_of(order)
    except OrderClosed:
        return False
    return True


def of_station(station: Station) -> ScanOrder | None:
    """What a station has to do, or the clerk has still to decide about."""
    return _one(ScanOrder.station_id == station.id)


def get(public_id: str, *, lock: bool = False) -> ScanOrder:
    """An order by its name, or NotFound; whose it is, is asked by the caller."""
    query = (
        select(ScanOrder)
        .filter_by(public_id=public_id)
        .options(
            joinedload(ScanOrder.station),
            joinedload(ScanOrder.dossier),
            joinedload(ScanOrder.document),
            joinedload(ScanOrder.membership).options(
                joinedload(Membership.user), joinedload(Membership.organisation)
            ),
        )
    )
    if lock:
        query = query.with_for_update(of=ScanOrder).execution_options(populate_existing=True)
    order = db.session.scalar(query)
    if order is None:
        raise NotFound
    return order


def for_station(public_id: str, station_id: int, *, lock: bool = False) -> ScanOrder:
    """An order of this station, or NotFound – also where it is another's."""
    order = get(public_id, lock=lock)
    if order.station_id != station_id:
        raise NotFound
    return order


def of_dossier(dossier_id: int) -> dict[int, ScanOrder]:
    """The open orders of a dossier, by paper."""
    rows = db.session.scalars(_open().where(ScanOrder.dossier_id == dossier_id))
    return {row.document_id: row for row in rows}


def last_of(user_id: int) -> ScanOrder | None:
    """What a clerk ordered last: he will want it the same way again."""
    query = select(ScanOrder).filter_by(user_id=user_id).order_by(ScanOrder.id.desc()).limit(1)
    return db.session.scalar(query.options(joinedload(ScanOrder.station)))


def sweep(now: datetime) -> int:
    """Call off what nobody has finished for a week; how many."""
    left = list(db.session.scalars(_open().where(ScanOrder.moved_at < now - FORGOTTEN)))
    for order in left:
        cancel(order, by=None, at=now)
    return len(left)


def _one(condition: ColumnElement[bool]) -> ScanOrder | None:
    return db.session.scalar(_open().where(condition))


def _open() -> Any:
    query = select(ScanOrder).where(ScanOrder.state.in_(OPEN)).order_by(ScanOrder.id)
    return query.options(joinedload(ScanOrder.station))


def _must_be_open(order: ScanOrder, run: int) -> None:
    if order.state not in OPEN:
        raise OrderClosed
    clerk_of(order)
    if run != order.run:
        raise Conflict(_("Lệnh quét này đã được bắt đầu lại."))


def _record(act: str, order: ScanOrder, *, by: Actor | None, **detail: Any) -> None:
    """A line names the station and the clerk whose order it is."""
    record(act, order, by=by, dossier_id=order.dossier_id, station=order.station.name, **detail)
