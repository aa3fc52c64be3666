"""How dates, money, numbers and files are written for people."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from portal.clock import ZONE
from vietnam import citizen_number
from vietnam.phones import display as display_phone
from vietnam.phones import mask as mask_phone

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def long_moment(moment: datetime | None) -> str:
    """“09:05, thứ Ba 24/11/2026”."""
    if moment is None:
        return ""
    local = moment.astimezone(ZONE)
    return f"{local:%H:%M}, {WEEKDAYS[local.weekday()]} {local:%d/%m/%Y}"


def short_moment(moment: datetime | None) -> str:
    """“09:05 24/11/2026”."""
    return "" if moment is None else f"{moment.astimezone(ZONE):%H:%M %d/%m/%Y}"


def day(value: date | datetime | None) -> str:
    """“24/11/2026”."""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return "" if value is None else f"{value:%d/%m/%Y}"


def paper_day(moment: datetime | None) -> str:
    """“Ngày 24 tháng 11 năm 2026”, as papers are dated."""
    if moment is None:
        return ""
    local = moment.astimezone(ZONE)
    return f"Ngày {local:%d} tháng {local:%m} năm {local.year}"


def dong(amount: int | None) -> str:
    """“1.234.567 đ”."""
    return "" if amount is None else f"{amount:,}".replace(",", ".") + " đ"


def size(count: int | None) -> str:
    """“1,4 MB”, the way people here write decimals."""
    if count is None:
        return ""
    if count == 0:
        return "0 kB"
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))} kB"
    return f"{count / 1024 / 1024:.1f} MB".replace(".", ",")


def set_up(app: Flask) -> None:
    """Give every template the filters and helpers of this module."""
    app.jinja_env.filters.update(
        moment=short_moment,
        long_moment=long_moment,
        datetime=short_moment,
        date=day,
        paper_day=paper_day,
        dong=dong,
        filesize=size,
        phone=lambda text: display_phone(text) if text else "",
        masked=lambda text: citizen_number.mask(text) if text else "",
        masked_phone=lambda text: mask_phone(text) if text else "",
    )
