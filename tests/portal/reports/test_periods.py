"""The days of a report."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from portal.reports import periods
from portal.reports.periods import Period, PeriodRefused

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("made", "first", "last"),
    [
        (periods.month_of(date(2028, 2, 29)), date(2028, 2, 1), date(2028, 2, 29)),
        (periods.month_of(date(2026, 12, 31)), date(2026, 12, 1), date(2026, 12, 31)),
        (periods.quarter_of(date(2026, 5, 20)), date(2026, 4, 1), date(2026, 6, 30)),
        (periods.quarter_of(date(2026, 12, 1)), date(2026, 10, 1), date(2026, 12, 31)),
        (periods.year_of(TODAY), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_named_periods_are_whole(made: Period, first: date, last: date) -> None:
    assert (made.first, made.last) == (first, last)


def test_the_last_months_follow_each_other_without_gap() -> None:
    months = periods.last_months(TODAY, 14)
    assert len(months) == 14
    assert months[-1] == periods.month_of(TODAY)
    for before, after in pairwise(months):
        assert before.last + timedelta(days=1) == after.first
        assert before.end == after.start


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("", "", Period(date(2026, 11, 1), date(2026, 11, 30))),
        ("01/10/2026", "24/10/2026", Period(date(2026, 10, 1), date(2026, 10, 24))),
        ("2026-10-25", "2026-11-24", Period(date(2026, 10, 25), date(2026, 11, 24))),
        ("1.10.2026", "", Period(date(2026, 10, 1), date(2026, 11, 30))),
        ("01/01/2027", "", Period(date(2027, 1, 1), date(2027, 1, 1))),
    ],
)
def test_a_period_is_read_as_people_write_it(first: str, last: str, expected: Period) -> None:
    assert periods.read(first, last, TODAY) == expected


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("32/01/2026", "", "tu"),
        ("hôm qua", "", "tu"),
        ("", "31/02/2026", "den"),
        ("05/11/2026", "04/11/2026", "den"),
        ("01/01/2020", "31/12/2026", "tu"),
        ("01/01/0001", "", "tu"),
    ],
)
def test_a_wrong_day_is_told_beside_its_field(first: str, last: str, field: str) -> None:
    with pytest.raises(PeriodRefused) as refused:
        periods.read(first, last, TODAY)
    assert refused.value.field == field
    assert str(refused.value)
