"""The clerk lets the scanner at his counter scan a paper, watches it, and decides when it stops."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.db import transaction
from portal.documents import held
from portal.dossiers.queries import get_dossier
from portal.errors import Conflict, Invalid, NotFound, PortalError
from portal.extensions import db
from portal.idempotency import keep
from portal.postal import scan_orders, scan_words
from portal.postal.models import ColourMode, OrderState, ScanOrder, Source
from portal.postal.scan_orders import Wish
from portal.postal.views.tally import scanned
from portal.postal.views.tally_parts import has_left, open_paper, scans


def create(public_id: str, document_id: str) -> ResponseReturnValue:
    """Order a scan; what stands against it is said beside the paper."""
    actor = the_actor()
    with transaction():
        dossier = get_dossier(public_id, for_=actor, lock=True)
        document = open_paper(dossier, document_id)
        problems = []
        wish = _wish()
        try:
            scan_orders.clear_way(wish.station, has_left, by=actor, at=clock.now())
            scan_orders.give(document, wish, by=actor, at=clock.now())
        except Invalid as problem:
            problems.append(str(problem.sentence))
        return keep(scanned(dossier, document_id, problems))


def state(public_id: str) -> ResponseReturnValue:
    """How an order stands; when it is over, the scans of its paper in its place."""
    order = _mine(public_id, the_actor())
    dossier, paper = order.dossier, order.document.public_id
    if order.state in scan_orders.OPEN:
        seen = scan_words.view(order, clock.now())
        return render_template("postal/clerk/_order.html", seen=seen, dossier=dossier, paper=paper)
    if not htmx.wanted():
        return htmx.go(_address(order))
    response = scans(get_dossier(dossier.public_id, for_=the_actor()), paper)
    response.headers["HX-Retarget"] = f"#postal-scans-{paper}"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


def decide(public_id: str) -> ResponseReturnValue:
    """The clerk's word on an order: go on, be content with what came, or drop it."""
    act = request.form.get("act", "")
    if act == "finish":
        return _finish(public_id)
    with transaction():
        order = _mine(public_id, the_actor(), lock=True)
        if act == "go_on":
            scan_orders.go_on(order, by=the_actor(), at=clock.now())
        elif act == "cancel":
            scan_orders.cancel(order, by=the_actor(), at=clock.now())
        else:
            raise Invalid("act", _("Chọn một việc cần làm với lệnh quét."))
        return keep(_after(order))


def _finish(public_id: str) -> ResponseReturnValue:
    order = _mine(public_id, the_actor())
    if order.state is not OrderState.STOPPED or not order.pages:
        raise Conflict(_("Lệnh quét này không còn chờ kết thúc."))
    pages = order.pages
    files = held.bound(order.id, name_of(order), "files", at=clock.now())
    try:
        with transaction():
            order = _mine(public_id, the_actor(), lock=True)
            if order.state is not OrderState.STOPPED or order.pages != pages:
                raise Conflict(_("Lệnh quét này vừa được tiếp tục. Xem lại rồi chọn lại."))
            dossier = get_dossier(order.dossier.public_id, for_=the_actor(), lock=True)
            open_paper(dossier, order.document.public_id)
            scan_orders.finish(order, files, by=the_actor(), at=clock.now())
            return keep(_after(order))
    except Invalid as problem:  # no room: the pages stay held
        return _after(_mine(public_id, the_actor()), [str(problem.sentence)])


def complete(public_id: str, station_id: int) -> None:
    """The station has sent all of a stack: make it the paper's file, or tell the clerk why not."""
    order = scan_orders.for_station(public_id, station_id)
    try:
        files = held.bound(order.id, name_of(order), "files", at=clock.now())
        with transaction():
            order = scan_orders.for_station(public_id, station_id)
            clerk = scan_orders.clerk_of(order)
            dossier = get_dossier(order.dossier.public_id, for_=clerk, lock=True)
            order = scan_orders.for_station(public_id, station_id, lock=True)
            if order.state is not OrderState.SCANNING:
                return
            open_paper(dossier, order.document.public_id)
            scan_orders.finish(order, files, by=clerk, at=clock.now())
    # Not found: another office has the dossier now. Its pages wait for whoever sees it.
    except (Invalid, Conflict, NotFound) as problem:
        with transaction():
            order = scan_orders.for_station(public_id, station_id, lock=True)
            if order.state is OrderState.SCANNING:
                scan_orders.stop(order, "not_taken", str(problem.sentence), at=clock.now())


def name_of(order: ScanOrder) -> str:
    """What the stack is called as a file."""
    return f"quet-{order.created_at:%d-%m-%Y-%H%M}"


def _mine(public_id: str, actor: Actor, *, lock: bool = False) -> ScanOrder:
    """An order for a dossier in the clerk's scope, also a colleague's, or NotFound."""
    order = scan_orders.get(public_id)
    get_dossier(order.dossier.public_id, for_=actor, lock=lock)
    return scan_orders.get(public_id, lock=True) if lock else order


def _after(order: ScanOrder, problems: list[str] | None = None) -> Response:
    db.session.flush()
    dossier = order.dossier
    db.session.expire(dossier, ["documents"])
    again = get_dossier(dossier.public_id, for_=the_actor())
    return scanned(again, order.document.public_id, problems or [])


def _address(order: ScanOrder) -> str:
    paper = order.document.public_id
    return url_for("post.tally", public_id=order.dossier.public_id, _anchor=f"giay-{paper}")


def _wish() -> Wish:
    given = request.form
    try:
        source, mode = Source(given.get("source", "")), ColourMode(given.get("mode", ""))
    except ValueError:
        raise PortalError from None
    return Wish(given.get("station", ""), source, mode)
