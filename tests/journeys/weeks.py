"""When a walk takes place, and what its days are by the published calendar.

Reckoned here by counting days on the fingers, apart from the product's own arithmetic.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from portal.clock import ZONE

PUBLISHED = Path(__file__).resolve().parents[2] / "data" / "calendar.json"
OPENS = time(8, 30)  # somebody signs between half past eight and the noon break
DAY = timedelta(days=1)
NEAR = timedelta(days=14)


@dataclass(frozen=True)
class Week:
    """The days of one walk: papers sealed and accepted, decided, brought home, due."""

    starts: date

    @property
    def start(self) -> datetime:
        """The morning on which everything begins."""
        return datetime.combine(self.starts, OPENS, ZONE)

    @property
    def decided(self) -> datetime:
        """The first working day after it."""
        return _morning(_nth(1, self.starts))

    @property
    def delivered(self) -> datetime:
        """The second."""
        return _morning(_nth(2, self.starts))

    @property
    def due(self) -> date:
        """Three working days; the first day, worked or not, does not count."""
        return _nth(3, self.starts)

    def said(self) -> list[str]:
        """What the clock's own sentence must tell: where it ends, what it left out, how sure."""
        told = [f"{self.due:%d/%m/%Y}"]
        first = self.starts if _is_worked(self.starts) else _nth(1, self.starts)
        if first != self.starts:
            told.append(f"bắt đầu từ giờ làm việc kế tiếp 07:30 {first:%d/%m/%Y}")
            told.append(f"17:00 {self.due:%d/%m/%Y}")
        for day in _days(first, self.due):
            if day in _published("off"):
                told.append(_published("off")[day])
            elif day in _published("work"):
                told.append("làm bù")
            elif not _is_worked(day):
                told.append("thứ Bảy" if day.weekday() == 5 else "Chủ nhật")
        return told + _warnings(self.starts, self.due)


HOLIDAY = Week(date(2026, 11, 20))  # a Friday before a free Tuesday


def other() -> Week:
    """A walk from today, or from WALK_FROM=2027-02-04; a few weeks on when it would be the same."""
    given = os.environ.get("WALK_FROM")
    day = date.fromisoformat(given) if given else datetime.now(ZONE).date()
    while abs(day - HOLIDAY.starts) < NEAR:
        day += 7 * DAY
    return Week(day)


def _nth(count: int, after: date) -> date:
    day = after
    while count:
        day += DAY
        count -= _is_worked(day)
    return day


def _days(after: date, last: date) -> Iterator[date]:
    return (after + number * DAY for number in range(1, (last - after).days + 1))


def _is_worked(day: date) -> bool:
    return day in _published("work") or (day.weekday() < 5 and day not in _published("off"))


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), ZONE)


@cache
def _calendar() -> Any:
    return json.loads(PUBLISHED.read_text(encoding="utf-8"))


@cache
def _published(kind: str) -> dict[date, str]:
    rows = [row for row in _calendar()["days"] if row["kind"] == kind]
    return {date.fromisoformat(row["day"]): row["reason"] for row in rows}


def _warnings(first: date, last: date) -> list[str]:
    years = {row["year"]: row["is_sure"] for row in _calendar()["years"]}
    if not {first.year, last.year} <= set(years):
        return ["lịch nghỉ chưa được nạp đến ngày này, hạn là tạm tính"]
    if not years[last.year]:
        return ["lịch nghỉ của năm này chưa công bố đủ, hạn là dự kiến"]
    return []
