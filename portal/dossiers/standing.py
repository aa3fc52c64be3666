"""How a dossier stands against its due date, as a word for a row and as a condition for a list."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_

from portal.calendar.queries import working_calendar
from portal.dossiers.lifecycle import CLOCK_PAUSED, CLOCK_RUNS, Status
from portal.dossiers.models.dossier import DUE_OR_NEVER, Dossier

SOON_DAYS = 2  # working days, the present one not counted


class RowStanding(enum.StrEnum):
    """What the tag beside a due date says; a template knows each by its value."""

    NOT_STARTED = "not_started"
    WITHIN = "within"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PAUSED = "paused"
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


@dataclass(frozen=True)
class Present:
    """This moment, and the last one that still counts as due soon."""

    now: datetime
    soon: datetime


def present(now: datetime) -> Present:
    """Due soon lasts to the closing hour of the second working day after today."""
    calendar = working_calendar()
    day = now.date()
    for _ in range(SOON_DAYS):
        day = calendar.next_working_day(day)
    return Present(now, calendar.closing(day))


def is_overdue(at: Present) -> ColumnElement[bool]:
    """The clock runs and the due date is past; a paused dossier is never overdue."""
    return and_(Dossier.status.in_(CLOCK_RUNS), at.now > DUE_OR_NEVER)


def is_due_soon(at: Present) -> ColumnElement[bool]:
    """The clock runs and the due date is near."""
    return and_(Dossier.status.in_(CLOCK_RUNS), at.now <= DUE_OR_NEVER, at.soon >= DUE_OR_NEVER)


def standing_of(dossier: Dossier, at: Present) -> RowStanding | None:
    """The same for one row; None where the law's time is not known or no longer matters."""
    if dossier.status is Status.REGISTERED:
        return RowStanding.NOT_STARTED
    if dossier.status in CLOCK_PAUSED:
        return RowStanding.PAUSED
    if dossier.due_at is None:
        return None
    if dossier.status in CLOCK_RUNS:
        return _running(dossier.due_at, at)
    return _finished(dossier.due_at, dossier.finished_at)


def _running(due_at: datetime, at: Present) -> RowStanding:
    if due_at < at.now:
        return RowStanding.OVERDUE
    return RowStanding.DUE_SOON if due_at <= at.soon else RowStanding.WITHIN


def _finished(due_at: datetime, finished_at: datetime | None) -> RowStanding | None:
    if finished_at is None:
        return None
    if finished_at > due_at:
        return RowStanding.LATE
    return RowStanding.EARLY if finished_at.date() < due_at.date() else RowStanding.ON_TIME
