"""Writes down who was shown a dossier: what was loaded for one person and then left as a page.

A query that loads one dossier for somebody notes it; the guard of the doors writes the lines once
the answer is ready and before it leaves. What counts, and how often, is told in
docs/adr/0011-what-opening-a-file-means.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

from flask import g, has_request_context
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal import clock
from portal.access import Actor
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.audit.services import Entry, Named, record_each, told_of
from portal.db import transaction
from portal.documents.openings import GLANCE, glances
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db

OPEN, LISTED = "dossier:open", "dossier:list"
QUARTER = timedelta(minutes=15)
Entries: TypeAlias = dict[tuple[str, str], Entry]  # by act and name
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
    "post.scan_order": _l("Trang kiểm đếm giấy tờ"),
    "post.slip": _l("Trang phong bì đã niêm phong"),
    "post.tally": _l("Trang kiểm đếm giấy tờ"),
    "post.total": _l("Trang kiểm đếm giấy tờ"),
    "post.withdraw": _l("Trang rút hồ sơ"),
}


def begin() -> None:
    """A new request: nothing was loaded or glanced at in it, and no line of it stands yet."""
    g.shown_dossiers = {}
    glances().clear()
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

    Where it is not written each time, and for each file glanced at: one for a person, role and
    quarter of an hour. Of what a page asks for at one moment (thumbnails) one request writes; the
    others wait at the row of the person and see it.
    """
    entries = [
        Entry(act, about, dossier_id, page)
        for dossier_id, (act, about) in sorted(_shown().items())
        if dossier_id not in told_of()
    ]
    certain = [entry for entry in entries if entry.act == OPEN and each_time]
    once = {_key(entry): entry for entry in [*entries, *glances()] if entry not in certain}
    if not certain or not glances():  # of many thumbnails most end here, and wait for nobody
        once = _untold(once, by)
    if not certain and not once:
        return
    with transaction(alone=True) as session:
        if any(entry.act == GLANCE for entry in once.values()):
            himself = select(User.id).filter_by(id=by.user_id).with_for_update(key_share=True)
            session.execute(himself)
            once = _untold(once, by)
        if certain or once:
            record_each([*certain, *once.values()], by=by)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.act, entry.about.public_id


def _untold(once: Entries, by: Actor) -> Entries:
    """Those of which no line of this quarter of an hour tells yet."""
    if not once:
        return {}
    now = clock.now()
    since = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    told = db.session.execute(
        select(AuditEvent.act, AuditEvent.subject_id).where(
            AuditEvent.dossier_id.in_({entry.dossier_id for entry in once.values()}),
            AuditEvent.act.in_({act for act, _name in once}),
            AuditEvent.actor_id == by.user_id,
            AuditEvent.role == by.role.value,
            AuditEvent.subject_id.in_({name for _act, name in once}),
            AuditEvent.at >= since,
            AuditEvent.at < since + QUARTER,
        )
    )
    rest = dict(once)
    for act, name in told:
        rest.pop((act, name), None)
    return rest


def _shown() -> dict[int, tuple[str, Named]]:
    """By the number of the dossier: which act its line will be, and its name."""
    shown = g.setdefault("shown_dossiers", {})
    assert isinstance(shown, dict)
    return shown


def words_for(page: str) -> str:
    """Which page it was, in the owner's words; the form on a page counts as the page."""
    return str(PAGES.get(page.removesuffix("_post"), ""))
