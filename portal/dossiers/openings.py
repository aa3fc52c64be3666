"""Writes down who was shown a dossier: what was loaded for one person and then left as a page.

A query that loads one dossier for somebody notes it; the guard of the doors writes the lines once
the answer is ready and before it leaves. What counts, and how often, is told in
docs/adr/0011-what-opening-a-file-means.md.
"""

from __future__ import annotations

from flask import g, has_request_context
from flask_babel import lazy_gettext as _l

from portal import clock
from portal.access import Actor
from portal.audit.services import Named, record_each, told_of
from portal.db import transaction
from portal.documents.openings import untold
from portal.dossiers.models.dossier import Dossier

OPEN, LISTED = "dossier:open", "dossier:list"
# What a line was about, as the owner reads it. His own pages need no words: he knows them.
PAGES = {
    "leader.decide": _l("Trang ký quyết định"),
    "leader.dossier": _l("Trang hồ sơ"),
    "leader.search": _l("Kết quả tìm theo số của một người"),
    "leader.search_post": _l("Kết quả tìm theo số của một người"),
    "leader.stop": _l("Trang dừng xử lý"),
    "office.accept": _l("Trang tiếp nhận"),
    "office.ask_payment": _l("Trang yêu cầu nghĩa vụ tài chính"),
    "office.ask_supplement": _l("Trang yêu cầu bổ sung"),
    "office.confirm_payment": _l("Trang xác nhận đã nộp"),
    "office.decide": _l("Trang giải quyết"),
    "office.dossier": _l("Trang hồ sơ"),
    "office.forward": _l("Trang chuyển xử lý"),
    "office.give_papers": _l("Trang trả giấy tờ tại cơ quan"),
    "office.handover": _l("Bảng kê bàn giao"),
    "office.refuse": _l("Trang từ chối tiếp nhận"),
    "office.return_outcome": _l("Trang trả kết quả"),
    "office.search": _l("Kết quả tìm theo số của một người"),
    "office.search_post": _l("Kết quả tìm theo số của một người"),
    "office.stop": _l("Trang dừng xử lý"),
    "office.withdraw": _l("Trang rút hồ sơ"),
    "post.collect": _l("Trang nhận kết quả tại cơ quan"),
    "post.delivery": _l("Trang phát đến tay người nhận"),
    "post.dossier": _l("Trang hồ sơ tại bưu cục"),
    "post.failure": _l("Trang ghi lần phát không thành"),
    "post.handover": _l("Bảng kê bàn giao"),
    "post.item": _l("Trang bưu gửi"),
    "post.open": _l("Kết quả tìm theo số của một người"),
    "post.papers": _l("Trang trả giấy tờ"),
    "post.phone": _l("Tuyến thu gom và phát trong ngày: tên, địa chỉ"),
    "post.pickup_missed": _l("Trang ghi lần chưa thu gom được"),
    "post.round": _l("Tuyến thu gom và phát trong ngày: tên, địa chỉ"),
    "post.slip": _l("Trang phong bì đã niêm phong"),
    "post.tally": _l("Trang kiểm đếm giấy tờ"),
    "post.total": _l("Trang kiểm đếm giấy tờ"),
    "post.withdraw": _l("Trang rút hồ sơ"),
}


def begin() -> None:
    """A new request: nothing was loaded in it, and no line of it stands yet."""
    g.shown_dossiers = {}
    told_of().clear()


def note(*dossiers: Dossier, is_row: bool = False) -> None:
    """Remember that these were loaded to be shown to one person, whole or as rows of a list."""
    if not has_request_context():
        return
    shown = _shown()
    for dossier in dossiers:
        if not is_row or dossier.id not in shown:
            shown[dossier.id] = (LISTED if is_row else OPEN, Named.of(dossier))


def write_down(page: str, *, by: Actor, each_time: bool) -> None:
    """A line for each dossier on the page, unless this request has left one of its own for it.

    Where it is not written each time: one for a person, role and quarter of an hour. Two asked for
    at the very same moment may both write; a line too many of what was seen twice is no lie.
    """
    lines: dict[str, list[tuple[Named, int]]] = {OPEN: [], LISTED: []}
    for dossier_id in sorted(_shown().keys() - told_of()):
        act, about = _shown()[dossier_id]
        lines[act].append((about, dossier_id))
    for act, rows in lines.items():
        if act == LISTED or not each_time:
            named = {about.public_id: (about, dossier_id) for about, dossier_id in rows}
            new = untold(act, named, by, clock.now())
            lines[act] = [row for name, row in named.items() if name in new]
    if not any(lines.values()):
        return
    with transaction(alone=True):
        for act, rows in lines.items():
            if rows:
                record_each(act, rows, by=by, page=page)


def _shown() -> dict[int, tuple[str, Named]]:
    """By the number of the dossier: which act its line will be, and its name."""
    shown = g.setdefault("shown_dossiers", {})
    assert isinstance(shown, dict)
    return shown


def words_for(page: str) -> str:
    """Which page it was, in the owner's words; the form on a page counts as the page."""
    return str(PAGES.get(page.removesuffix("_post"), ""))
