"""The lives of demo dossiers fit into working time and end before the present moment."""

from datetime import date, datetime, timedelta
from random import Random

import pytest

from portal import clock
from portal.calendar.rules import Calendar, Day, by_day
from portal.demo import people, stories
from portal.demo.stories import DAY, STORIES, Story
from vietnam import citizen_number, phones

HOLIDAYS = Calendar(by_day(Day(date(2026, 2, day), False, "Tết") for day in range(16, 21)))
MOMENTS = (
    datetime(2026, 2, 18, 3, 0, tzinfo=clock.ZONE),
    datetime(2026, 3, 1, 12, 0, tzinfo=clock.ZONE),
    datetime(2026, 3, 16, 7, 31, tzinfo=clock.ZONE),
    datetime(2031, 12, 31, 23, 59, tzinfo=clock.ZONE),
)


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same story for the same seed


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_going_back_and_forth_through_working_time_meets(now: datetime) -> None:
    for minutes in (0, 1, 239, 450, 451, 5000, 100_000):
        before = stories.back(now, minutes, HOLIDAYS)
        assert before <= now
        assert HOLIDAYS.minutes_between(before, now) == minutes


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_every_story_is_told_in_order_and_ends_before_now(now: datetime) -> None:
    for number, story in enumerate(STORIES):
        told = stories.scenes(story, 3 * DAY, HOLIDAYS, now, dice(number))
        moments = [at for at, _act in told]
        assert [act for _at, act in told] == story.steps
        assert moments == sorted(moments)
        assert moments[-1] < now
        assert moments[0] > now - timedelta(days=460)


def test_the_same_seed_tells_the_same_story() -> None:
    story = Story(1, "start papers submit accept forward decide return", stories.ALL_YEAR)
    told = [stories.scenes(story, DAY, HOLIDAYS, MOMENTS[2], dice(7)) for _ in range(2)]
    assert told[0] == told[1]


def test_nobody_real_has_the_numbers_of_invented_people() -> None:
    rng = dice(1)
    found = [people.invent(rng, number) for number in range(500)]
    assert len({person.citizen_number for person in found}) == 500
    assert len({person.phone for person in found}) == 500
    for person in found:
        number = citizen_number.parse(person.citizen_number)
        assert number is not None
        assert number.province is None
        assert number.birth_year == person.birth_year
        assert (number.sex is citizen_number.Sex.FEMALE) == person.is_woman
        assert phones.is_mobile(person.phone)
