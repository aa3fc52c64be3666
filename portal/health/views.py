"""Whether the process lives, whether what it depends on answers, and what it has counted."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable

from flask import Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portal import clock, meters
from portal.errors import NotFound
from portal.extensions import db
from portal.health import figures
from portal.jobs import queries as jobs
from portal.settings import Settings

# Without these nothing can be received; doors.py adds what lies in other rooms.
CHECKS: dict[str, Callable[[], object]] = {}
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="alive")


def ready() -> ResponseReturnValue:
    """Whether papers can be received now, and the name of every part that is off.

    `parts` decide; what stands under `later` only makes people wait, so the portal stays open.
    """
    parts = _parts()
    is_ready = all(word == "ok" for word in parts.values())
    later = _later() if parts["database"] == "ok" else {}
    return jsonify(ready=is_ready, parts=parts, later=later), 200 if is_ready else 503


def metrics() -> ResponseReturnValue:
    """The figures for Prometheus, for this machine itself or whoever brings the token."""
    if not _may_read_figures():
        raise NotFound
    return Response(meters.exposition(figures.now(clock.now(), _parts())), content_type=TEXT)


def _may_read_figures() -> bool:
    token = _settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # A proxy on this machine hands on what strangers ask: then the nearest address says nothing.
    via_proxy = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    return not via_proxy and _is_loopback(request.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _parts() -> dict[str, str]:
    found = {"database": _answer(_database)}
    found.update({name: _answer(check) for name, check in CHECKS.items()})
    return found


def _later() -> dict[str, str]:
    """Reading and sending happen in workers; each says what its machine lacks."""
    workers = jobs.workers(clock.now())
    if not workers:
        return {"worker": "off"}
    lacking = {name for worker in workers for name in worker.lacks}
    return {"worker": "ok", **dict.fromkeys(sorted(lacking), "off")}


def _database() -> None:
    db.session.execute(text("SELECT version_num FROM alembic_version"))


def _answer(check: Callable[[], object]) -> str:
    try:
        check()
    except Exception:  # any failure of a part is the answer, not an accident
        current_app.logger.exception("A part is not ready")
        return "off"
    return "ok"


def _settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)
    return found
