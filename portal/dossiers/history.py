"""Writes down what happened to a dossier: its history line, the audit row, the promised mail."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.access import Actor
from portal.audit.services import record
from portal.dossiers import lifecycle, messages
from portal.dossiers.lifecycle import Status, Step, Verb
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.errors import Conflict, Invalid, StepRefused
from portal.extensions import db

# What the database can hold as a version: anything else was never one of ours.
_A_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)


def note(
    dossier: Dossier,
    act: str,
    sentence: str,
    *,
    by: Actor | None,
    at: datetime,
    **detail: Any,
) -> DossierEvent:
    """Add a line without a change of status (a postal hop, a note); `place` may be in detail."""
    return _line(dossier, act, sentence, by, at, detail)


def follow(  # noqa: PLR0913 - a step has this many parts, all of them needed
    dossier: Dossier,
    verb: Verb,
    sentence: str,
    *,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    asked_in: Status = Status.REGISTERED,
) -> DossierEvent:
    """Take a step of the table: status, history, audit and mail together, or StepRefused."""
    before = dossier.status
    step = find_step(dossier, verb, by=by, asked_in=asked_in)
    if step.needs_reason and not (reason or "").strip():
        raise Invalid("reason", _("Ghi lý do: người nộp hồ sơ sẽ đọc được."))
    dossier.status = step.target
    if step.target in lifecycle.WORK_ENDS and dossier.ended_at is None:
        dossier.ended_at = at
    event = _line(dossier, verb.value, sentence, by, at, {})
    event.from_status, event.to_status, event.reason = before, step.target, reason
    record(f"dossier:{verb.value}", dossier, by=by, dossier_id=dossier.id, reason=reason)
    messages.tell(dossier, event)
    return event


def find_step(
    dossier: Dossier, verb: Verb, *, by: Actor, asked_in: Status = Status.REGISTERED
) -> Step:
    """The row of the table that lets this person do it now, or StepRefused with what happened."""
    step = lifecycle.find(dossier.status, verb, by.role.value, asked_in=asked_in)
    if step is None:
        raise StepRefused(
            _(
                "Hồ sơ đang ở trạng thái “%(status)s” nên không làm được bước “%(verb)s”.",
                status=dossier.status.label,
                verb=verb.label,
            ),
            changes=recent_changes(dossier, dossier.version - 3),
        )
    return step


def check_version(dossier: Dossier, seen: int | str | None) -> None:
    """Refuse what was decided on an old picture; says what has changed since."""
    text = str(seen or "")
    number = int(text) if _A_VERSION.fullmatch(text) else 0
    if number != dossier.version:
        raise Conflict(changes=recent_changes(dossier, number))


def recent_changes(dossier: Dossier, since_version: int) -> tuple[str, ...]:
    """The sentences of what happened since a version, newest last."""
    db.session.flush()
    rows = db.session.scalars(
        select(DossierEvent)
        .filter(
            DossierEvent.dossier_id == dossier.id,
            DossierEvent.dossier_version > since_version,
        )
        .order_by(DossierEvent.id.desc())
        .limit(5)
    ).all()
    return tuple(f"{row.at:%H:%M %d/%m} – {row.sentence}" for row in reversed(rows))


def _line(
    dossier: Dossier,
    act: str,
    sentence: str,
    by: Actor | None,
    at: datetime,
    detail: dict[str, Any],
) -> DossierEvent:
    place = detail.pop("place", "") or (by.organisation.name if by and by.organisation else "")
    db.session.flush()
    event = DossierEvent(
        dossier_id=dossier.id,
        dossier_version=dossier.version + 1,
        act=act,
        at=at,
        actor_id=by.user_id if by else None,
        actor_name=by.name if by else "Hệ thống",
        role=by.role.value if by else "system",
        organisation_id=by.organisation.id if by and by.organisation else None,
        place=place,
        sentence=sentence,
        detail=detail,
    )
    db.session.add(event)
    dossier.touched_at = at
    return event
