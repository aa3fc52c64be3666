"""When a dossier is due: the time limit over working time, with pauses and extensions."""

from __future__ import annotations

import calendar as gregorian
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.calendar.rules import Calendar
from portal.clock import ZONE
from portal.dossiers.deadline_steps import (
    Pause,
    Step,
    StepKind,
    TimeLimit,
    Unit,
    midnight,
    sentence,
    skipped,
    why_off,
)

__all__ = ["Calendar", "Due", "Extension", "Pause", "Remaining", "Standing", "Step", "StepKind",
           "TimeLimit", "Unit", "due", "remaining", "standing"]  # fmt: skip

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Extension:
    """A later date given to the citizen with an apology."""

    granted_at: datetime
    until: datetime
    reason: str = ""


@dataclass(frozen=True)
class Due:
    """A due date that explains itself; an open pause will still move it."""

    at: datetime
    original_at: datetime
    explanation: str
    steps: tuple[Step, ...]
    beyond_calendar: bool
    is_forecast: bool


def due(
    start: datetime,
    limit: TimeLimit,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
) -> Due:
    """Reckon the due date of a dossier whose clock started at `start`.

    The first day is not counted. `original_at` is the date without extensions, which statistics
    need besides the one the citizen was last given.
    """
    began = _local(start)
    stops = _merged(pauses, began)
    promised = sorted(extensions, key=lambda extension: extension.granted_at)
    granted = _local(promised[0].granted_at) if promised else None
    early_stops = [stop for stop in stops if granted is None or stop.start < granted]
    original, steps = _COUNTS[limit.unit](began, limit, calendar, early_stops)
    at = original
    for extension in promised:
        at = _local(extension.until)
        for stop in stops:
            if stop.start >= _local(extension.granted_at):
                at = _shifted(at, stop, calendar)
        steps.append(Step(StepKind.EXTENDED, at, reason=extension.reason))
    steps += [Step(StepKind.PAUSED, s.start, s.end) for s in stops if s.start < at]
    steps.append(Step(StepKind.DUE, at))
    beyond = not calendar.covers(began.date(), at.date())
    forecast = not beyond and calendar.is_forecast(at.date())
    if beyond or forecast:
        steps.append(Step(StepKind.BEYOND if beyond else StepKind.FORECAST, at))
    return Due(at, original, sentence(limit, steps), tuple(steps), beyond, forecast)


class Standing(enum.StrEnum):
    """How a dossier stands against its due date."""

    EARLY = "early"
    ON_TIME = "on_time"
    OVERDUE = "overdue"
    WITHIN = "within"
    DUE_SOON = "due_soon"


