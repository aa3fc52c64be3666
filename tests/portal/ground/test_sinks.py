"""Behind every door of every role, hostile words stay words: pages, fragments, errors, papers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import clock
from portal.access import Role
from portal.doorman import Row
from portal.doors import ROWS
from tests.factories.everything import FRIDAY, Everything, make_everything
from tests.portal.ground.payloads import ALL, MARK, PAYLOADS
from tests.portal.ground.poison import alive_in, live, poison
from tests.rig.clocks import TurnedClock
from tests.rig.crawl import ASKED, Crawl

READING = [row for row in ROWS if row.method == "GET"]
# Everything that any door reads from its address (a house of one word is in the paths).
ASKABLE = (
    *("bg", "cap", "choices", "co", "commune_province", "da_luu", "den", "han", "label", "loai"),
    *("ma", "moi", "muc", "next", "o", "q", "sau", "so", "ten", "tim", "trang", "trang_thai"),
    *("truoc", "tu", "v", "vai_tro", "xem", "xoay"),
)
FRAGMENT = {"HX-Request": "true"}
ENOUGH, DEAR = 4, 1  # things that each door opens on for each person, printed papers


@dataclass
class Tally:
    """What was read, and what was found alive in it."""

    read: Counter[str] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)
    alive: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def judge(self, who: Role | None, answer: TestResponse) -> None:
        at = f"{who or 'visitor'} {answer.request.full_path[:120]}"
        self.read[f"{answer.mimetype} {answer.status_code}"] += 1
        if answer.status_code >= 500:
            self.broken.append(at)
        if answer.mimetype == "application/pdf" and not at_a_file(answer):
            self.alive += [f"{at}: {one}" for one in alive_in(answer.data)]
        elif answer.mimetype.startswith("text/"):
            self.alive += [f"{at}: {one}" for one in live(answer.text)]
            self.alive += [f"{at}: reckoned"] if "49q7x" in answer.text else []
            self.marked[str(who or "visitor")] += MARK in answer.text
        self.alive += [f"{at}: header {name}" for name, value in answer.headers if breaks(value)]


def breaks(value: str) -> bool:
    return any(sign in value for sign in "\r\n<\0")


def at_a_file(answer: TestResponse) -> bool:
    """What was handed in, which is no paper of ours; here only its name is drawn."""
    return answer.request.path.startswith("/giay-to/")


@pytest.fixture
def made(app: Flask, turned_clock: TurnedClock) -> Iterator[Everything]:
    """Everything there is, poisoned, with people whose own names are attacks."""
    turned_clock.set(FRIDAY)
    found = make_everything(app)
    poison(app)
    yield found
    clock.turn(None)


@pytest.mark.proof
def test_nothing_comes_alive_behind_any_door(made: Everything) -> None:
    """Whoever a door lets in, and somebody whom it does not."""
    crawl, tally = Crawl(made), Tally()
    for row in sorted(READING, key=lambda row: row.path.startswith("/quan-tri")):  # the log last
        for role in sorted(row.who) or [None, *Role]:
            open_all(crawl, row, role, tally)
        shut_out = next((role for role in Role if row.who and role not in row.who), None)
        tally.judge(shut_out, made.clients[shut_out].get(next(iter(crawl.paths(row)), row.path)))
    print(dict(tally.read), dict(tally.marked))
    assert tally.alive == []
    assert tally.broken == []
    assert set(tally.marked) >= {str(role) for role in Role}
    assert all(tally.marked.values()), tally.marked


def open_all(crawl: Crawl, row: Row, role: Role | None, tally: Tally) -> None:
    """As a page, and as htmx would, on the first things that open."""
    client, query, opened = crawl.made.clients[role], ASKED.get(row.name), 0
    for path in crawl.paths(row):
        answer = client.get(path, query_string=query)
        tally.judge(role, answer)
        opened += answer.status_code == 200
        if answer.mimetype == "text/html":
            tally.judge(role, client.get(path, query_string=query, headers=FRAGMENT))
        if opened == (DEAR if answer.mimetype == "application/pdf" else ENOUGH):
            return


@pytest.mark.proof
def test_what_is_asked_in_an_address_comes_back_as_words(made: Everything) -> None:
    crawl, tally = Crawl(made), Tally()
    for row in READING:
        path = next(iter(crawl.paths(row)), row.path)
        role = min(row.who) if row.who else None
        for headers in ({}, FRAGMENT):
            for words in (ALL, PAYLOADS[5], PAYLOADS[37]):
                asked = dict.fromkeys(ASKABLE, words)
                tally.judge(role, made.clients[role].get(path, query_string=asked, headers=headers))
    print(dict(tally.read), dict(tally.marked))
    assert tally.alive == []
    assert tally.broken == []


def test_an_address_that_is_an_attack_is_told_as_words(client: FlaskClient) -> None:
    """Errors say where one was, and the page goes on from there."""
    tally = Tally()
    for number, one in enumerate(PAYLOADS):
        headers = FRAGMENT if number % 2 else {}
        at = ("/", "/thu-tuc/", "/cua-toi/ho-so/")[number % 3]
        tally.judge(None, client.get(at + one, headers=headers))
        tally.judge(None, client.get(at, query_string={one: one}, headers=headers))
    assert tally.alive == []
    assert tally.broken == []
    assert sum(tally.read.values()) == len(PAYLOADS) * 2


def test_the_tally_sees_a_header_that_was_broken_into() -> None:
    assert breaks("attachment; filename=a\r\nSet-Cookie: q7x")
    assert not breaks("attachment; filename=\"_q7x_.pdf\"; filename*=UTF-8''%3Cq7x%3E.pdf")
