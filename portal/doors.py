"""Every address of the portal and who may enter: a route without a row here does not exist."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _l

from portal import continuing, patterns
from portal.access import OFFICE, POST, SIGNED_IN, Actor, Role, current_actor
from portal.accounts.models import ParkedForm
from portal.accounts.views import admin
from portal.accounts.views import public as accounts
from portal.audit.views import admin as admin_audit
from portal.catalogue.views import public as catalogue
from portal.directory.views import admin as admin_places
from portal.directory.views import public as directory
from portal.documents import store
from portal.doorman import Row, ask, do, hang_one, poll, see
from portal.doors_post import CLERKS, HANDOVER, POST_DESK, STATIONS
from portal.dossiers.views import citizen, files, officer, papers, sealed, steps
from portal.dossiers.views import citizen_discarding as discarding
from portal.dossiers.views import citizen_filing as filing
from portal.dossiers.views import citizen_leaving as leaving
from portal.dossiers.views import citizen_papers as filing_papers
from portal.dossiers.views import citizen_supplement as supplement
from portal.dossiers.views import public as dossiers
from portal.dossiers.views.step_page import Step
from portal.health import views as health
from portal.jobs.views import admin as admin_jobs
from portal.postal.views import citizen as pickup
from portal.postal.views import papers as postal_papers
from portal.reports.views import leader as reports


def step(name: str, path: str, page: Step, who: frozenset[Role]) -> tuple[Row, Row]:
    """The rows of a step: its page, and the form on it."""
    return see(name, path, page.show, who), do(f"{name}_post", path, page.send, who)


PUBLIC = (
    see("home", "/", catalogue.home),
    see("health.alive", "/healthz", health.alive),
    see("health.ready", "/readyz", health.ready),
    see("health.metrics", "/metrics", health.metrics),
    ask("display.set", "/hien-thi", accounts.set_display),
    see("accounts.sign_in", "/dang-nhap", accounts.sign_in),
    ask("accounts.sign_in_post", "/dang-nhap", accounts.sign_in_post),
    see("accounts.second_factor", "/dang-nhap/ma-xac-thuc", accounts.second_factor),
    ask("accounts.second_factor_post", "/dang-nhap/ma-xac-thuc", accounts.second_factor_post),
    ask("accounts.sign_out", "/dang-xuat", accounts.sign_out),
    see("accounts.left", "/da-xoa-du-lieu", accounts.left),
    Row("accounts.lock", "/khoa", accounts.lock, SIGNED_IN, "POST", while_locked=True),
    Row("accounts.unlock", "/mo-khoa", accounts.unlock, SIGNED_IN, "POST", while_locked=True),
    see("accounts.roles", "/vai-tro", accounts.roles, SIGNED_IN),
    see("accounts.go_on", "/gui-tiep/<public_id>", continuing.go_on, SIGNED_IN),
    do("accounts.throw_away", "/gui-tiep/<public_id>/bo", continuing.throw_away, SIGNED_IN),
    ask("accounts.take_role", "/vai-tro", accounts.take_role, SIGNED_IN),
    see("catalogue.index", "/thu-tuc", catalogue.index),
    see("catalogue.show", "/thu-tuc/<code>", dossiers.show),
    see("catalogue.post_offices", "/buu-cuc", catalogue.post_offices),
    see("dossiers.look_up", "/tra-cuu", dossiers.look_up),
    ask("dossiers.look_up_post", "/tra-cuu", dossiers.look_up_post),
    see("dossiers.verify", "/xac-thuc", dossiers.verify),
    see("directory.communes", "/xa-phuong", directory.communes),
)

APPLICANT = frozenset({Role.CITIZEN})
_DRAFT = "/cua-toi/ban-nhap/<public_id>"
_PAPER = f"{_DRAFT}/giay-to/<document_id>"
_MINE = "/cua-toi/ho-so/<public_id>"
_PICKUP = "/cua-toi/thu-gom/<public_id>"

CITIZEN: tuple[Row, ...] = (
    see("citizen.index", "/cua-toi", citizen.index, APPLICANT),
    see("citizen.leave", "/cua-toi/xoa-du-lieu", leaving.ask, APPLICANT),
    do("citizen.leave_post", "/cua-toi/xoa-du-lieu", leaving.leave, APPLICANT),
    see("citizen.begin", "/cua-toi/nop/<code>", filing.begin, APPLICANT),
    do("citizen.start", "/cua-toi/nop/<code>", filing.start, APPLICANT),
    see("citizen.draft", _DRAFT, filing.draft, APPLICANT),
    see("citizen.page", f"{_DRAFT}/khai/<page_id>", filing.page, APPLICANT),
    do("citizen.save_page", f"{_DRAFT}/khai/<page_id>", filing.save_page, APPLICANT),
    see("citizen.paper", _PAPER, filing_papers.paper, APPLICANT),
    do("citizen.add_files", _PAPER, filing_papers.add_files, APPLICANT),
    do("citizen.remove_file", f"{_PAPER}/bo/<file_id>", filing_papers.remove_file, APPLICANT),
    see("citizen.check", f"{_DRAFT}/kiem-tra", filing.check, APPLICANT),
    do("citizen.send", f"{_DRAFT}/gui", filing.send, APPLICANT),
    see("citizen.discard", f"{_DRAFT}/xoa", discarding.ask, APPLICANT),
    do("citizen.discard_post", f"{_DRAFT}/xoa", discarding.discard, APPLICANT),
    see("citizen.dossier", _MINE, citizen.show, APPLICANT),
    see("citizen.looks", f"{_MINE}/ai-da-xem", citizen.looks, APPLICANT),
    see("citizen.sent", f"{_MINE}/da-gui", citizen.sent, APPLICANT),
    see("citizen.withdraw", f"{_MINE}/rut", citizen.ask_withdraw, APPLICANT),
    do("citizen.withdraw_post", f"{_MINE}/rut", citizen.withdraw, APPLICANT),
    see("citizen.supplement", f"{_MINE}/bo-sung", supplement.show, APPLICANT),
    do("citizen.supplement_post", f"{_MINE}/bo-sung", supplement.answer, APPLICANT),
    see("citizen.pickup_begin", "/cua-toi/hen-buu-ta/<code>", pickup.begin, APPLICANT),
    do("citizen.pickup_start", "/cua-toi/hen-buu-ta/<code>", pickup.start, APPLICANT),
    see("citizen.pickup", _PICKUP, pickup.show, APPLICANT),
    see("citizen.pickup_next", f"{_PICKUP}/tiep", pickup.next_page, APPLICANT),
    see("citizen.pickup_page", f"{_PICKUP}/khai/<page_id>", pickup.page, APPLICANT),
    do("citizen.save_pickup_page", f"{_PICKUP}/khai/<page_id>", pickup.save_page, APPLICANT),
    see("citizen.pickup_check", f"{_PICKUP}/kiem-tra", pickup.check, APPLICANT),
    do("citizen.pickup_send", f"{_PICKUP}/gui", pickup.send, APPLICANT),
    see("citizen.pickup_sent", f"{_PICKUP}/da-gui", pickup.sent, APPLICANT),
    do("citizen.pickup_change", f"{_PICKUP}/doi-lich", pickup.reschedule, APPLICANT),
    do("citizen.pickup_cancel", f"{_PICKUP}/huy", pickup.cancel, APPLICANT),
)

_DESK = frozenset({Role.ONESTOP_OFFICER, Role.OFFICER, Role.RECORDS_CLERK})
_ONESTOP = frozenset({Role.ONESTOP_OFFICER})
_OFFICER = frozenset({Role.OFFICER})
_RECORDS = frozenset({Role.RECORDS_CLERK})
_BOTH = _ONESTOP | _OFFICER
_AT = "/can-bo/ho-so/<public_id>"

OFFICE_DESK: tuple[Row, ...] = (
    see("office.inbox", "/can-bo", officer.index, _DESK),
    see("office.search", "/can-bo/tim", officer.search, _DESK),
    ask("office.search_post", "/can-bo/tim", officer.search_typed, _DESK),
    see("office.dossier", _AT, officer.show, _DESK),
    see("office.sealed", "/can-bo/niem-phong", sealed.ask, _RECORDS),
    ask("office.sealed_post", "/can-bo/niem-phong", sealed.open_one, _RECORDS),
    ask("office.sealed_file", "/can-bo/niem-phong/tep", sealed.open_file, _RECORDS),
    do("office.claim", f"{_AT}/nhan-xu-ly", officer.claim, _OFFICER),
    do("office.release", f"{_AT}/tra-lai-phong", officer.release, _OFFICER),
    *step("office.accept", f"{_AT}/tiep-nhan", steps.accept, _ONESTOP),
    *step("office.refuse", f"{_AT}/tu-choi", steps.refuse, _ONESTOP),
    *step("office.forward", f"{_AT}/chuyen", steps.forward, _ONESTOP),
    *step("office.ask_supplement", f"{_AT}/yeu-cau-bo-sung", steps.ask_supplement, _BOTH),
    *step("office.ask_payment", f"{_AT}/yeu-cau-nop", steps.ask_payment, _OFFICER),
    *step("office.confirm_payment", f"{_AT}/xac-nhan-nop", steps.confirm_payment, _OFFICER),
    *step("office.withdraw", f"{_AT}/rut", steps.withdraw, _ONESTOP),
    *step("office.stop", f"{_AT}/dung-xu-ly", steps.stop, _OFFICER),
    *step("office.decide", f"{_AT}/quyet-dinh", steps.decide, _OFFICER),
    *step("office.return_outcome", f"{_AT}/tra-ket-qua", steps.return_outcome, _ONESTOP),
)

_LEADER = frozenset({Role.LEADER})
_REPORTS = frozenset({Role.LEADER, Role.CONTROL})
_OF_LEADER = "/lanh-dao/ho-so/<public_id>"

LEADER_DESK: tuple[Row, ...] = (
    see("leader.overview", "/lanh-dao", reports.overview, _REPORTS),
    see("leader.list", "/lanh-dao/danh-sach", reports.index, _REPORTS),
    see("leader.search", "/lanh-dao/tim", officer.search, _LEADER),
    ask("leader.search_post", "/lanh-dao/tim", officer.search_typed, _LEADER),
    see("leader.dossier", _OF_LEADER, officer.show, _LEADER),
    *step("leader.stop", f"{_OF_LEADER}/dung-xu-ly", steps.stop, _LEADER),
    *step("leader.decide", f"{_OF_LEADER}/quyet-dinh", steps.decide, _LEADER),
)

_ADMIN = frozenset({Role.ADMIN})
_LOG = frozenset({Role.ADMIN, Role.AUDITOR})
_USER = "/quan-tri/nguoi-dung/<public_id>"
_PLACE = "/quan-tri/to-chuc/<public_id>"

ADMIN_DESK: tuple[Row, ...] = (
    see("admin.overview", "/quan-tri", admin.overview, _LOG),
    see("admin.users", "/quan-tri/nguoi-dung", admin.index, _ADMIN),
    see("admin.new_user", "/quan-tri/nguoi-dung/tao-moi", admin.new, _ADMIN),
    do("admin.create_user", "/quan-tri/nguoi-dung/tao-moi", admin.create, _ADMIN),
    see("admin.user", _USER, admin.show, _ADMIN),
    do("admin.give_role", f"{_USER}/giao-vai-tro", admin.give_role, _ADMIN),
    do("admin.lose_role", f"{_USER}/thu-hoi/<int:number>", admin.lose_role, _ADMIN),
    do("admin.disable_user", f"{_USER}/ngung", admin.disable, _ADMIN),
    do("admin.enable_user", f"{_USER}/mo-lai", admin.enable, _ADMIN),
    do("admin.set_password", f"{_USER}/mat-khau", admin.set_password, _ADMIN),
    do("admin.forget_second_factor", f"{_USER}/ma", admin.forget_second_factor, _ADMIN),
    see("admin.organisations", "/quan-tri/to-chuc", admin_places.index, _ADMIN),
    see("admin.organisation", _PLACE, admin_places.show, _ADMIN),
    do("admin.edit_organisation", f"{_PLACE}/lien-he", admin_places.edit, _ADMIN),
    do("admin.close_organisation", f"{_PLACE}/ngung", admin_places.close, _ADMIN),
    do("admin.reopen_organisation", f"{_PLACE}/mo-lai", admin_places.reopen, _ADMIN),
    see("admin.jobs", "/quan-tri/viec-nen", admin_jobs.index, _ADMIN),
    do("admin.try_again", "/quan-tri/viec-nen/<public_id>", admin_jobs.try_again, _ADMIN),
    do("admin.send_again", "/quan-tri/thong-bao/<public_id>", admin_jobs.send_again, _ADMIN),
    see("admin.audit", "/quan-tri/nhat-ky", admin_audit.index, _LOG),
    see("admin.patterns", "/quan-tri/patterns", patterns.show, _ADMIN),
)

# What was handed in; inside, the scope of the dossier decides for each file.
FILES = (
    poll("files.file_state", "/giay-to/tep/<file_id>", files.file_state, SIGNED_IN),
    see("files.original", "/giay-to/tep/<file_id>/goc", files.original, SIGNED_IN),
    see("files.searchable", "/giay-to/tep/<file_id>/ban-doc.pdf", files.searchable, SIGNED_IN),
    see("files.page_image", "/giay-to/trang/<page_id>", files.page_image, SIGNED_IN),
    see("files.page_thumb", "/giay-to/trang/<page_id>/nho", files.page_thumb, SIGNED_IN),
    see("files.words", "/giay-to/trang/<page_id>/chu", files.words, SIGNED_IN),
)

_ITEM = "/buu-dien/buu-gui/<public_id>"

# Papers are opened by those whose scope holds the dossier; every printing is written down.
PAPERS = (
    see("citizen.acknowledgement", f"{_MINE}/giay-xac-nhan.pdf", papers.acknowledgement, APPLICANT),
    see("citizen.receipt", f"{_MINE}/mau-01.pdf", papers.receipt, APPLICANT),
    see(
        "citizen.supplement_request",
        f"{_MINE}/mau-02-<int:number>.pdf",
        papers.supplement_request,
        APPLICANT,
    ),
    see("citizen.refusal", f"{_MINE}/mau-03.pdf", papers.refusal, APPLICANT),
    see("citizen.stop_notice", f"{_MINE}/mau-05.pdf", papers.stop_notice, APPLICANT),
    see("citizen.return_slip", f"{_MINE}/phieu-hoan-tra.pdf", papers.return_slip, APPLICANT),
    see(
        "post.acknowledgement",
        "/buu-dien/ho-so/<public_id>/giay-xac-nhan.pdf",
        papers.acknowledgement,
        frozenset({Role.POSTAL_CLERK}),
    ),
    see(
        "post.return_slip",
        "/buu-dien/ho-so/<public_id>/phieu-hoan-tra.pdf",
        papers.return_slip,
        CLERKS,
    ),
    see("post.posting_slip", f"{_ITEM}/phieu-gui.pdf", postal_papers.posting_slip, CLERKS),
    see(
        "post.separators",
        "/buu-dien/ho-so/<public_id>/to-phan-cach.pdf",
        postal_papers.separators,
        frozenset({Role.POSTAL_CLERK}),
    ),
    see(
        "post.plain_separator",
        "/buu-dien/to-phan-cach.pdf",
        postal_papers.plain_separator,
        CLERKS,
    ),
    see("post.delivery_slip", f"{_ITEM}/phieu-phat.pdf", postal_papers.delivery_slip, POST),
    see(
        "post.handover_record",
        "/buu-dien/ban-giao/<public_id>/bien-ban.pdf",
        postal_papers.handover_record,
        CLERKS,
    ),
    see(
        "office.handover_record",
        "/can-bo/ban-giao/<public_id>/bien-ban.pdf",
        postal_papers.handover_record,
        _ONESTOP,
    ),
    see("office.receipt", f"{_AT}/mau-01.pdf", papers.receipt, OFFICE),
    see(
        "office.supplement_request",
        f"{_AT}/mau-02-<int:number>.pdf",
        papers.supplement_request,
        OFFICE,
    ),
    see("office.refusal", f"{_AT}/mau-03.pdf", papers.refusal, OFFICE),
    see("office.stop_notice", f"{_AT}/mau-05.pdf", papers.stop_notice, OFFICE),
    see("office.return_slip", f"{_AT}/phieu-hoan-tra.pdf", papers.return_slip, OFFICE),
    see("office.control_sheet", f"{_AT}/mau-06.pdf", papers.control_sheet, OFFICE),
)

ROWS: tuple[Row, ...] = (
    PAPERS
    + PUBLIC
    + CITIZEN
    + POST_DESK
    + HANDOVER
    + OFFICE_DESK
    + LEADER_DESK
    + ADMIN_DESK
    + FILES
    + STATIONS
)

# Where a role begins its work, and the links of its desk.
HOME: dict[Role, str] = {
    Role.CITIZEN: "citizen.index",
    Role.POSTAL_CLERK: "post.desk",
    Role.COURIER: "post.round",
    Role.POSTAL_SUPERVISOR: "post.oversight",
    Role.ONESTOP_OFFICER: "office.inbox",
    Role.OFFICER: "office.inbox",
    Role.RECORDS_CLERK: "office.inbox",
    Role.LEADER: "leader.overview",
    Role.CONTROL: "leader.overview",
    Role.AUDITOR: "admin.audit",
    Role.ADMIN: "admin.overview",
}

_OFFICE_NAV = (("office.inbox", _l("Hồ sơ")), ("office.search", _l("Tìm kiếm")))

NAV: dict[Role, tuple[tuple[str, Any], ...]] = {
    Role.CITIZEN: (("citizen.index", _l("Hồ sơ của tôi")),),
    Role.POSTAL_CLERK: (
        ("post.desk", _l("Quầy")),
        ("post.walk_in", _l("Lập hồ sơ")),
        ("post.handovers", _l("Bàn giao")),
    ),
    Role.COURIER: (("post.round", _l("Tuyến hôm nay")),),
    Role.POSTAL_SUPERVISOR: (
        ("post.oversight", _l("Giám sát")),
        ("post.stations", _l("Máy quét")),
    ),
    Role.ONESTOP_OFFICER: (*_OFFICE_NAV, ("office.handovers", _l("Nhận bàn giao"))),
    Role.OFFICER: _OFFICE_NAV,
    Role.RECORDS_CLERK: (*_OFFICE_NAV, ("office.sealed", _l("Hồ sơ niêm phong"))),
    Role.LEADER: (
        ("leader.overview", _l("Tổng quan")),
        ("leader.list", _l("Danh sách hồ sơ")),
        ("leader.search", _l("Tìm kiếm")),
    ),
    Role.CONTROL: (
        ("leader.overview", _l("Tổng quan")),
        ("leader.list", _l("Danh sách hồ sơ")),
    ),
    Role.AUDITOR: (("admin.audit", _l("Nhật ký")),),
    Role.ADMIN: (
        ("admin.overview", _l("Tổng quan")),
        ("admin.users", _l("Người dùng")),
        ("admin.organisations", _l("Tổ chức")),
        ("admin.jobs", _l("Việc nền")),
        ("admin.audit", _l("Nhật ký")),
    ),
}

PATHS_TO_READ = frozenset(row.path for row in ROWS if row.method == "GET")
NAMES = frozenset(row.name for row in ROWS)

# What everybody may look for, signed in or not (surface.md names the addresses).
PUBLIC_NAV: tuple[tuple[str, Any], ...] = (
    ("/thu-tuc", _l("Thủ tục")),
    ("/tra-cuu", _l("Tra cứu")),
    ("/buu-cuc", _l("Bưu cục")),
)


def hang(app: Flask) -> None:
    """Hang every door of the table into the application."""
    for row in ROWS:
        hang_one(app, row)
    accounts.HOME.update({role: name for role, name in HOME.items() if name in NAMES})
    health.CHECKS["objects"] = store.ready


def waiting_here() -> list[tuple[str, ParkedForm]]:
    """What a person has not sent yet, on the page where this role begins its work."""
    actor = current_actor()
    if (
        actor is None
        or actor.locked
        or g.get("is_outage")
        or request.endpoint != HOME.get(actor.role)
    ):
        return []
    return continuing.waiting_here()


def nav_of(actor: Actor | None) -> list[dict[str, Any]]:
    """The links of the present actor's desk; visitors and citizens also get what is public."""
    links = NAV.get(actor.role, ()) if actor else ()
    own = [
        {"href": url_for(name), "text": text, "current": request.endpoint == name}
        for name, text in links
        if name in NAMES
    ]
    if actor is not None and actor.is_staff:
        return own
    known = {link["href"] for link in own}
    return own + [
        {"href": path, "text": text, "current": request.path.startswith(path)}
        for path, text in PUBLIC_NAV
        if path in PATHS_TO_READ and path not in known
    ]
