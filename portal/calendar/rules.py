"""Working time: which days and minutes are worked, how to count and to walk through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from portal.clock import ZONE

Hours = tuple[tuple[time, time], ...]

OFFICE_HOURS: Hours = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Day:
    """A day that breaks the weekly rule: a holiday, or a Saturday worked in exchange."""

    day: date
    is_working: bool
    reason: str
    is_sure: bool = True


def by_day(days: Iterable[Day]) -> dict[date, Day]:
    """Arrange exceptional days as a calendar wants them; a later row wins over an earlier one."""
    return {day.day: day for day in days}


@dataclass(frozen=True)
class Calendar:
    """The working time of one office.

    Days between the two `loaded` ends are known; after `sure_until` they are partly a forecast.
    """

    days: Mapping[date, Day] = field(default_factory=dict)
    hours: Hours = OFFICE_HOURS
    loaded_from: date | None = None
    loaded_until: date | None = None
    sure_until: date | None = None

    def __post_init__(self) -> None:
        ends = [moment for session in self.hours for moment in session]
        if not ends or ends != sorted(set(ends)):
            raise ValueError("office hours must be sessions that follow each other in one day")

    @property
    def minutes_per_day(self) -> int:
        """How many minutes a working day has."""
        return sum(_minute_of(closes) - _minute_of(opens) for opens, closes in self.hours)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work that day: the exception if there is one, else the week."""
        known = self.days.get(day)
        return known.is_working if known else day.weekday() < _SATURDAY

    def covers(self, first: date, last: date) -> bool:
        """Tell whether the days off of this whole span are loaded."""
        starts = self.loaded_from is None or self.loaded_from <= first
        return starts and self.loaded_until is not None and last <= self.loaded_until

    def is_forecast(self, day: date) -> bool:
        """Tell whether days off before this one may still be announced."""
        return self.sure_until is None or day > self.sure_until

    def next_working_day(self, day: date) -> date:
        """Return the first working day after this one."""
        day += _DAY
        while not self.is_working_day(day):
            day += _DAY
        return day

    def opening(self, day: date) -> datetime:
        """Return when the office opens on a working day."""
        return datetime.combine(day, self.hours[0][0], ZONE)

    def closing(self, day: date) -> datetime:
        """Return when the office closes on a working day."""
        return datetime.combine(day, self.hours[-1][1], ZONE)

    def opens_at(self, moment: datetime) -> bool:
        """Tell whether a session begins at exactly this moment."""
        return self.is_working_day(moment.date()) and moment.timetz().replace(tzinfo=None) in {
            start for start, _ in self.hours
        }

    def next_moment(self, moment: datetime) -> datetime:
        """Return the first worked moment from here on."""
        start, _ = next(self._sessions(moment))
        return start

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Count worked minutes from start to end; zero when end is not later."""
        total = timedelta()
        if start >= end:
            return 0
        for session_start, session_end in self._sessions(start):
            if session_start >= end:
                break
            total += min(session_end, end) - session_start
        return int(total.total_seconds()) // 60

    def advance(self, moment: datetime, minutes: int, *, at_opening: bool = False) -> datetime:
        """Walk through so many worked minutes.

        The end of a session and the beginning of the next are the same point of working time;
        `at_opening` chooses the beginning of the next.
        """
        left = timedelta(minutes=minutes)
        for start, end in self._sessions(moment):
            if left < end - start or (left == end - start and not at_opening):
                return start + left
            left -= end - start
        raise AssertionError("sessions never end")

    def _sessions(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is left of the present session, then all later ones, without end."""
        day = moment.date()
        while True:
            if self.is_working_day(day):
                for opens, closes in self.hours:
                    start = datetime.combine(day, opens, ZONE)
                    end = datetime.combine(day, closes, ZONE)
                    if end > moment:
                        yield max(start, moment), end
            day += _DAY


def _minute_of(moment: time) -> int:
    return moment.hour * 60 + moment.minute
