"""Writes the log, inside the transaction of what it records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, has_request_context

from portal import clock
from portal.access import Actor
from portal.audit.models import AuditEvent
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
    event = AuditEvent(
        at=clock.now(),
        act=act,
        actor_id=by.user_id if by else None,
        actor_name=by.name if by else SYSTEM,
        role=by.role.value if by else "system",
        organisation_id=by.organisation.id if by and by.organisation else None,
        organisation_name=by.organisation.name if by and by.organisation else "",
        subject_kind=type(subject).__name__,
        subject_id=str(getattr(subject, "public_id", None) or getattr(subject, "id", "")),
        dossier_id=dossier_id,
        reason=reason,
        detail=detail,
        request_id=g.get("request_id") if has_request_context() else None,
    )
    db.session.add(event)
    return event