def standing(
    now: datetime,
    due_at: datetime,
    calendar: Calendar,
    finished_at: datetime | None = None,
    started_at: datetime | None = None,
) -> Standing:
    """Judge a dossier: finished before the due day is early, on that day up to the hour on time.

    An open one is due soon with a working day or less left, or, when `started_at` tells how long
    it had, with a fifth of that time or less.
    """
    end, moment = _local(due_at), _local(finished_at or now)
    if moment > end:
        return Standing.OVERDUE
    if finished_at is not None:
        return Standing.EARLY if moment.date() < end.date() else Standing.ON_TIME
    left = calendar.minutes_between(moment, end)
    soon = calendar.minutes_per_day
    if started_at is not None:
        soon = max(soon, calendar.minutes_between(_local(started_at), end) // 5)
    return Standing.DUE_SOON if left <= soon else Standing.WITHIN


@dataclass(frozen=True)
class Remaining:
    """Working time left until the due date, or passed since."""

    days: int
    hours: int
    minutes: int
    is_over: bool

    def __str__(self) -> str:
        told = "quá hạn" if self.is_over else "còn"
        if self.days:
            return f"{told} {self.days} ngày làm việc {self.hours} giờ"
        return f"{told} {self.hours} giờ {self.minutes} phút"


def remaining(now: datetime, due_at: datetime, calendar: Calendar) -> Remaining:
    """Measure the working time left; while paused, give the pause's start as `now`."""
    moment, end = _local(now), _local(due_at)
    is_over = moment > end
    first, last = (end, moment) if is_over else (moment, end)
    total = calendar.minutes_between(first, last)
    days, rest = divmod(total, calendar.minutes_per_day)
    return Remaining(days, rest // 60, rest % 60, is_over)


Counted = tuple[datetime, list[Step]]


def _working_time(
    began: datetime, limit: TimeLimit, calendar: Calendar, stops: Sequence[Pause]
) -> Counted:
    """Walk through working minutes, so that pauses cost exactly what they lasted.

    A day's term begun when the office opens ends when it opens, not when it closed the day
    before; both are the same point of working time, and people expect the same hour.
    """
    counted_from = calendar.next_moment(began)
    in_days = limit.unit is Unit.WORKING_DAY
    same_day = counted_from.date() == began.date()
    at_opening = in_days and same_day and calendar.opens_at(counted_from)
    minutes = limit.value * (calendar.minutes_per_day if in_days else 60)
    at = calendar.advance(counted_from, minutes, at_opening=at_opening)
    for stop in stops:
        at = _shifted(at, stop, calendar, at_opening=at_opening)
    steps = [Step(StepKind.START, began)]
    if counted_from != began:
        steps.append(Step(StepKind.MOVED, counted_from))
    return at, steps + skipped(counted_from, at, calendar, stops)


def _calendar_time(
    began: datetime, limit: TimeLimit, calendar: Calendar, stops: Sequence[Pause]
) -> Counted:
    """Count days or months after the first day; a term that ends on a day off rolls on."""
    months = limit.unit is Unit.MONTH
    last = _months_later(began.date(), limit.value) if months else began.date() + limit.value * _DAY
    for stop in stops:
        if stop.end is None or stop.start >= _end_of(last, calendar):
            continue
        last += stop.end.date() - stop.start.date()
        while _end_of(last, calendar) <= stop.end:
            last += _DAY
    steps = [Step(StepKind.START, began)]
    at = _end_of(last, calendar)
    if at.date() != last:
        steps.append(Step(StepKind.ROLLED, midnight(last), reason=why_off(last, calendar)))
    return at, steps


def _same_day(
    began: datetime, limit: TimeLimit, calendar: Calendar, stops: Sequence[Pause]
) -> Counted:
    """Give the result today, or on the next working day when received too late for today."""
    counted_from, at = began, _day_of_result(began, limit, calendar)
    for stop in stops:
        if stop.end is not None and stop.start < at:
            counted_from, at = stop.end, _day_of_result(stop.end, limit, calendar)
    steps = [Step(StepKind.START, began)]
    if not calendar.is_working_day(counted_from.date()):
        steps.append(Step(StepKind.MOVED, calendar.opening(at.date())))
    elif at.date() != counted_from.date():
        latest = limit.cutoff or calendar.hours[-1][1]
        steps.append(Step(StepKind.CUTOFF, datetime.combine(counted_from.date(), latest, ZONE)))
    return at, steps


_COUNTS = {
    Unit.WORKING_HOUR: _working_time,
    Unit.WORKING_DAY: _working_time,
    Unit.CALENDAR_DAY: _calendar_time,
    Unit.MONTH: _calendar_time,
    Unit.SAME_DAY: _same_day,
}


def _shifted(
    at: datetime, stop: Pause, calendar: Calendar, *, at_opening: bool = False
) -> datetime:
    """Move a due moment by the working time a pause took from it."""
    if stop.end is None or stop.start >= at or not calendar.minutes_between(stop.start, stop.end):
        return at
    left = calendar.minutes_between(stop.start, at)
    return calendar.advance(stop.end, left, at_opening=at_opening)


def _day_of_result(moment: datetime, limit: TimeLimit, calendar: Calendar) -> datetime:
    day = moment.date()
    latest = datetime.combine(day, limit.cutoff, ZONE) if limit.cutoff else calendar.closing(day)
    in_time = calendar.is_working_day(day) and moment <= latest
    return calendar.closing(day if in_time else calendar.next_working_day(day))


def _end_of(last: date, calendar: Calendar) -> datetime:
    return calendar.closing(
        last if calendar.is_working_day(last) else calendar.next_working_day(last)
    )


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _merged(pauses: Sequence[Pause], began: datetime) -> list[Pause]:
    """Order pauses, join those that overlap, and cut off what lies before the start."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        start = max(_local(pause.start), began)
        end = _local(pause.end) if pause.end else None
        if end is not None and end <= start:
            continue
        if merged and (merged[-1].end is None or start <= merged[-1].end):
            ends = (merged[-1].end, end)
            whole = None if None in ends else max(moment for moment in ends if moment)
            merged[-1] = Pause(merged[-1].start, whole)
        else:
            merged.append(Pause(start, end))
    return merged


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without its time zone says nothing about office hours")
    return moment.astimezone(ZONE).replace(second=0, microsecond=0)
