"""The heaps on each office role's desk: which statuses lie under which tab."""

from __future__ import annotations

import enum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.access import Role
from portal.dossiers.lifecycle import Status


class Tab(enum.StrEnum):
    """A heap on the desk; the value stands in the address."""

    TO_ACCEPT = "cho-tiep-nhan"
    TO_FORWARD = "cho-chuyen"
    MINE = "cua-toi"
    IN_WORK = "dang-xu-ly"
    CITIZEN = "cho-cong-dan"
    TO_RETURN = "cho-tra-ket-qua"
    DONE = "da-xong"

    @property
    def label(self) -> LazyString:
        """The words on the tab."""
        return TAB_LABELS[self]

    @property
    def hint(self) -> LazyString | str:
        """What lies here and in which order."""
        return TAB_HINTS[self]


TAB_LABELS = {
    Tab.TO_ACCEPT: _l("Chờ tiếp nhận"),
    Tab.TO_FORWARD: _l("Chờ chuyển xử lý"),
    Tab.MINE: _l("Tôi đang xử lý"),
    Tab.IN_WORK: _l("Phòng đang xử lý"),
    Tab.CITIZEN: _l("Chờ công dân"),
    Tab.TO_RETURN: _l("Chờ trả kết quả"),
    Tab.DONE: _l("Đã xong"),
}
TAB_HINTS = {
    Tab.TO_ACCEPT: _l("Hồ sơ mới gửi, chưa tiếp nhận. Hồ sơ chờ lâu nhất ở trên cùng."),
    Tab.TO_FORWARD: _l("Đã tiếp nhận, chưa chuyển đến phòng giải quyết. Sắp đến hạn ở trên cùng."),
    Tab.MINE: _l("Hồ sơ Ông/Bà đã nhận xử lý. Quá hạn và sắp đến hạn ở trên cùng."),
    Tab.IN_WORK: _l("Hồ sơ đang xử lý tại phòng. Quá hạn và sắp đến hạn ở trên cùng."),
    Tab.CITIZEN: _l("Đang chờ người nộp bổ sung giấy tờ hoặc thực hiện nghĩa vụ tài chính."),
    Tab.TO_RETURN: _l("Đã có kết quả, chưa trả cho người nộp. Mới nhất ở trên cùng."),
    Tab.DONE: _l("Hồ sơ đã kết thúc. Mới nhất ở trên cùng."),
}

_CITIZEN = frozenset({Status.SUPPLEMENT_REQUIRED, Status.PAYMENT_REQUIRED})
_ENDED = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.STOPPED, Status.RETURNED})
_EARLY = frozenset({Status.REGISTERED, Status.ACCEPTED})
_ONESTOP = {
    Tab.TO_ACCEPT: frozenset({Status.REGISTERED}),
    Tab.TO_FORWARD: frozenset({Status.ACCEPTED}),
    Tab.IN_WORK: frozenset({Status.PROCESSING}),
    Tab.CITIZEN: _CITIZEN,
    Tab.TO_RETURN: frozenset({Status.RESOLVED}),
    Tab.DONE: _ENDED,
}
_DEPARTMENT = {
    Tab.IN_WORK: frozenset({Status.PROCESSING}) | _EARLY,
    Tab.CITIZEN: _CITIZEN,
    Tab.DONE: _ENDED | {Status.RESOLVED},
}
DESKS: dict[Role, dict[Tab, frozenset[Status]]] = {
    Role.ONESTOP_OFFICER: _ONESTOP,
    Role.OFFICER: {Tab.MINE: frozenset({Status.PROCESSING})} | _DEPARTMENT,
    Role.RECORDS_CLERK: _DEPARTMENT,
    Role.LEADER: _DEPARTMENT,
}
