"""The working time as the database knows it."""

from __future__ import annotations

from datetime import date

from flask import g
from sqlalchemy import select

from portal.calendar.models import CalendarDay, CalendarYear, DayKind
from portal.calendar.rules import Calendar, Day, by_day
from portal.extensions import db


def working_calendar() -> Calendar:
    """The calendar of the whole country; read once in a request."""
    if "working_calendar" not in g:
        g.working_calendar = _read()
    calendar = g.working_calendar
    assert isinstance(calendar, Calendar)
    return calendar


def _read() -> Calendar:
    days = [
        Day(row.day, row.kind is DayKind.WORK, row.reason, row.is_sure)
        for row in db.session.scalars(select(CalendarDay).filter_by(organisation_code=""))
    ]
    years = db.session.scalars(select(CalendarYear).order_by(CalendarYear.year)).all()
    sure = [row.year for row in years if row.is_sure]
    return Calendar(
        by_day(days),
        loaded_from=date(years[0].year, 1, 1) if years else None,
        loaded_until=date(years[-1].year, 12, 31) if years else None,
        sure_until=date(sure[-1], 12, 31) if sure else None,
    )
