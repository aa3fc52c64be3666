"""What a due date is made of, step by step, and the one sentence that tells it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.calendar.rules import Calendar
from portal.clock import ZONE
from vietnam import dates


class Unit(enum.StrEnum):
    """In what a time limit is counted."""

    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    SAME_DAY = "same_day"


@dataclass(frozen=True)
class TimeLimit:
    """A statutory time; `cutoff` is the hour after which a same-day result waits until tomorrow."""

    value: int
    unit: Unit
    cutoff: time | None = None

    def __str__(self) -> str:
        if self.unit is Unit.SAME_DAY:
            return f"Trong ngày (mốc {self.cutoff:%H:%M})" if self.cutoff else "Trong ngày"
        return f"{self.value} {_UNIT_NAMES[self.unit]}"


_UNIT_NAMES = {
    Unit.WORKING_HOUR: "giờ làm việc",
    Unit.WORKING_DAY: "ngày làm việc",
    Unit.CALENDAR_DAY: "ngày",
    Unit.MONTH: "tháng",
}


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stands: from a request to the citizen until the answer arrives."""

    start: datetime
    end: datetime | None = None


class StepKind(enum.StrEnum):
    """Why the due date stands where it stands."""

    START = "start"
    MOVED = "moved"  # received outside office hours
    CUTOFF = "cutoff"  # received after the hour of same-day results
    OFF = "off"  # days off that were not counted
    WEEKEND = "weekend"
    WORKED = "worked"  # a Saturday worked in exchange, counted
    PAUSED = "paused"
    ROLLED = "rolled"  # the last day was a day off
    EXTENDED = "extended"
    DUE = "due"
    FORECAST = "forecast"  # days off may still be announced
    BEYOND = "beyond"  # the calendar does not reach so far


@dataclass(frozen=True)
class Step:
    """One step of the reckoning; days are given by their midnight, `until` is the last day."""

    kind: StepKind
    at: datetime
    until: datetime | None = None
    reason: str = ""


def skipped(
    first: datetime, last: datetime, calendar: Calendar, pauses: Sequence[Pause]
) -> list[Step]:
    """Name the days that were not counted, and Saturdays that were; days inside a pause are not."""
    steps: list[Step] = []
    weekdays: set[int] = set()
    day = first.date()
    while (day := day + _DAY) <= last.date():
        start = midnight(day)
        if any(p.start <= start and (p.end is None or p.end >= start + _DAY) for p in pauses):
            continue
        known = calendar.days.get(day)
        if known is None and day.weekday() in _WEEKEND:
            weekdays.add(day.weekday())
        elif known is not None:
            kind = StepKind.WORKED if known.is_working else StepKind.OFF
            _append_or_lengthen(steps, Step(kind, start, reason=known.reason))
    if weekdays:
        names = ", ".join(_WEEKEND[number] for number in sorted(weekdays))
        steps.append(Step(StepKind.WEEKEND, first, last, names))
    return steps


def why_off(day: date, calendar: Calendar) -> str:
    """Say why a day is not worked: its holiday, or its name in the week."""
    known = calendar.days.get(day)
    return known.reason if known else _WEEKEND[day.weekday()]


def midnight(day: date) -> datetime:
    """Return the moment a day begins."""
    return datetime.combine(day, time(), ZONE)


_DAY = timedelta(days=1)
_WEEKEND = {5: "thứ Bảy", 6: "Chủ nhật"}


def _append_or_lengthen(steps: list[Step], step: Step) -> None:
    before = steps[-1] if steps else None
    if before and (before.kind, before.reason) == (step.kind, step.reason):
        end = before.until or before.at
        if step.at - end <= _DAY:
            steps[-1] = Step(step.kind, before.at, step.at, step.reason)
            return
    steps.append(step)


def sentence(limit: TimeLimit, steps: Sequence[Step]) -> str:
    """Tell the whole reckoning in one Vietnamese sentence."""
    by_kind: dict[StepKind, list[Step]] = {}
    for step in steps:
        by_kind.setdefault(step.kind, []).append(step)
    start = by_kind[StepKind.START][0].at
    parts = [f"{limit} từ {dates.short_moment(start)}"]
    parts += [_single(step) for step in steps if step.kind in (StepKind.MOVED, StepKind.CUTOFF)]
    parts += _not_counted(by_kind, start.year)
    parts += [_single(step, start.year) for step in steps if step.kind in _LATER]
    told = ", ".join(parts) + f" → {dates.short_moment(by_kind[StepKind.DUE][0].at)}"
    return told + "".join(f" ({_WARNINGS[s.kind]})" for s in steps if s.kind in _WARNINGS)


_LATER = (StepKind.WORKED, StepKind.PAUSED, StepKind.ROLLED, StepKind.EXTENDED)
_WARNINGS = {
    StepKind.FORECAST: "lịch nghỉ của năm này chưa công bố đủ, hạn là dự kiến",
    StepKind.BEYOND: "lịch nghỉ chưa được nạp đến ngày này, hạn là tạm tính",
}


def _not_counted(by_kind: dict[StepKind, list[Step]], year: int) -> list[str]:
    days_off = ", ".join(
        f"{_span(step, year)} ({step.reason})" for step in by_kind.get(StepKind.OFF, [])
    )
    weekend = by_kind.get(StepKind.WEEKEND, [])
    told = [f"ngày nghỉ {days_off}"] if days_off else []
    told += [step.reason for step in weekend]
    return [f"trừ {' và '.join(told)}"] if told else []


def _single(step: Step, year: int = 0) -> str:
    match step.kind:
        case StepKind.MOVED:
            return f"bắt đầu từ giờ làm việc kế tiếp {dates.short_moment(step.at)}"
        case StepKind.CUTOFF:
            return f"nhận sau {step.at:%H:%M} nên trả vào ngày làm việc kế tiếp"
        case StepKind.WORKED:
            return f"tính cả thứ Bảy làm bù {_span(step, year)}"
        case StepKind.ROLLED:
            return f"ngày cuối {_span(step, year)} là ngày nghỉ nên dời sang ngày làm việc kế tiếp"
        case StepKind.EXTENDED:
            return f"đã gia hạn đến {dates.short_moment(step.at)}"
        case _:
            return _pause(step)


def _pause(step: Step) -> str:
    if step.until is None:
        return f"đang tạm dừng từ {dates.short_moment(step.at)} nên hạn còn dời thêm"
    return (
        f"trừ thời gian tạm dừng từ {dates.short_moment(step.at)}"
        f" đến {dates.short_moment(step.until)}"
    )


def _span(step: Step, year: int) -> str:
    first = _day(step.at, year)
    if step.until is None or step.until - step.at < _DAY:
        return first
    return f"{first}–{_day(step.until, year)}"


def _day(moment: datetime, year: int) -> str:
    return f"{moment:%d/%m}" if moment.year == year else dates.short(moment.date())
