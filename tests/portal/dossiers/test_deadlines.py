"""Due dates against the law's worked example and against a slow count of single minutes."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendar.rules import Calendar, Day, by_day
from portal.clock import ZONE
from portal.dossiers import deadlines
from portal.dossiers.deadlines import (
    Extension,
    Pause,
    Standing,
    StepKind,
    TimeLimit,
    Unit,
)

FILE = json.loads((Path(__file__).parents[3] / "data/calendar.json").read_text(encoding="utf-8"))
CALENDAR = Calendar(
    by_day(
        Day(date.fromisoformat(row["day"]), row["kind"] == "work", row["reason"], row["is_sure"])
        for row in FILE["days"]
    ),
    loaded_from=date(2025, 1, 1),
    loaded_until=date(2027, 12, 31),
    sure_until=date(2026, 12, 31),
)
THREE_DAYS = TimeLimit(3, Unit.WORKING_DAY)
TEN_DATES = TimeLimit(10, Unit.CALENDAR_DAY)
SAME_DAY = TimeLimit(1, Unit.SAME_DAY, time(15))
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


def due_at(start: str, limit: TimeLimit, *pauses: tuple[str, str]) -> str:
    stops = [Pause(at(first), at(last)) for first, last in pauses]
    return f"{deadlines.due(at(start), limit, CALENDAR, stops).at:%d/%m/%Y %H:%M}"


def test_the_worked_example_explains_itself() -> None:
    due = deadlines.due(at("20/11/2026 10:12"), THREE_DAYS, CALENDAR)
    assert due.at == at("26/11/2026 10:12")
    assert due.explanation == (
        "3 ngày làm việc từ 10:12 20/11/2026, trừ ngày nghỉ 24/11 (Ngày Văn hóa Việt Nam)"
        " và thứ Bảy, Chủ nhật → 10:12 26/11/2026"
    )
    assert [step.kind for step in due.steps] == [
        StepKind.START, StepKind.OFF, StepKind.WEEKEND, StepKind.DUE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        # Swapped days: 2 January 2026 is off, Saturday 10 January is worked.
        ("31/12/2025 09:00", THREE_DAYS, "07/01/2026 09:00"),
        ("08/01/2026 09:00", THREE_DAYS, "12/01/2026 09:00"),
        ("20/08/2026 09:00", TimeLimit(8, Unit.WORKING_DAY), "03/09/2026 09:00"),
        # Outside office hours the count begins with the next worked hour.
        ("20/11/2026 18:30", THREE_DAYS, "26/11/2026 17:00"),
        ("21/11/2026 09:00", THREE_DAYS, "26/11/2026 17:00"),
        ("18/11/2026 12:00", THREE_DAYS, "23/11/2026 13:30"),
        ("18/11/2026 06:00", THREE_DAYS, "23/11/2026 07:30"),
        ("18/11/2026 07:30", THREE_DAYS, "23/11/2026 07:30"),
        ("18/11/2026 07:30", TimeLimit(4, Unit.WORKING_HOUR), "18/11/2026 11:30"),
        ("18/11/2026 16:00", TimeLimit(2, Unit.WORKING_HOUR), "19/11/2026 08:30"),
        # Calendar days: the first is not counted, a day off at the end rolls on.
        ("20/11/2026 10:12", TimeLimit(4, Unit.CALENDAR_DAY), "25/11/2026 17:00"),
        ("20/11/2026 10:12", TimeLimit(5, Unit.CALENDAR_DAY), "25/11/2026 17:00"),
        ("06/02/2026 10:12", TimeLimit(8, Unit.CALENDAR_DAY), "23/02/2026 17:00"),
        ("31/01/2026 10:12", TimeLimit(1, Unit.MONTH), "02/03/2026 17:00"),
        ("20/11/2026 10:12", TimeLimit(2, Unit.MONTH), "20/01/2027 17:00"),
        # The same day, unless received after 15:00.
        ("20/11/2026 15:00", SAME_DAY, "20/11/2026 17:00"),
        ("20/11/2026 15:01", SAME_DAY, "23/11/2026 17:00"),
        ("23/11/2026 16:00", SAME_DAY, "25/11/2026 17:00"),
        ("22/11/2026 16:00", SAME_DAY, "23/11/2026 17:00"),
        ("20/11/2026 16:59", TimeLimit(1, Unit.SAME_DAY), "20/11/2026 17:00"),
    ],
)
def test_every_unit_counts_as_the_law_says(start: str, limit: TimeLimit, due: str) -> None:
    assert due_at(start, limit) == due


@pytest.mark.parametrize(
    ("limit", "pause", "due"),
    [
        (THREE_DAYS, ("23/11/2026 09:00", "27/11/2026 09:00"), "01/12/2026 10:12"),
        (THREE_DAYS, ("20/11/2026 18:00", "22/11/2026 20:00"), "26/11/2026 10:12"),
        (THREE_DAYS, ("26/11/2026 10:12", "30/11/2026 10:12"), "26/11/2026 10:12"),
        (TEN_DATES, ("23/11/2026 09:00", "26/11/2026 09:00"), "03/12/2026 17:00"),
        (SAME_DAY, ("20/11/2026 11:00", "25/11/2026 16:00"), "26/11/2026 17:00"),
    ],
)  # fmt: skip
def test_a_pause_gives_back_the_time_it_took(
    limit: TimeLimit, pause: tuple[str, str], due: str
) -> None:
    assert due_at("20/11/2026 10:12", limit, pause) == due


def test_an_open_pause_leaves_the_date_and_says_so() -> None:
    pause = Pause(at("23/11/2026 09:00"))
    due = deadlines.due(at("20/11/2026 10:12"), THREE_DAYS, CALENDAR, [pause])
    assert due.at == at("26/11/2026 10:12")
    assert "đang tạm dừng từ 09:00 23/11/2026" in due.explanation


def test_an_extension_moves_the_date_and_keeps_the_original() -> None:
    extension = Extension(at("26/11/2026 09:00"), at("30/11/2026 17:00"), "Chờ xác minh")
    pause = Pause(at("27/11/2026 07:30"), at("30/11/2026 07:30"))
    due = deadlines.due(at("20/11/2026 10:12"), THREE_DAYS, CALENDAR, [pause], [extension])
    assert due.original_at == at("26/11/2026 10:12")
    assert due.at == at("01/12/2026 17:00")
    assert "đã gia hạn đến" in due.explanation


def test_a_date_past_the_loaded_calendar_says_so() -> None:
    due = deadlines.due(at("30/12/2027 10:00"), THREE_DAYS, CALENDAR)
    assert due.beyond_calendar
    assert "chưa được nạp" in due.explanation


def test_a_date_in_a_year_not_fully_announced_is_a_forecast() -> None:
    due = deadlines.due(at("03/02/2027 10:00"), THREE_DAYS, CALENDAR)
    assert due.is_forecast
    assert not due.beyond_calendar
    assert due.at == at("15/02/2027 10:00")
    assert "ngày nghỉ 04/02–05/02 (Tết Nguyên đán (dự kiến))" in due.explanation
    assert "chưa công bố đủ" in due.explanation


@pytest.mark.parametrize(
    ("start", "limit", "words"),
    [
        ("08/01/2026 09:00", THREE_DAYS, "tính cả thứ Bảy làm bù 10/01"),
        ("20/11/2026 18:30", THREE_DAYS, "bắt đầu từ giờ làm việc kế tiếp 07:30 23/11/2026"),
        ("20/11/2026 15:30", SAME_DAY, "nhận sau 15:00 nên trả vào ngày làm việc kế tiếp"),
        ("22/11/2026 16:00", SAME_DAY, "bắt đầu từ giờ làm việc kế tiếp 07:30 23/11/2026"),
        ("20/11/2026 10:12", TimeLimit(4, Unit.CALENDAR_DAY), "ngày cuối 24/11 là ngày nghỉ"),
        ("31/12/2025 09:00", THREE_DAYS, "01/01/2026 (Tết Dương lịch)"),
        ("20/11/2026 10:12", TimeLimit(8, Unit.WORKING_HOUR), "8 giờ làm việc từ"),
        ("20/11/2026 10:12", SAME_DAY, "Trong ngày (mốc 15:00) từ"),
    ],
)
def test_each_reason_is_told(start: str, limit: TimeLimit, words: str) -> None:
    assert words in deadlines.due(at(start), limit, CALENDAR).explanation


def test_a_closed_pause_is_told() -> None:
    pause = Pause(at("23/11/2026 09:00"), at("27/11/2026 09:00"))
    due = deadlines.due(at("20/11/2026 10:12"), THREE_DAYS, CALENDAR, [pause])
    assert "trừ thời gian tạm dừng từ 09:00 23/11/2026 đến 09:00 27/11/2026" in due.explanation
    assert "24/11" not in due.explanation


def test_moments_of_other_zones_are_brought_home_and_naive_ones_refused() -> None:
    utc = at("20/11/2026 10:12").astimezone(UTC)
    assert deadlines.due(utc, THREE_DAYS, CALENDAR).at == at("26/11/2026 10:12")
    with pytest.raises(ValueError, match="time zone"):
        deadlines.due(utc.replace(tzinfo=None), THREE_DAYS, CALENDAR)


# --- against a count of single minutes -------------------------------------------------------

OFF = {date.fromisoformat(row["day"]) for row in FILE["days"] if row["kind"] == "off"}
WORK = {date.fromisoformat(row["day"]) for row in FILE["days"] if row["kind"] == "work"}

STARTS = st.datetimes(
    min_value=datetime(2025, 12, 20),  # noqa: DTZ001 - hypothesis wants bounds without a zone
    max_value=datetime(2026, 12, 1),  # noqa: DTZ001
).map(lambda moment: moment.replace(second=0, microsecond=0, tzinfo=ZONE))
EDGES = st.builds(
    lambda moment, hour: datetime.combine(moment.date(), hour, ZONE),
    STARTS,
    st.sampled_from([time(7, 30), time(11, 30), time(13, 30), time(17), time(0)]),
)
PAUSES = st.lists(
    st.tuples(st.integers(0, 6 * 24 * 60), st.integers(1, 3 * 24 * 60)), max_size=2
)  # minutes after the start, and how long


def is_worked(minute: datetime) -> bool:
    day = minute.date()
    of_day = minute.hour * 60 + minute.minute
    open_day = day in WORK or (day not in OFF and day.isoweekday() < 6)
    return open_day and (450 <= of_day < 690 or 810 <= of_day < 1020)


def first_minute(start: datetime, good: Callable[[datetime], bool]) -> datetime:
    while not good(start):
        start += MINUTE
    return start


def pauses_of(start: datetime, drawn: list[tuple[int, int]]) -> list[Pause]:
    return [Pause(start + begin * MINUTE, start + (begin + long) * MINUTE) for begin, long in drawn]


def counted_slowly(start: datetime, total: int, pauses: list[Pause], *, in_days: bool) -> datetime:
    """Tick through single minutes until all of them have been counted."""
    first = first_minute(start, is_worked)
    keeps_hour = (
        in_days and first.date() == start.date() and first.time() in {time(7, 30), time(13, 30)}
    )
    minute = start
    while total:
        stands = any(p.start <= minute < p.end for p in pauses if p.end)
        total -= is_worked(minute) and not stands
        minute += MINUTE
    if not keeps_hour:
        return minute
    return first_minute(
        minute, lambda m: is_worked(m) and not any(p.start < m < p.end for p in pauses if p.end)
    )


@settings(deadline=None, max_examples=60)
@given(STARTS | EDGES, st.integers(1, 5), PAUSES)
def test_working_days_agree_with_a_slow_count(
    start: datetime, days: int, drawn: list[tuple[int, int]]
) -> None:
    pauses = pauses_of(start, drawn)
    due = deadlines.due(start, TimeLimit(days, Unit.WORKING_DAY), CALENDAR, pauses)
    assert due.at == counted_slowly(start, days * 450, pauses, in_days=True)


@settings(deadline=None, max_examples=40)
@given(STARTS | EDGES, st.integers(1, 20), PAUSES)
def test_working_hours_agree_with_a_slow_count(
    start: datetime, hours: int, drawn: list[tuple[int, int]]
) -> None:
    pauses = pauses_of(start, drawn)
    due = deadlines.due(start, TimeLimit(hours, Unit.WORKING_HOUR), CALENDAR, pauses)
    assert due.at == counted_slowly(start, hours * 60, pauses, in_days=False)


@settings(deadline=None, max_examples=60)
@given(STARTS | EDGES, st.integers(1, 12), PAUSES)
def test_calendar_days_agree_with_a_count_of_midnights(
    start: datetime, days: int, drawn: list[tuple[int, int]]
) -> None:
    pauses = pauses_of(start, drawn)
    left, minute = days, start
    while True:
        minute += MINUTE
        stands = any(p.start < minute <= p.end for p in pauses if p.end)
        if minute.time() == time() and left and not stands:
            left -= 1
        closes = minute.time() == time(17) and is_worked(minute - MINUTE)
        if closes and not left and not stands:
            break
    due = deadlines.due(start, TimeLimit(days, Unit.CALENDAR_DAY), CALENDAR, pauses)
    assert due.at == minute


@settings(deadline=None, max_examples=100)
@given(STARTS, STARTS)
def test_time_left_plus_time_counted_is_the_whole(one: datetime, other: datetime) -> None:
    start, end = sorted([one, other])
    minutes = CALENDAR.minutes_between(start, end)
    assert CALENDAR.minutes_between(start, CALENDAR.advance(start, minutes)) == minutes
    assert CALENDAR.advance(start, minutes) <= max(end, CALENDAR.next_moment(start))


# --- standing and what is left ---------------------------------------------------------------

DUE = at("26/11/2026 10:12")


@pytest.mark.parametrize(
    ("finished", "expected"),
    [
        ("25/11/2026 16:59", Standing.EARLY),
        ("26/11/2026 07:30", Standing.ON_TIME),
        ("26/11/2026 10:12", Standing.ON_TIME),
        ("26/11/2026 10:13", Standing.OVERDUE),
    ],
)
def test_a_finished_dossier_is_early_on_time_or_late(finished: str, expected: Standing) -> None:
    assert deadlines.standing(at("30/11/2026 09:00"), DUE, CALENDAR, at(finished)) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("20/11/2026 10:12", Standing.WITHIN),
        ("25/11/2026 10:11", Standing.WITHIN),
        ("25/11/2026 10:12", Standing.DUE_SOON),
        ("26/11/2026 10:12", Standing.DUE_SOON),
        ("26/11/2026 10:13", Standing.OVERDUE),
    ],
)
def test_an_open_dossier_is_within_due_soon_or_overdue(now: str, expected: Standing) -> None:
    assert deadlines.standing(at(now), DUE, CALENDAR) is expected


def test_a_long_dossier_is_due_soon_with_a_fifth_of_its_time_left() -> None:
    start, end = at("02/11/2026 08:00"), at("27/11/2026 17:00")
    now = at("24/11/2026 09:00")
    assert deadlines.standing(now, end, CALENDAR) is Standing.WITHIN
    assert deadlines.standing(now, end, CALENDAR, started_at=start) is Standing.DUE_SOON


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("20/11/2026 10:12", "còn 3 ngày làm việc 0 giờ"),
        ("26/11/2026 09:00", "còn 1 giờ 12 phút"),
        ("26/11/2026 10:12", "còn 0 giờ 0 phút"),
        ("26/11/2026 11:00", "quá hạn 0 giờ 48 phút"),
        ("27/11/2026 11:12", "quá hạn 1 ngày làm việc 1 giờ"),
    ],
)
def test_what_is_left_is_told_in_working_time(now: str, words: str) -> None:
    assert str(deadlines.remaining(at(now), DUE, CALENDAR)) == words


def test_hours_that_do_not_follow_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="sessions"):
        Calendar(hours=((time(13), time(12)),))
    with pytest.raises(ValueError, match="sessions"):
        Calendar(hours=())
