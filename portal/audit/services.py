"""Writes the log, inside the transaction of what it records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import insert

from portal import clock
from portal.access import Actor, Role
from portal.audit.models import AuditEvent
from portal.db import on_commit
from portal.extensions import db

SYSTEM = "Hệ thống"


@dataclass(frozen=True)
class Deferral:
    """A look that its owner is shown only from `until` on; `ground` is the law that says so."""

    until: datetime
    ground: str

    @property
    def as_detail(self) -> dict[str, str]:
        """For `record(…, deferred=…)`."""
        return {"until": self.until.isoformat(), "ground": self.ground}


def deferral_of(event: AuditEvent) -> Deferral | None:
    """Whether a line is to be shown later; that there is one is never kept from anybody."""
    told = event.detail.get("deferred")
    if not isinstance(told, dict):
        return None
    return Deferral(datetime.fromisoformat(told["until"]), told["ground"])


@dataclass(frozen=True)
class Named:
    """What a line speaks of, by kind and name: for rows that a new transaction would expire."""

    kind: str
    public_id: str

    @classmethod
    def of(cls, row: Any) -> Named:
        """The name of a row that is loaded."""
        return cls(type(row).__name__, row.public_id)


def record(
    act: str,
    subject: object,
    *,
    by: Actor | None,
    dossier_id: int | None = None,
    reason: str | None = None,
    **detail: Any,
) -> AuditEvent:
    """Add one line; `act` is like "dossier:accept". Numbers that identify people stay out."""
    if by is not None and by.role is Role.CITIZEN:
        reason = None  # his words stand in the history of his dossier, which can be sealed
    event = AuditEvent(
        **_line(act, subject, by), dossier_id=dossier_id, reason=reason, detail=detail
    )
    db.session.add(event)
    if dossier_id is not None and has_request_context():
        on_commit(lambda: told_of().add(dossier_id))
    return event


def told_of() -> set[int]:
    """The dossiers of which a line of this request stands: what was rolled back tells nothing."""
    told = g.setdefault("told_of", set())
    assert isinstance(told, set)
    return told


@dataclass(frozen=True)
class Entry:
    """A line to be: what was done to what, and the dossier it belongs to."""

    act: str
    about: Named
    dossier_id: int
    page: str = ""  # the door that showed it, where the line tells so


def record_each(entries: Sequence[Entry], *, by: Actor) -> None:
    """Add a line for each of these; one statement writes all."""
    lines = [
        _line(entry.act, entry.about, by)
        | {"dossier_id": entry.dossier_id, "detail": {"page": entry.page} if entry.page else {}}
        for entry in entries
    ]
    db.session.execute(insert(AuditEvent), lines)


def _name(by: Actor | None) -> str:
    """Staff answer by name; a citizen's stays in his account, for the log is never changed."""
    if by is None:
        return SYSTEM
    return "" if by.role is Role.CITIZEN else by.name


def _line(act: str, subject: object, by: Actor | None) -> dict[str, Any]:
    """Who, in which role, of which organisation, does what to whom."""
    place = by.organisation if by else None
    return {
        "at": clock.now(),
        "act": act,
        "actor_id": by.user_id if by else None,
        "actor_name": _name(by),
        "role": by.role.value if by else "system",
        "organisation_id": place.id if place else None,
        "organisation_name": place.name if place else "",
        "subject_kind": subject.kind if isinstance(subject, Named) else type(subject).__name__,
        "subject_id": str(getattr(subject, "public_id", None) or getattr(subject, "id", "")),
        "request_id": g.get("request_id") if has_request_context() else None,
    }
