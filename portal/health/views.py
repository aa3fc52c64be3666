"""Whether the process lives, and whether what it depends on answers."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portal.extensions import db

CHECKS: dict[str, Callable[[], object]] = {}


def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="alive")


def ready() -> ResponseReturnValue:
    """Database and object store answer; names what is off."""
    found = {"database": _answer(_database)}
    found.update({name: _answer(check) for name, check in CHECKS.items()})
    is_ready = all(word == "ok" for word in found.values())
    return jsonify(ready=is_ready, parts=found), 200 if is_ready else 503


def _database() -> None:
    db.session.execute(text("SELECT version_num FROM alembic_version"))


def _answer(check: Callable[[], object]) -> str:
    try:
        check()
    except Exception:  # any failure of a part is the answer, not an accident
        current_app.logger.exception("A part is not ready")
        return "off"
    return "ok"
