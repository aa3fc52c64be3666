"""The figures of a report: each a word, what it counts, and the condition that counts it.

A number and the list behind it come from the same condition, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, or_

from portal.dossiers.lifecycle import CLOCK_PAUSED, Status
from portal.dossiers.models.dossier import Channel, Dossier
from portal.dossiers.standing import Present, is_due_soon, is_overdue
from portal.reports.periods import Period


@dataclass(frozen=True)
class Scene:
    """What a condition may speak of: the period and the present."""

    period: Period
    at: Present

    def within(self, moment: Any) -> ColumnElement[bool]:
        """Whether a moment lies in the period."""
        return and_(moment >= self.period.start, moment < self.period.end)


Where = Callable[[Scene], ColumnElement[bool]]


@dataclass(frozen=True)
class Figure:
    """One number: `key` stands in addresses, `definition` says what is counted."""

    key: str
    label: LazyString
    definition: LazyString
    where: Where


def _accepted(scene: Scene) -> ColumnElement[bool]:
    return scene.within(Dossier.accepted_at)


def _carried(scene: Scene) -> ColumnElement[bool]:
    start = scene.period.start
    return and_(
        Dossier.accepted_at < start, or_(Dossier.ended_at.is_(None), Dossier.ended_at >= start)
    )


def _done(scene: Scene) -> ColumnElement[bool]:
    return and_(Dossier.accepted_at.is_not(None), scene.within(Dossier.ended_at))


def _pending(scene: Scene) -> ColumnElement[bool]:
    end = scene.period.end
    return and_(Dossier.accepted_at < end, or_(Dossier.ended_at.is_(None), Dossier.ended_at >= end))


def _resolved(scene: Scene) -> ColumnElement[bool]:
    return and_(Dossier.accepted_at.is_not(None), scene.within(Dossier.finished_at))


def _by(channel: Channel) -> Where:
    return lambda scene: and_(_accepted(scene), Dossier.channel == channel)


def _ended_as(status: Status) -> Where:
    return lambda scene: and_(_done(scene), Dossier.status == status)


NOW = (
    Figure(
        "sap-den-han",
        _l("Sắp đến hạn"),
        _l("Đang tính hạn, phải xong trong 2 ngày làm việc tới."),
        lambda scene: is_due_soon(scene.at),
    ),
    Figure(
        "qua-han",
        _l("Quá hạn"),
        _l("Đang tính hạn và đã quá ngày hẹn trả."),
        lambda scene: is_overdue(scene.at),
    ),
    Figure(
        "cho-cong-dan",
        _l("Chờ công dân"),
        _l("Đang chờ bổ sung giấy tờ hoặc nghĩa vụ tài chính; thời hạn tạm dừng."),
        lambda _scene: Dossier.status.in_(CLOCK_PAUSED),
    ),
    Figure(
        "chua-tra",
        _l("Chưa trả kết quả"),
        _l("Đã xử lý xong, kết quả chưa đến tay người nộp."),
        lambda _scene: Dossier.status == Status.RESOLVED,
    ),
)
BALANCE = (
    Figure(
        "ky-truoc",
        _l("Kỳ trước chuyển sang"),
        _l("Tiếp nhận trước kỳ và đến đầu kỳ chưa giải quyết xong."),
        _carried,
    ),
    Figure("tiep-nhan", _l("Tiếp nhận trong kỳ"), _l("Cơ quan tiếp nhận trong kỳ."), _accepted),
    Figure(
        "da-xong",
        _l("Đã giải quyết trong kỳ"),
        _l("Có kết quả, được rút hoặc dừng xử lý trong kỳ."),
        _done,
    ),
    Figure(
        "con-lai",
        _l("Còn lại cuối kỳ"),
        _l("Đã tiếp nhận, đến cuối kỳ chưa giải quyết xong."),
        _pending,
    ),
)
ENDINGS = (
    Figure(
        "dung-han",
        _l("Có kết quả trước hạn và đúng hạn"),
        _l("Có kết quả trong kỳ, không muộn hơn ngày hẹn trả."),
        lambda scene: and_(_resolved(scene), Dossier.finished_at <= Dossier.due_at),
    ),
    Figure(
        "tre-han",
        _l("Có kết quả trễ hạn"),
        _l("Có kết quả trong kỳ, sau ngày hẹn trả."),
        lambda scene: and_(_resolved(scene), Dossier.finished_at > Dossier.due_at),
    ),
    Figure(
        "khong-ro-han",
        _l("Có kết quả, không xác định hạn"),
        _l("Có kết quả trong kỳ; thời hạn của thủ tục chưa được xác minh trong hệ thống."),
        lambda scene: and_(_resolved(scene), Dossier.due_at.is_(None)),
    ),
    Figure("rut", _l("Công dân rút"), _l("Được rút trong kỳ."), _ended_as(Status.WITHDRAWN)),
    Figure(
        "dung-xu-ly",
        _l("Dừng xử lý"),
        _l("Cơ quan dừng xử lý trong kỳ."),
        _ended_as(Status.STOPPED),
    ),
)
CHANNELS = (
    Figure(
        "truc-tiep", _l("Trực tiếp"), _l("Tiếp nhận trong kỳ, nộp trực tiếp."), _by(Channel.DIRECT)
    ),
    Figure(
        "truc-tuyen",
        _l("Trực tuyến"),
        _l("Tiếp nhận trong kỳ, nộp trực tuyến."),
        _by(Channel.ONLINE),
    ),
    Figure(
        "buu-chinh",
        _l("Qua bưu chính"),
        _l("Tiếp nhận trong kỳ, gửi qua bưu chính công ích."),
        _by(Channel.POST),
    ),
)
OPEN = Figure(
    "dang-giai-quyet",
    _l("Đang giải quyết"),
    _l("Hồ sơ chưa kết thúc, theo ngày hẹn trả."),
    lambda _scene: Dossier.status.not_in(
        (Status.REJECTED, Status.WITHDRAWN, Status.STOPPED, Status.RETURNED)
    ),
)
ALL: dict[str, Figure] = {
    figure.key: figure for figure in (*NOW, *BALANCE, *ENDINGS, *CHANNELS, OPEN)
}
