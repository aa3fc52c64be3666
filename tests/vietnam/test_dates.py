from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnam import dates
from vietnam.dates import PartialDate

DAYS = st.dates(min_value=date(1000, 1, 1), max_value=date(9999, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20/03/2018", date(2018, 3, 20)),
        (" 5/3/2018 ", date(2018, 3, 5)),
        ("05-03-2018", date(2018, 3, 5)),
        ("5.3.2018", date(2018, 3, 5)),
        ("2018-03-20", date(2018, 3, 20)),
        ("31/02/2018", None),
        ("03/20/2018", None),
        ("20/03/18", None),
        ("2018", None),
        ("", None),
    ],
)
def test_a_date_is_read_day_first(text: str, day: date | None) -> None:
    assert dates.parse(text) == day


@given(DAYS)
def test_a_written_date_reads_back(day: date) -> None:
    assert dates.parse(dates.short(day)) == day
    assert dates.parse(day.isoformat()) == day
    assert dates.parse_compact(f"{day:%d%m}{day.year:04}") == day
    assert dates.find_long(f"Nha Trang, {dates.long(day)}.") == day
    assert dates.find_long(dates.long(day).upper()) == day


@pytest.mark.parametrize(
    ("text", "partial", "written"),
    [
        ("1950", PartialDate(1950), "1950"),
        ("3/1950", PartialDate(1950, 3), "03/1950"),
        ("02/09/1985", PartialDate(1985, 9, 2), "02/09/1985"),
        ("13/1950", None, ""),
        ("0000", None, ""),
        ("195", None, ""),
    ],
)
def test_a_birth_may_be_known_by_its_year(
    text: str, partial: PartialDate | None, written: str
) -> None:
    assert dates.parse_partial(text) == partial
    if partial:
        assert str(partial) == written


def test_only_a_whole_partial_date_is_exact() -> None:
    assert PartialDate(1985, 9, 2).exact == date(1985, 9, 2)
    assert PartialDate(1985, 9).exact is None
    assert PartialDate(1985).exact is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("ngày 20 tháng 3 năm 2018", date(2018, 3, 20)),
        ("Khánh Hòa, ngay 05 thang 01 nam 2020", date(2020, 1, 5)),
        ("ngày 31 tháng 2 năm 2018, sửa ngày 1 tháng 3 năm 2018", date(2018, 3, 1)),
        ("ngày … tháng … năm …", None),
    ],
)
def test_a_long_date_is_found_in_a_text(text: str, day: date | None) -> None:
    assert dates.find_long(text) == day


def test_official_papers_put_zeros_only_where_a_digit_could_be_added() -> None:
    assert dates.long(date(2018, 3, 20)) == "ngày 20 tháng 3 năm 2018"
    assert dates.long(date(2020, 1, 5)) == "ngày 05 tháng 01 năm 2020"


def test_a_moment_is_written_as_receipts_state_it() -> None:
    moment = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    assert dates.long_moment(moment) == "9 giờ 05 phút, ngày 24 tháng 11 năm 2026"
    assert dates.short_moment(moment) == "09:05 24/11/2026"
    assert dates.weekday(moment.date()) == "thứ Ba"
