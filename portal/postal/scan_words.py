"""How a scan order stands, in the clerk's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.access import Actor
from portal.dossiers.models.dossier import Dossier
from portal.postal import scan_orders, stations
from portal.postal.models import ColourMode, OrderState, ScanOrder, Source, Station

SOURCES = {
    Source.FEEDER: _l("Khay nạp giấy"),
    Source.TWO_SIDED: _l("Khay nạp giấy, hai mặt"),
    Source.GLASS: _l("Mặt kính"),
}
MODES = {ColourMode.COLOUR: _l("Màu"), ColourMode.GREY: _l("Đen trắng (xám)")}
REASONS = {
    "next_sheet": _l(
        "Đã quét một tờ trên mặt kính. Đặt tờ tiếp theo rồi quét tiếp, hoặc kết thúc."
    ),
    "jammed": _l("Máy quét bị kẹt giấy. Lấy giấy kẹt ra rồi xếp lại từ tờ chưa quét."),
    "cover_open": _l("Nắp máy quét đang mở. Đóng nắp rồi quét tiếp."),
    "busy": _l("Máy quét đang bận. Đợi máy xong việc khác rồi quét tiếp."),
    "no_documents": _l("Khay nạp không có giấy. Xếp giấy vào khay rồi quét tiếp."),
    "unplugged": _l("Không nối được với máy quét. Kiểm tra dây nối và nguồn điện rồi quét tiếp."),
    "not_allowed": _l("Máy tính ở quầy không được phép dùng máy quét. Báo người quản trị máy."),
    "no_source": _l("Máy quét này không có nguồn giấy đã chọn. Huỷ lệnh rồi chọn nguồn khác."),
    "interrupted": _l(
        "Máy tính ở quầy bị tắt khi đang quét. Xếp lại từ tờ chưa quét rồi quét tiếp."
    ),
    "too_many": _l(
        "Tập giấy dài hơn số trang của một lệnh. Kết thúc lệnh này rồi quét phần còn lại."
    ),
    "page_refused": _l("Một trang không nhận được. Xếp lại từ tờ đó rồi quét tiếp."),
    "revoked": _l("Máy trạm này đã bị thu hồi. Kết thúc với các trang đã nhận, hoặc huỷ lệnh."),
    "not_taken": _l("Chưa đưa được các trang vào hồ sơ."),
}
FAILED = _l(
    "Máy quét báo lỗi. Tắt, bật lại máy quét rồi quét tiếp; nếu vẫn lỗi, báo người quản trị."
)


@dataclass(frozen=True)
class OrderView:
    """One order as its paper shows it."""

    order: ScanOrder
    is_stale: bool
    is_silent: bool

    @property
    def is_live(self) -> bool:
        """Whether it may change without the clerk."""
        return self.order.state in stations.UNDER_WAY and not self.is_stale

    @property
    def waits_for_clerk(self) -> bool:
        """Whether he has to say how it goes on."""
        return self.order.state is OrderState.STOPPED or self.is_stale

    @property
    def may_go_on(self) -> bool:
        """Whether the scanner can be started once more."""
        return self.waits_for_clerk and self.order.reason not in ("revoked", "no_source")

    @property
    def sentence(self) -> str:
        """Why it stands still, and what to do."""
        if self.is_stale:
            return _("Máy trạm không nhận lệnh trong 10 phút nên lệnh tạm dừng.")
        told = str(REASONS.get(self.order.reason, FAILED))
        return f"{told} {self.order.sentence}".strip()


@dataclass(frozen=True)
class Choice:
    """What the clerk may choose, and what he chose last."""

    stations: list[Station]
    station: str
    source: str
    mode: str
    orders: dict[int, OrderView]

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Where paper may come from at any of his stations."""
        known = {source for one in self.stations for source in one.sources}
        return [
            (one.value, str(word)) for one, word in SOURCES.items() if one in known or not known
        ]

    @property
    def modes(self) -> list[tuple[str, str]]:
        """What the scanner may see."""
        return [(one.value, str(word)) for one, word in MODES.items()]


def view(order: ScanOrder, at: datetime) -> OrderView:
    """An order with what the clock says of it."""
    is_silent = stations.is_silent(order.station, at)
    return OrderView(order, scan_orders.is_stale(order, at), is_silent)


def of_tally(dossier: Dossier, *, by: Actor, at: datetime) -> Choice:
    """All that the papers of a dossier need to show of scanning."""
    ready = stations.ready_at(by.place_id)
    orders = scan_orders.of_dossier(dossier.id)
    last = scan_orders.last_of(by.user_id) if ready else None
    return Choice(
        stations=ready,
        station=last.station.public_id if last else "",
        source=(last.source if last else Source.FEEDER).value,
        mode=(last.mode if last else ColourMode.COLOUR).value,
        orders={number: view(order, at) for number, order in orders.items()},
    )
