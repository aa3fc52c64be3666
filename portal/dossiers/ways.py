"""The three equal ways to hand in a dossier, each with its price and time, or why it is closed."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.catalogue import queries, wording
from portal.catalogue.models import ProcedureVersion
from portal.catalogue.rules import INTER, INTRA, Carriage, Price


@dataclass(frozen=True)
class Way:
    """One way in; `key` is "online", "pickup" or "counter". `why_not` is empty where it is open."""

    key: str
    title: str
    text: str
    prices: tuple[tuple[str, str], ...]
    time: str
    why_not: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can be chosen."""
        return not self.why_not


def ways_in(version: ProcedureVersion) -> tuple[Way, ...]:
    """All three, in the order pages show them; none is hidden because it is closed."""
    closed = "" if version.post_in else _why_not_by_post(version)
    carriage = _carriage_prices() if not closed else ()
    time = _time_by_post(version) if not closed else ""
    return (
        Way(
            "online",
            _("Gửi trực tuyến"),
            _online_text(version),
            ((_("Cước bưu chính"), _("không mất cước khi gửi")),),
            _time_online(version),
        ),
        Way(
            "pickup",
            _("Bưu tá đến nhà lấy giấy tờ"),
            _("Hẹn ngày, buổi và địa chỉ; bưu tá kiểm đếm giấy tờ cùng Ông/Bà."),
            carriage,
            time,
            closed,
        ),
        Way(
            "counter",
            _("Mang tới bưu cục"),
            _("Giao dịch viên hướng dẫn, kiểm đếm, quét và niêm phong giấy tờ trước mặt Ông/Bà."),
            carriage,
            time,
            closed,
        ),
    )


def postage(*, from_province: str | None, to_province: str | None, ways: int) -> Price:
    """What the post charges for the usual light envelope between two provinces."""
    zone = INTRA if from_province and from_province == to_province else INTER
    return queries.postage_of(Carriage(zone=zone, ways=ways))


def _why_not_by_post(version: ProcedureVersion) -> str:
    return version.post_note or _("Thủ tục này không nhận hồ sơ qua bưu chính.")


def _online_text(version: ProcedureVersion) -> str:
    if version.is_full_online:
        return _("Điền tờ khai, chụp giấy tờ bằng điện thoại và gửi ngay trên cổng.")
    return _(
        "Điền thông tin, chụp giấy tờ và gửi trên cổng; cơ quan có thể mời Ông/Bà đến ký "
        "hoặc xuất trình bản chính."
    )


def _carriage_prices() -> tuple[tuple[str, str], ...]:
    inside = queries.postage_of(Carriage(zone=INTRA))
    between = queries.postage_of(Carriage(zone=INTER))
    return (
        (_("Cước một chiều trong tỉnh, đến 100 g"), wording.price_of(inside)),
        (_("Cước một chiều liên tỉnh, đến 100 g"), wording.price_of(between)),
    )


def _time_online(version: ProcedureVersion) -> str:
    time = wording.time_of(version)
    if not time or wording.is_unsure(version.time_sureness):
        return _("Thời hạn giải quyết: chưa xác minh.")
    return _("Cơ quan giải quyết: %(time)s, tính từ khi tiếp nhận.", time=_lower(time))


def _time_by_post(version: ProcedureVersion) -> str:
    road = wording.road_time(INTRA)
    time = wording.time_of(version)
    if wording.is_unsure(version.time_sureness) or not time:
        time = _("chưa xác minh")
    sentence = _(
        "Trong tỉnh: bưu điện chuyển %(road)s; cơ quan giải quyết: %(time)s, tính từ khi "
        "cơ quan ký nhận hồ sơ; trả kết quả về nhà thêm %(road)s.",
        road=road.text,
        time=_lower(time),
    )
    total = wording.end_to_end(version, INTRA, 2)
    if total is None:
        return sentence
    return sentence + " " + _("Cả đi và về tối đa %(total)s ngày làm việc.", total=total)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
