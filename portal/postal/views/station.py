"""The doors for the counter's computers: JSON in and out; a page is durable before its answer."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accounts import throttle
from portal.db import transaction
from portal.documents import held
from portal.errors import Conflict, Invalid, Unauthorised
from portal.postal import scan_orders, scan_words, stations
from portal.postal.models import OrderState, ScanOrder, Source, Station
from portal.postal.views.scan_orders import complete

TRIES, WINDOW_SECONDS = 10, 600
BEARER = "Bearer "


def who_is_there() -> None:
    """Find out which station asks, or refuse; a cookie says nothing here."""
    given = request.headers.get("Authorization", "")
    token = given.removeprefix(BEARER) if given.startswith(BEARER) else ""
    station = stations.of_token(token)
    if station is None:
        raise Unauthorised
    number, now = station.id, clock.now()
    if stations.is_to_be_noted(station, now):
        with transaction(alone=True):
            stations.seen(number, at=now)
        station = stations.of_token(token)
    g.station = station


def pair() -> ResponseReturnValue:
    """Exchange a code for a token; guessing is slowed down."""
    throttle.spend(f"pair:{request.remote_addr}", most=TRIES, seconds=WINDOW_SECONDS)
    code = _said("code", str)
    with transaction():
        station, token = stations.pair(code, at=clock.now())
        told = {"token": token, "station": station.name, "office": station.post_office.name}
    return jsonify(told), 201


def greet() -> ResponseReturnValue:
    """The station tells which scanner stands beside it."""
    station = _station()
    scanner, sources = _said("scanner", str), _said("sources", list)
    with transaction():
        stations.greet(station.id, scanner, [str(source) for source in sources])
    return jsonify(station=station.name)


def order() -> ResponseReturnValue:
    """What is to be scanned now; asked every few seconds, so unchanged is a bare 304."""
    found = scan_orders.of_station(_station())
    answer = jsonify(order=_told(found) if found is not None else None)
    answer.set_etag(sha256(answer.get_data()).hexdigest()[:32])
    return answer.make_conditional(request)


def begin(public_id: str) -> ResponseReturnValue:
    """The station takes an order on, once or twice."""
    run = _said("run", int)
    with transaction():
        order = scan_orders.for_station(public_id, _station().id, lock=True)
        first = scan_orders.begin(order, run, at=clock.now())
    if first is None:
        raise Conflict(_("Lệnh quét này đang chờ giao dịch viên."))
    return jsonify(first=first)


def page(public_id: str, number: int) -> ResponseReturnValue:
    """Take one page: the same again gets the same answer, and only what is durable is answered."""
    # Kept with the request: what gives way to another is done again, with the same bytes.
    station_id, data = _station().id, request.get_data()
    digest = sha256(data).hexdigest()
    if request.headers.get("Content-Digest") != _digest_header(digest):
        raise Invalid("page", _("Trang đến nơi không nguyên vẹn. Gửi lại trang này."))
    order = scan_orders.for_station(public_id, station_id)
    if scan_orders.known_page(order, number, digest) is None:
        scan_orders.must_take(order)
        taken = held.look_at(data, number, "page")
        with transaction():
            order = scan_orders.for_station(public_id, station_id, lock=True)
            if scan_orders.known_page(order, number, digest) is None:
                scan_orders.keep(order, number, taken, at=clock.now())
    return jsonify(number=number, sha256=digest)


def end(public_id: str) -> ResponseReturnValue:
    """The scanner has ended; with so many pages in all, and why, if not as the clerk wished."""
    station_id = _station().id
    run, pages, reason = _said("run", int), _said("pages", int), _said("reason", str)
    with transaction():
        order = scan_orders.for_station(public_id, station_id, lock=True)
        is_whole = scan_orders.must_have_ended(order, run, pages)
        why = reason or _not_whole(order)
        if is_whole and why:
            known = why in scan_words.REASONS
            scan_orders.stop(order, why if known else "failed", at=clock.now())
    if is_whole and not why:
        complete(public_id, station_id)
    return jsonify(state=scan_orders.for_station(public_id, station_id).state.value)


def _not_whole(order: ScanOrder) -> str:
    """Why a scanner that ended well has not yet given the whole stack."""
    if order.source is Source.GLASS:
        return scan_orders.NEXT_SHEET
    return "" if order.pages else "no_documents"


def _told(order: ScanOrder) -> dict[str, Any] | None:
    if not scan_orders.has_clerk(order):
        return None
    is_stale = scan_orders.is_stale(order, clock.now())
    return {
        "id": order.public_id,
        "state": (OrderState.STOPPED if is_stale else order.state).value,
        "run": order.run,
        "source": order.source.value,
        "mode": order.mode.value,
        "resolution": scan_orders.RESOLUTION,
        "pages": order.pages,
        "most": scan_orders.MOST_PAGES,
    }


def _station() -> Station:
    station = g.station
    assert isinstance(station, Station)
    return station


def _said(name: str, kind: type) -> Any:
    """A value of the JSON that was sent; what is missing or of another kind is refused."""
    given = request.get_json(silent=True)
    value = given.get(name) if isinstance(given, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Invalid(name, _("Yêu cầu thiếu hoặc sai phần “%(name)s”.", name=name))
    return value


def _digest_header(digest: str) -> str:
    return f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
