"""Which days are worked: holidays, swapped Saturdays, and how far the calendar is loaded."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, choice


class DayKind(enum.StrEnum):
    """What an exceptional day is."""

    OFF = "off"
    WORK = "work"


class CalendarDay(Base):
    """A day that breaks the weekly rule; `organisation_code` empty means the whole country."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("day", "organisation_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[DayKind] = mapped_column(choice(DayKind))
    reason: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, default="")
    is_sure: Mapped[bool] = mapped_column(default=True)
    organisation_code: Mapped[str] = mapped_column(String(40), default="")


class CalendarYear(Base):
    """A year whose days off are loaded; a due date beyond the last one says so."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True)
    is_sure: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(Text, default="")
