"""The history as strangers with code and key may read it: what and where, never who."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import DossierEvent


@dataclass(frozen=True)
class PublicLine:
    """One line without names; `to_status` is set where the status changed."""

    at: datetime
    text: str
    place: str
    to_status: Status | None


def lines(events: Sequence[DossierEvent]) -> list[PublicLine]:
    """Rewrites every line from its act alone: the stored sentence may name people.

    Lines whose act has no public wording are left out, so that a new kind of line is private
    until somebody writes its public sentence here.
    """
    texts = _texts()
    return [
        PublicLine(event.at, texts[event.act], _place(event), event.to_status)
        for event in events
        if event.act in texts
    ]


def _place(event: DossierEvent) -> str:
    """Organisations only: a line by the citizen himself has no public place."""
    return event.place if event.organisation_id is not None else ""


def _texts() -> dict[str, str]:
    return {
        "submit": _("Hồ sơ đã được gửi."),
        "pickup_request": _("Đã hẹn bưu tá đến lấy giấy tờ."),
        "pickup_change": _("Đã đổi lịch hẹn lấy giấy tờ."),
        "pickup_cancel": _("Đã huỷ lịch hẹn lấy giấy tờ."),
        "pickup_collected": _("Bưu tá đã lấy giấy tờ."),
        "pickup_missed": _("Bưu tá đến nhưng chưa lấy được giấy tờ."),
        "walk_in": _("Bưu điện lập hồ sơ tại quầy."),
        "receive_papers": _("Bưu điện đã nhận giấy tờ tại quầy."),
        "seal": _("Bưu điện đã niêm phong giấy tờ."),
        "unseal": _("Bưu điện mở niêm phong để kiểm đếm lại."),
        "hand_over": _("Bưu điện đã bàn giao hồ sơ cho cơ quan."),
        "not_taken": _("Cơ quan chưa nhận hồ sơ khi bàn giao."),
        "collect_result": _("Bưu điện đã nhận kết quả từ cơ quan."),
        "out_for_delivery": _("Kết quả đang được mang đi phát."),
        "delivery_failed": _("Chưa phát được kết quả."),
        "sent_back": _("Kết quả được chuyển hoàn cho cơ quan."),
        "papers_turned": _("Bưu điện giữ giấy tờ để trả lại người gửi."),
        "papers_collected": _("Bưu điện đã nhận lại giấy tờ từ cơ quan."),
        "papers_out": _("Giấy tờ đang được mang đi trả."),
        "papers_failed": _("Chưa trả được giấy tờ."),
        "papers_delivered": _("Đã trả lại giấy tờ."),
        "papers_sent_back": _("Giấy tờ được chuyển lại cơ quan."),
        "papers_at_desk": _("Cơ quan đã trả lại giấy tờ."),
        "take_from_post": _("Cơ quan đã ký nhận hồ sơ từ bưu điện."),
        "accept": _("Hồ sơ được tiếp nhận."),
        "refuse": _("Hồ sơ không được tiếp nhận."),
        "forward": _("Hồ sơ được chuyển tới phòng giải quyết."),
        "ask_supplement": _("Cơ quan yêu cầu bổ sung giấy tờ."),
        "supplement": _("Người nộp đã bổ sung."),
        "ask_payment": _("Cơ quan yêu cầu thực hiện nghĩa vụ tài chính."),
        "confirm_payment": _("Đã xác nhận nghĩa vụ tài chính."),
        "withdraw": _("Người nộp đã rút hồ sơ."),
        "stop": _("Cơ quan dừng xử lý hồ sơ."),
        "decide": _("Đã có kết quả giải quyết."),
        "return_outcome": _("Đã trả kết quả."),
    }
