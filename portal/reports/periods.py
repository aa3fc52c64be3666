"""The stretch of days a report speaks of, and the ones people ask for by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.clock import ZONE
from vietnam import dates

LONGEST_DAYS = 3 * 366
_DAY = timedelta(days=1)


class PeriodRefused(ValueError):
    """The days of an address make no period; `field` is the one to mend."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both counted."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The moment the first day begins."""
        return datetime.combine(self.first, time.min, ZONE)

    @property
    def end(self) -> datetime:
        """The moment after the last day: it no longer counts."""
        return datetime.combine(self.last + _DAY, time.min, ZONE)

    def as_query(self) -> dict[str, str]:
        """The same as part of an address."""
        return {"tu": self.first.isoformat(), "den": self.last.isoformat()}


def month_of(day: date) -> Period:
    """The whole calendar month."""
    first = day.replace(day=1)
    return Period(first, _next_month(first) - _DAY)


def quarter_of(day: date) -> Period:
    """The whole quarter."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Period(first, _next_month(_next_month(_next_month(first))) - _DAY)


def year_of(day: date) -> Period:
    """The reporting year is the calendar year."""
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


def last_months(day: date, count: int) -> list[Period]:
    """The months up to the present one, oldest first."""
    months = [month_of(day)]
    while len(months) < count:
        months.append(month_of(months[-1].first - _DAY))
    return months[::-1]


def read(first: str, last: str, today: date) -> Period:
    """The period of an address, this month if it names none; raises PeriodRefused."""
    usual = month_of(today)
    begins = _day("tu", first, usual.first)
    ends = _day("den", last, usual.last if not first else max(usual.last, begins))
    if ends < begins:
        raise PeriodRefused("den", "Ngày cuối kỳ phải từ ngày đầu kỳ trở đi.")
    if (ends - begins).days > LONGEST_DAYS:
        raise PeriodRefused("tu", "Chọn kỳ báo cáo không quá 3 năm.")
    return Period(begins, ends)


def _day(field: str, text: str, usual: date) -> date:
    if not text.strip():
        return usual
    day = dates.parse(text)
    if day is None or not 2000 <= day.year <= 2200:
        raise PeriodRefused(field, "Nhập ngày theo dạng ngày/tháng/năm, ví dụ 01/11/2026.")
    return day


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
