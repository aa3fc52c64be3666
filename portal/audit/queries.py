"""Looks things up in the log; nothing here changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Integer, Select, String, column, or_, select, table

from portal.audit.models import AuditEvent
from portal.clock import ZONE
from portal.extensions import db

# People and dossiers live higher up; of them the log knows the number in the row, and here a
# citizen's name and a dossier's code to it.
_PEOPLE = table("users", column("id", Integer), column("name", String))
_DOSSIERS = table("dossiers", column("id", Integer), column("code", String))


@dataclass(frozen=True)
class Filters:
    """What a reader of the log is looking for; empty parts do not narrow it."""

    act: str = ""
    actor: str = ""
    code: str = ""
    since: date | None = None
    until: date | None = None


def search(filters: Filters) -> Select[Any]:
    """The lines of the log that fit."""
    query = select(AuditEvent)
    if filters.act:
        query = query.where(AuditEvent.act == filters.act)
    if filters.actor:
        people = select(_PEOPLE.c.id).where(
            _PEOPLE.c.name.icontains(filters.actor, autoescape=True)
        )
        citizens = (AuditEvent.actor_name == "") & AuditEvent.actor_id.in_(people)
        named = AuditEvent.actor_name.icontains(filters.actor, autoescape=True)
        query = query.where(or_(named, citizens))
    if filters.code:
        of_dossier = select(_DOSSIERS.c.id).where(_DOSSIERS.c.code == filters.code)
        query = query.where(AuditEvent.dossier_id.in_(of_dossier))
    if filters.since:
        query = query.where(AuditEvent.at >= _midnight(filters.since))
    if filters.until:
        query = query.where(AuditEvent.at < _midnight(filters.until + timedelta(days=1)))
    return query


def codes_of(events: Sequence[AuditEvent]) -> dict[int, str]:
    """The codes of the dossiers that these lines speak of."""
    wanted = {event.dossier_id for event in events if event.dossier_id is not None}
    rows = db.session.execute(
        select(_DOSSIERS.c.id, _DOSSIERS.c.code).where(
            _DOSSIERS.c.id.in_(wanted), _DOSSIERS.c.code.is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows}


def citizens_of(events: Sequence[AuditEvent]) -> dict[int | None, str]:
    """The names of the citizens who did this, as far as their accounts still have one."""
    wanted = {event.actor_id for event in events if not event.actor_name}
    rows = db.session.execute(
        select(_PEOPLE.c.id, _PEOPLE.c.name).where(_PEOPLE.c.id.in_(wanted), _PEOPLE.c.name != "")
    )
    return {row[0]: row[1] for row in rows}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
