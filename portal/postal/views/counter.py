"""The counter: one field that opens the next step for any code, and the lists beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, htmx
from portal.access import Actor, Role, the_actor
from portal.accounts import throttle
from portal.audit.services import record
from portal.db import transaction
from portal.dossiers import custody, openings, withdrawals
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.custody import CustodyLine
from portal.dossiers.models.dossier import Dossier, ReturnMode
from portal.dossiers.queries import get_dossier, is_key_of, timeline
from portal.errors import NotFound, TooMany
from portal.idempotency import keep
from portal.paging import row_number
from portal.postal import codes, desk, homeward, queries, services
from portal.postal.codes import Kind, Reading
from portal.postal.desk import PAGE, Tab
from portal.postal.lifecycle import Cargo, Direction, ItemState
from portal.postal.models import PostalItem
from portal.postal.queries import OPEN_BACK, OPEN_OUT

CLAIMS_PER_MINUTE = 10
LOOKS_PER_MINUTE = 20


def index() -> ResponseReturnValue:
    """The counter for clerks; couriers and supervisors have their own first page."""
    actor = the_actor()
    if actor.role is Role.COURIER:
        return htmx.go(url_for("post.round"))
    if actor.role is Role.POSTAL_SUPERVISOR:
        return htmx.go(url_for("post.oversight"))
    return _page(actor)


def open_code() -> ResponseReturnValue:
    """Open what a code stands for; a code nobody knows stays in the field with one sentence."""
    actor = the_actor()
    typed = request.form.get("ma", "")
    reading = codes.read(typed)
    if reading.kind in (Kind.PHONE, Kind.PERSON):
        return _of_person(actor, reading, typed)
    if reading.kind is Kind.ITEM:
        item = queries.item_by_code(reading.value, for_=actor)
        if item is not None and item.state in OPEN_BACK:
            return htmx.go(url_for("post.item", public_id=item.public_id))
    finders: dict[Kind, Callable[..., Dossier | None]] = {
        Kind.DOSSIER: queries.dossier_by_code,
        Kind.ITEM: _dossier_of_item,
        Kind.OTHER: queries.dossier_by_request,
    }
    finder = finders.get(reading.kind)
    dossier = finder(reading.value, for_=actor) if finder else None
    if dossier is not None and dossier.status is not Status.DRAFT:
        return htmx.go(next_step(dossier))
    if reading.kind is Kind.DOSSIER:
        _spend("look_unclaimed", actor, LOOKS_PER_MINUTE)
        if queries.unclaimed(reading.value) is not None:
            _note("postal:look_unclaimed", reading.value, actor)
            return _page(actor, unclaimed=queries.unclaimed(reading.value), typed=typed)
    return _page(actor, error=_wrong(reading), typed=typed, status=422)


def claim() -> ResponseReturnValue:
    """Take a dossier that no post office has yet; the code can be guessed, its key cannot."""
    actor = the_actor()
    code = request.form.get("ma", "")
    _spend("claim", actor, CLAIMS_PER_MINUTE)
    free = queries.unclaimed(code)
    if free is None:
        raise NotFound
    if not is_key_of(free, request.form.get("khoa", "")):
        _note("postal:claim_refused", code, actor)
        sentence = _("Khoá tra cứu chưa đúng. Xem trên giấy xác nhận của người nộp.")
        free = queries.unclaimed(code)
        return _page(actor, unclaimed=free, typed=code, key_error=sentence, status=422)
    with transaction():
        dossier = queries.unclaimed(code, lock=True)
        if dossier is None:
            raise NotFound
        services.claim(dossier, by=actor, at=clock.now())
        address = url_for("post.tally", public_id=dossier.public_id)
        return keep(htmx.go(address))


def _spend(kind: str, actor: Actor, most: int) -> None:
    """Count a try at what is not this counter's yet; who tries too often is written down, too."""
    try:
        throttle.spend(f"{kind}:{actor.user_id}", most=most, seconds=60)
    except TooMany:
        with transaction(alone=True):
            record("postal:claim_stopped", "dossier", by=actor, tried=kind)
        raise


def _note(act: str, code: str, actor: Actor) -> None:
    """Write down a look at a dossier that no office has; it stands whatever becomes of the form."""
    with transaction(alone=True):
        free = queries.unclaimed(code)
        if free is not None:
            record(act, free, by=actor, dossier_id=free.id)


def show(public_id: str) -> str:
    """A dossier as the post sees it: where it is, what happened, what may be done."""
    actor = the_actor()
    dossier = get_dossier(public_id, for_=actor)
    items, lines = queries.items_of(dossier), custody.history(dossier)
    step = next_step(dossier, items, lines) if actor.role is Role.POSTAL_CLERK else ""
    here = url_for("post.dossier", public_id=public_id)
    return render_template(
        "postal/clerk/dossier.html",
        dossier=dossier,
        items=items,
        pickup=queries.pickup_of(dossier),
        events=timeline(dossier),
        custody=lines,
        step="" if step == here else step,
        may_withdraw=actor.role is Role.POSTAL_CLERK and may_withdraw(dossier),
        may_turn=actor.role is Role.POSTAL_CLERK and bool(homeward.at_counter(dossier, lines)),
    )


def next_step(
    dossier: Dossier,
    items: Sequence[PostalItem] | None = None,
    lines: Sequence[CustodyLine] | None = None,
) -> str:
    """The address of what the clerk does next with a dossier in his hand."""
    items = queries.items_of(dossier) if items is None else items
    page = _page_home(dossier, items, lines) if dossier.is_closed else _page_out(dossier, items)
    back = next((item for item in items if item.state in OPEN_BACK), None)
    if back is not None and page in ("", "post.papers", "post.collect"):
        return url_for("post.item", public_id=back.public_id)
    return url_for(page or "post.dossier", public_id=dossier.public_id)


