"""The questions of a pick-up: who sends, from where, when the courier may come, how it returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from portal.calendar.queries import working_calendar
from portal.calendar.rules import Calendar
from portal.catalogue.models import ProcedureVersion
from portal.dossiers.application import Application, Page, Question
from portal.dossiers.generic_form import REQUESTER_ADDRESS, REQUESTER_COMMUNE, return_page
from portal.formats import WEEKDAYS
from portal.postal.models import Slot

SLOT = "pickup_slot"
NOTE = "pickup_note"
DAYS_OFFERED = 6
LAST_WEEKDAY = 5  # couriers work Monday to Saturday, as the post's opening hours say
SLOT_WORDS = {Slot.MORNING: "buổi sáng", Slot.AFTERNOON: "buổi chiều"}


@dataclass(frozen=True)
class Visit:
    """A day and half-day on which a courier can come."""

    on: date
    slot: Slot

    @property
    def value(self) -> str:
        """Its name in forms."""
        return f"{self.on.isoformat()}/{self.slot.value}"

    @property
    def text(self) -> str:
        """“Thứ Hai 23/11/2026, buổi sáng”."""
        weekday = WEEKDAYS[self.on.weekday()]
        day = f"{weekday[:1].upper()}{weekday[1:]} {self.on:%d/%m/%Y}"
        return f"{day}, {SLOT_WORDS[self.slot]}"


def visits(today: date, calendar: Calendar) -> list[Visit]:
    """The half-days of the next days on which the post works, from tomorrow on."""
    found: list[Visit] = []
    day = today
    while len(found) < DAYS_OFFERED * len(Slot):
        day += timedelta(days=1)
        if _works(day, calendar):
            found += [Visit(day, slot) for slot in Slot]
    return found


def _works(day: date, calendar: Calendar) -> bool:
    known = calendar.days.get(day)
    return known.is_working if known else day.weekday() <= LAST_WEEKDAY


def visit_of(value: str, today: date) -> Visit | None:
    """The offered visit with this name, or None when it is not (or no longer) offered."""
    offered = visits(today, working_calendar())
    return next((visit for visit in offered if visit.value == value), None)


def application(version: ProcedureVersion, today: date) -> Application:
    """The questions of a booking, asked with the same machinery as the electronic forms."""
    offered = tuple((visit.value, visit.text) for visit in visits(today, working_calendar()))
    return Application(
        title=_("Hẹn bưu tá đến lấy giấy tờ"),
        pages=(
            _who(),
            _where(),
            Page(
                "slot",
                _("Ngày và buổi"),
                "",
                (
                    Question(
                        SLOT,
                        _("Bưu tá đến lúc nào thì tiện?"),
                        kind="radio",
                        required=True,
                        options=offered,
                        hint=_("Bưu tá có thể gọi điện trước khi đến"),
                    ),
                ),
            ),
            return_page(by_post=version.post_out, online=False),
        ),
    )


def _who() -> Page:
    return Page(
        "who",
        _("Người gửi hồ sơ"),
        "",
        (
            Question(
                "requester_name",
                _("Họ, chữ đệm, tên"),
                required=True,
                hint=_("Ghi đúng như trên thẻ căn cước"),
                autocomplete="name",
                max_length=100,
            ),
            Question(
                "requester_phone",
                _("Số điện thoại"),
                kind="phone",
                required=True,
                hint=_("Bưu tá gọi số này khi cần"),
                autocomplete="tel",
            ),
            Question(
                "requester_email",
                _("Thư điện tử"),
                kind="email",
                hint=_("Để nhận tin về hồ sơ"),
                autocomplete="email",
            ),
        ),
    )


def _where() -> Page:
    return Page(
        "where",
        _("Địa chỉ lấy giấy tờ"),
        "",
        (
            Question(REQUESTER_COMMUNE, _("Xã, phường, đặc khu"), kind="commune", required=True),
            Question(
                REQUESTER_ADDRESS,
                _("Thôn, tổ dân phố, số nhà, đường"),
                required=True,
                hint=_("Không ghi lại tên xã, tỉnh"),
                autocomplete="street-address",
                max_length=200,
            ),
            Question(
                NOTE,
                _("Chỉ dẫn cho bưu tá"),
                hint=_("Ví dụ: cổng xanh cạnh trường học"),
                max_length=300,
            ),
        ),
    )
