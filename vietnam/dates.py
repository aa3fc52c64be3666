"""Reads and writes dates as Vietnamese papers do, also births of which only a year is known."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from vietnam.folding import fold

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{4})")
_MONTH = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{4})")
_YEAR = re.compile(r"\d{4}")
# Searched in folded text: readers of scans often lose the marks of "ngày", "tháng", "năm".
_LONG = re.compile(r"\bngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})\b")


@dataclass(frozen=True)
class PartialDate:
    """A date of which the day, or the day and month, may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        parts = [f"{part:02}" for part in (self.day, self.month) if part is not None]
        return "/".join([*parts, f"{self.year:04}"])

    @property
    def exact(self) -> date | None:
        """Return the calendar day when all of it is known."""
        if self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)


def parse(text: str) -> date | None:
    """Read dd/mm/yyyy (also with dots, hyphens or one digit) or the browser's yyyy-mm-dd."""
    text = text.strip()
    if match := _DAY_FIRST.fullmatch(text):
        return _day(match[3], match[2], match[1])
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(match[1], match[2], match[3])
    return None


def parse_compact(text: str) -> date | None:
    """Read the ddmmyyyy of a card's QR."""
    match = _COMPACT.fullmatch(text.strip())
    return _day(match[3], match[2], match[1]) if match else None


def parse_partial(text: str) -> PartialDate | None:
    """Read a whole date, a month mm/yyyy, or a year alone."""
    text = text.strip()
    if whole := parse(text):
        return PartialDate(whole.year, whole.month, whole.day)
    if (match := _MONTH.fullmatch(text)) and 1 <= int(match[1]) <= 12 and int(match[2]) > 0:
        return PartialDate(int(match[2]), int(match[1]))
    if _YEAR.fullmatch(text) and int(text) > 0:
        return PartialDate(int(text))
    return None


def find_long(text: str) -> date | None:
    """Find the first "ngày 20 tháng 3 năm 2018" in a text, marks or no marks."""
    for match in _LONG.finditer(fold(text)):
        if found := _day(match[3], match[2], match[1]):
            return found
    return None


def short(day: date) -> str:
    """Write 20/03/2018."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def long(day: date) -> str:
    """Write "ngày 20 tháng 3 năm 2018".

    Official papers put a zero before days under ten and before months one and two only, the
    numbers a stroke of the pen could turn into others.
    """
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year:04}"


def short_moment(moment: datetime) -> str:
    """Write 09:05 24/11/2026, in the zone the moment already has."""
    return f"{moment.hour:02}:{moment.minute:02} {short(moment)}"


def long_moment(moment: datetime) -> str:
    """Write "9 giờ 05 phút, ngày 24 tháng 11 năm 2026", as receipts state an appointment."""
    return f"{moment.hour} giờ {moment.minute:02} phút, {long(moment)}"


def weekday(day: date) -> str:
    """Name the day of the week: thứ Hai … Chủ nhật."""
    return WEEKDAYS[day.weekday()]


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