def _page_out(dossier: Dossier, items: Sequence[PostalItem]) -> str:
    """The page of what goes to the agency, or ""."""
    out = next((item for item in items if item.state in OPEN_OUT), None)
    if out is not None and out.state is ItemState.SEALED:
        return "post.slip"
    return "post.tally" if out is not None or services.takes_papers(dossier) else ""


def _page_home(
    dossier: Dossier, items: Sequence[PostalItem], lines: Sequence[CustodyLine] | None
) -> str:
    """The page of what goes home and has no envelope of its own yet, or ""."""
    if homeward.at_counter(dossier, lines) or homeward.is_for_post(dossier, lines):
        return "post.papers"
    return "post.collect" if may_collect(dossier, items) else ""


def may_collect(dossier: Dossier, items: Sequence[PostalItem]) -> bool:
    """Whether its result waits at the agency for the post."""
    wants = dossier.status is Status.RESOLVED and dossier.return_mode is ReturnMode.POST
    return wants and all(item.cargo is not Cargo.RESULT for item in items)


def may_withdraw(dossier: Dossier) -> bool:
    """Whether the counter may write down that its sender takes the dossier back."""
    return Verb.WITHDRAW in withdrawals.offered(dossier, Role.POSTAL_CLERK)


def _dossier_of_item(code: str, *, for_: Actor) -> Dossier | None:
    item = queries.item_by_code(code, for_=for_)
    return item.dossier if item else None


def _of_person(actor: Actor, reading: Reading, typed: str) -> ResponseReturnValue:
    """Everything of one person at this office; looking somebody up is written down."""
    kind = "phone" if reading.kind is Kind.PHONE else "citizen_number"
    with transaction():
        found = queries.dossiers_of_person(kind, reading.value, for_=actor)
        record("postal:find_person", "person", by=actor, kind=kind, found=len(found))
    found = queries.dossiers_of_person(kind, reading.value, for_=actor)
    openings.note(*found, is_row=True)
    if len(found) == 1:
        return htmx.go(next_step(found[0]))
    if not found:
        return _page(actor, error=_wrong(reading), typed=typed, status=422)
    return _page(actor, found=found, typed=typed)


def _wrong(reading: Reading) -> str:
    """One sentence for each way a code can be wrong."""
    if reading.kind is Kind.DOSSIER and queries.exists_elsewhere(reading.value):
        return _("Hồ sơ %(code)s không thuộc bưu cục này.", code=reading.value)
    return {
        Kind.NOTHING: _("Quét hoặc nhập một mã rồi nhấn Enter."),
        Kind.DOSSIER: _("Không có hồ sơ mang mã này. Xem lại từng chữ số trên giấy."),
        Kind.ITEM: _("Không có bưu gửi mang mã này ở bưu cục."),
        Kind.BAD_ITEM: _("Mã bưu gửi sai chữ số kiểm tra. Có lẽ đã gõ nhầm một chữ số."),
        Kind.PHONE: _("Không có hồ sơ nào ở bưu cục này dùng số điện thoại vừa nhập."),
        Kind.PERSON: _("Không có hồ sơ nào ở bưu cục này của người có số định danh vừa nhập."),
        Kind.OTHER: _(
            "Không nhận ra mã này."
            " Nhập mã hồ sơ, mã yêu cầu thu gom, mã bưu gửi hoặc số điện thoại."
        ),
    }[reading.kind]


def _page(actor: Actor, *, status: int = 200, **more: Any) -> Response:
    tab = _tab(request.args.get("xem", ""))
    today = clock.today()
    after = request.args.get("sau", type=row_number)
    rows = _rows(actor, tab, after)
    page = render_template(
        "postal/clerk/desk.html",
        counts=desk.counts(actor, today),
        tab=tab,
        tabs=Tab,
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        ready=_ready(actor, tab) if not after else [],
        today=today,
        **({"error": None, "typed": "", "found": [], "unclaimed": None, "key_error": None} | more),
    )
    return make_response(page, status)


def _ready(actor: Actor, tab: Tab) -> list[Dossier]:
    """What is not in an envelope yet: results at the agency, papers that must go home."""
    lists = {Tab.RESULTS: desk.to_collect, Tab.HOME: desk.papers_to_return}
    return lists[tab](actor)[:PAGE] if tab in lists else []


def _tab(text: str) -> Tab:
    return Tab(text) if text in set(Tab) else Tab.PICKUPS


def _rows(actor: Actor, tab: Tab, after: int | None) -> list[Any]:
    out, back = Direction.TO_AGENCY, Direction.TO_CITIZEN
    lists: dict[Tab, Callable[[], list[Any]]] = {
        Tab.PICKUPS: lambda: desk.pickups(actor, clock.today(), after),
        Tab.AWAITED: lambda: desk.awaited_dossiers(actor, after),
        Tab.AT_COUNTER: lambda: desk.items(actor, out, (ItemState.AT_COUNTER,), after),
        Tab.SEALED: lambda: desk.items(actor, out, (ItemState.SEALED,), after),
        Tab.RESULTS: lambda: desk.items(actor, back, OPEN_BACK, after, are_papers=False),
        Tab.HOME: lambda: desk.items(actor, back, OPEN_BACK, after),
    }
    return lists[tab]()
