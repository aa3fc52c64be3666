"""The lives that demo dossiers lead: who does what after how long, ending in every status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from portal.calendar.rules import Calendar

DAY = 450  # worked minutes of a day
YEAR = 245 * DAY  # worked minutes of a year, roughly


@dataclass(frozen=True)
class Story:
    """So many dossiers take these acts, then wait for `rest` (from, to) in worked minutes."""

    count: int
    acts: str
    rest: tuple[int, int]
    is_late: bool = False
    by_post: bool = False

    @property
    def steps(self) -> list[str]:
        """The acts in their order."""
        return self.acts.split()

    @property
    def has_courier(self) -> bool:
        """Whether a courier has a part in it."""
        return bool({"dispatch", "pickup_collect", "pickup_miss"} & set(self.steps))

    @property
    def is_fit_for_reading(self) -> bool:
        """Whether its paper may still wait for the worker: open, recent, and not yet sealed."""
        return self.acts in (ONLINE, COUNTER, f"{ONLINE} {TO_OFFICER}") and not self.is_late


RECENT = (10, DAY)
THIS_WEEK = (60, 3 * DAY)
ALL_YEAR = (2 * DAY, YEAR)

ONLINE = "start papers submit"
DIRECT = "start_direct papers submit"
COUNTER = "counter papers"
SEALED = f"{COUNTER} seal"
HANDED = f"{SEALED} hand_over"
TO_OFFICER = "accept forward"

STORIES = (
    Story(8, "start", THIS_WEEK),
    Story(4, "start papers", RECENT),
    Story(14, ONLINE, RECENT),
    Story(5, "pickup", RECENT, by_post=True),
    Story(3, "pickup pickup_collect", RECENT, by_post=True),
    Story(2, "pickup pickup_miss", RECENT, by_post=True),
    Story(8, COUNTER, RECENT, by_post=True),
    Story(8, SEALED, RECENT, by_post=True),
    Story(4, f"{SEALED} propose", RECENT, by_post=True),
    Story(6, HANDED, RECENT, by_post=True),
    Story(8, f"{ONLINE} accept", RECENT),
    Story(6, f"{HANDED} accept", RECENT, by_post=True),
    Story(20, f"{ONLINE} {TO_OFFICER}", (60, 2 * DAY)),
    Story(14, f"{HANDED} {TO_OFFICER}", (60, 2 * DAY), by_post=True),
    Story(6, f"{ONLINE} {TO_OFFICER}", (8 * DAY, 14 * DAY), is_late=True),
    Story(4, f"{HANDED} {TO_OFFICER}", (8 * DAY, 14 * DAY), is_late=True, by_post=True),
    Story(3, f"{ONLINE} ask", THIS_WEEK),
    Story(7, f"{ONLINE} {TO_OFFICER} ask", THIS_WEEK),
    Story(4, f"{HANDED} {TO_OFFICER} ask", THIS_WEEK, by_post=True),
    Story(6, f"{ONLINE} {TO_OFFICER} ask_payment", THIS_WEEK),
    Story(9, f"{ONLINE} refuse", ALL_YEAR),
    Story(5, f"{HANDED} refuse", ALL_YEAR, by_post=True),
    Story(5, f"{ONLINE} withdraw", ALL_YEAR),
    Story(5, f"{ONLINE} {TO_OFFICER} withdraw", ALL_YEAR),
    Story(8, f"{ONLINE} {TO_OFFICER} ask stop", ALL_YEAR),
    Story(8, f"{ONLINE} {TO_OFFICER} decide", THIS_WEEK),
    Story(6, f"{HANDED} {TO_OFFICER} decide", RECENT, by_post=True),
    Story(4, f"{HANDED} {TO_OFFICER} decide collect", RECENT, by_post=True),
    Story(4, f"{HANDED} {TO_OFFICER} decide collect dispatch", RECENT, by_post=True),
    Story(3, f"{HANDED} {TO_OFFICER} decide collect dispatch miss", RECENT, by_post=True),
    Story(50, f"{ONLINE} {TO_OFFICER} decide return", ALL_YEAR),
    Story(10, f"{DIRECT} {TO_OFFICER} decide return", ALL_YEAR),
    Story(14, f"{ONLINE} {TO_OFFICER} ask supplement decide return", ALL_YEAR),
    Story(6, f"{ONLINE} {TO_OFFICER} ask_payment confirm decide return", ALL_YEAR),
    Story(7, f"{ONLINE} {TO_OFFICER} decide return", ALL_YEAR, is_late=True),
    Story(48, f"{HANDED} {TO_OFFICER} decide collect dispatch deliver", ALL_YEAR, by_post=True),
    Story(
        6,
        f"{HANDED} {TO_OFFICER} decide collect dispatch miss dispatch deliver",
        ALL_YEAR,
        by_post=True,
    ),
    Story(
        6,
        f"{HANDED} {TO_OFFICER} decide collect dispatch deliver",
        ALL_YEAR,
        is_late=True,
        by_post=True,
    ),
)

# Worked minutes between an act and the one before it.
GAPS = {
    "papers": (3, 20),
    "submit": (2, 15),
    "seal": (5, 15),
    "propose": (10, 60),
    "hand_over": (60, DAY),
    "accept": (10, 240),
    "forward": (10, 90),
    "ask": (60, DAY),
    "supplement": (DAY, 6 * DAY),
    "ask_payment": (60, DAY),
    "confirm": (120, 3 * DAY),
    "refuse": (60, DAY),
    "withdraw": (60, 2 * DAY),
    "stop": (10 * DAY, 15 * DAY),
    "return": (60, 3 * DAY),
    "collect": (60, DAY),
    "dispatch": (30, DAY),
    "miss": (60, 240),
    "deliver": (60, 240),
    "pickup_collect": (120, DAY),
    "pickup_miss": (120, DAY),
}
SECOND_VISIT = (2 * DAY + 30, 4 * DAY)


def scenes(
    story: Story, limit: int, calendar: Calendar, now: datetime, rng: Random
) -> list[tuple[datetime, str]]:
    """The acts of a dossier with their moments, the last of them before `now`.

    `limit` is the statutory time in worked minutes, which most decisions keep.
    """
    gaps = list(_gaps(story, limit, rng))
    last = back(now, rng.randint(*story.rest), calendar)
    moment = back(last, sum(gaps), calendar)
    told = []
    for act, gap in zip(story.steps, gaps, strict=True):
        moment = calendar.advance(moment, gap) if gap else moment
        told.append((moment, act))
    return told


def _gaps(story: Story, limit: int, rng: Random) -> Iterator[int]:
    seen: dict[str, int] = {}
    for act in story.steps:
        if act == "decide":
            share = rng.uniform(1.2, 1.9) if story.is_late else rng.uniform(0.3, 0.8)
            gap = max(10, int(limit * share) - seen["accept"] - seen["forward"])
        elif act == "dispatch" and act in seen:
            gap = rng.randint(*SECOND_VISIT)
        else:
            gap = rng.randint(*GAPS.get(act, (0, 0)))
        seen[act] = gap
        yield gap


def back(moment: datetime, minutes: int, calendar: Calendar) -> datetime:
    """The moment so many worked minutes before another."""
    day, end, left = moment.date(), moment, minutes
    while True:
        opening = calendar.opening(day)
        if calendar.is_working_day(day) and opening < end:
            worked = calendar.minutes_between(opening, end)
            if worked >= left:
                return calendar.advance(opening, worked - left)
            left -= worked
        end = opening
        day -= timedelta(days=1)
