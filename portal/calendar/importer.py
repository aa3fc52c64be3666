"""Reads the calendar file: days off, swapped Saturdays, and which years they cover."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calendar.models import CalendarDay, CalendarYear, DayKind


def load_calendar(session: Session, path: Path) -> int:
    """Bring the nationwide calendar to what the file says; return how many rows changed.

    Days an administrator added by hand stay, unless the file names the same day.
    """
    file = json.loads(path.read_text(encoding="utf-8"))
    days = {
        row.day: row for row in session.scalars(select(CalendarDay).filter_by(organisation_code=""))
    }
    years = {row.year: row for row in session.scalars(select(CalendarYear))}
    changed = 0
    for row in file["days"]:
        day = date.fromisoformat(row["day"])
        known = days.get(day) or CalendarDay(day=day, organisation_code="")
        changed += _set(session, known, kind=DayKind(row["kind"]), **_texts(row, "reason"))
    for row in file["years"]:
        year = years.get(row["year"]) or CalendarYear(year=row["year"])
        changed += _set(session, year, **_texts(row))
    return changed


def _texts(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in (*names, "source", "is_sure")}


def _set(session: Session, row: CalendarDay | CalendarYear, **values: Any) -> bool:
    """Write the values; tell whether any was new."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    session.add(row)
    return bool(differing)
