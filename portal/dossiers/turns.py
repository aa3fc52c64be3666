"""Whose turn it is, and what comes next: the first thing a citizen wants to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from portal.dossiers.lifecycle import CLOSED, ENDED_EARLY, FINAL, Status
from portal.dossiers.models.custody import CustodyLine, Holder
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode


@dataclass(frozen=True)
class Turn:
    """Who must do something now ("citizen", "post", "agency", "nobody") and what."""

    who: str
    title: str
    text: str

    @property
    def is_mine(self) -> bool:
        """Whether the citizen himself is awaited."""
        return self.who == "citizen"


def turn_of(dossier: Dossier, lines: Sequence[CustodyLine] = ()) -> Turn:
    """Whose turn it is; says nothing that anyone with the look-up key may not read.

    With `lines`, who holds papers, also how they come home once the dossier is closed.
    """
    turn = _turn(dossier)
    ways = papers_home(dossier, lines)
    return replace(turn, text=" ".join([turn.text, *ways])) if ways else turn


def papers_home(dossier: Dossier, lines: Sequence[CustodyLine]) -> list[str]:
    """A sentence for each side that still holds papers of a closed dossier, and what to do."""
    if dossier.status not in CLOSED:
        return []
    held = [line for line in lines if line.until is None]
    ways = {_at_post(line) for line in held if line.holder is Holder.POST}
    if dossier.status in ENDED_EARLY:
        ways |= {_at_agency(dossier, line) for line in held if line.holder is Holder.AGENCY}
        if held and all(line.holder is Holder.APPLICANT for line in held):
            ways.add(_("Giấy tờ đã nộp đã được trả lại."))
    return sorted(ways)


def _at_post(line: CustodyLine) -> str:
    return _(
        "Giấy tờ đang ở %(place)s: mang thẻ căn cước tới đó để nhận lại, hoặc chờ bưu tá mang"
        " tới địa chỉ đã đăng ký.",
        place=line.place,
    )


def _at_agency(dossier: Dossier, line: CustodyLine) -> str:
    if dossier.return_mode is ReturnMode.POST:
        return _(
            "Giấy tờ đang ở %(place)s: bưu điện nhận lại và mang tới địa chỉ đã đăng ký.",
            place=line.place,
        )
    return _("Giấy tờ đang ở %(place)s: mang thẻ căn cước tới đó để nhận lại.", place=line.place)


def _turn(dossier: Dossier) -> Turn:
    if dossier.status in FINAL:
        return _over(dossier)
    if dossier.status is Status.REGISTERED:
        return _registered(dossier)
    if dossier.status is Status.RESOLVED:
        return _resolved(dossier)
    return _in_work(dossier)


def _over(dossier: Dossier) -> Turn:
    texts = {
        Status.RETURNED: (_("Hồ sơ đã hoàn tất"), _("Kết quả đã được trả.")),
        Status.REJECTED: (
            _("Hồ sơ không được tiếp nhận"),
            _("Lý do ghi trong phần diễn biến. Ông/Bà có thể chuẩn bị lại và gửi hồ sơ mới."),
        ),
        Status.WITHDRAWN: (_("Hồ sơ đã được rút"), _("Theo yêu cầu của người nộp.")),
        Status.STOPPED: (
            _("Hồ sơ đã dừng xử lý"),
            _("Lý do ghi trong phần diễn biến."),
        ),
    }
    title, text = texts[dossier.status]
    return Turn("nobody", title, text)


def _registered(dossier: Dossier) -> Turn:
    if dossier.channel is Channel.POST and dossier.received_at is None:
        return Turn(
            "post",
            _("Đến lượt bưu điện"),
            _("Bưu điện nhận giấy tờ, niêm phong và chuyển tới cơ quan tiếp nhận."),
        )
    return Turn(
        "agency",
        _("Đến lượt bộ phận một cửa"),
        _("Công chức kiểm tra hồ sơ; nếu đủ sẽ cấp giấy tiếp nhận và hẹn trả kết quả."),
    )


def _resolved(dossier: Dossier) -> Turn:
    if dossier.return_mode is ReturnMode.POST:
        return Turn(
            "post",
            _("Đã có kết quả, đến lượt bưu điện"),
            _("Bưu điện nhận kết quả từ cơ quan và mang tới địa chỉ đã đăng ký."),
        )
    if dossier.return_mode is ReturnMode.ONLINE:
        return Turn(
            "citizen",
            _("Đã có kết quả"),
            _("Đăng nhập và mở trang hồ sơ để xem và tải kết quả."),
        )
    return Turn(
        "citizen",
        _("Đã có kết quả, mời Ông/Bà đến nhận"),
        _("Mang theo thẻ căn cước tới bộ phận một cửa đã tiếp nhận hồ sơ."),
    )


def _in_work(dossier: Dossier) -> Turn:
    texts = {
        Status.DRAFT: (
            "citizen",
            _("Bản nháp, chưa gửi"),
            _("Ông/Bà điền tiếp rồi gửi khi đã đủ."),
        ),
        Status.ACCEPTED: (
            "agency",
            _("Đến lượt bộ phận một cửa"),
            _("Hồ sơ đã được tiếp nhận và đang chuyển tới phòng giải quyết."),
        ),
        Status.PROCESSING: (
            "agency",
            _("Đến lượt cơ quan giải quyết"),
            _("Cán bộ đang xem xét hồ sơ. Ông/Bà chưa cần làm gì."),
        ),
        Status.SUPPLEMENT_REQUIRED: (
            "citizen",
            _("Đến lượt Ông/Bà: bổ sung hồ sơ"),
            _("Cơ quan cần thêm giấy tờ. Thời hạn giải quyết tạm dừng cho tới khi nhận đủ."),
        ),
        Status.PAYMENT_REQUIRED: (
            "citizen",
            _("Đến lượt Ông/Bà: thực hiện nghĩa vụ tài chính"),
            _("Nộp theo thông báo của cơ quan. Thời hạn giải quyết tạm dừng cho tới khi xác nhận."),
        ),
    }
    return Turn(*texts[dossier.status])
