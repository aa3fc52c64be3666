"""What is typed comes alive in no real browser, and our own pages keep to their own policy."""

from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from portal.access import Role
from portal.doors import ROWS
from tests.factories.everything import FRIDAY, make_everything
from tests.portal.ground.payloads import ALL, MARK
from tests.portal.ground.poison import poison
from tests.portal.ground.test_payloads import Poisoned
from tests.rig.clocks import TurnedClock
from tests.rig.crawl import ASKED, Crawl
from tests.rig.watched import on_a_port, watched

ENOUGH = 3  # things each door opens on


def test_the_browser_tells_what_comes_alive(browser: Browser) -> None:
    """A site that escapes nothing would be heard, with our policy and without."""
    app = Flask("careless")
    app.add_url_rule("/", "bare", lambda: f"<!doctype html><title>x</title><p>{ALL}")
    strict = {"Content-Security-Policy": "default-src 'none'; script-src 'self'"}
    policed = (f"<!doctype html><title>x</title><p>{ALL}", 200, strict)
    app.add_url_rule("/policed", "policed", lambda: policed)
    with on_a_port(app) as site, watched(browser, site, app.test_client()) as person:
        person.open("/")
        heard = "\n".join(person.heard)
        assert "a script of the mark ran" in heard
        assert "a request to http://evil.test/q7x" in heard
        person.heard.clear()
        person.open("/policed")
        heard = "\n".join(person.heard)
        assert "script-src-elem refused inline" in heard
        assert "<q7x>" in heard


def test_nothing_comes_alive_in_an_officers_browser(app: Flask, browser: Browser) -> None:
    """Of each kind of page one: a dossier, what a search brought, a list, the log."""
    poisoned = Poisoned(app)
    at = f"/can-bo/ho-so/{poisoned.dossiers[0]}"
    pages = {
        Role.ONESTOP_OFFICER: (at, f"/can-bo/tim?q={MARK}"),
        Role.ADMIN: ("/quan-tri/nhat-ky",),
    }
    with on_a_port(app) as site:
        for role, paths in pages.items():
            with watched(browser, site, poisoned.client(role)) as person:
                assert [person.open(path) for path in paths] == [200] * len(paths)
                assert person.heard == []
                assert MARK in person.page.content()


@pytest.mark.proof
def test_nothing_comes_alive_in_anybodys_browser(
    app: Flask, browser: Browser, turned_clock: TurnedClock
) -> None:
    turned_clock.set(FRIDAY)
    made = make_everything(app)
    poison(app)
    crawl, opened, heard = Crawl(made), Counter[str](), []
    with on_a_port(app) as site:
        for role in (None, *Role):
            with watched(browser, site, made.clients[role]) as person:
                for path in pages_of(crawl, role, made.clients[role]):
                    opened[f"{role or 'visitor'} {person.open(path)}"] += 1
                heard += person.heard
    print(dict(opened), sum(opened.values()))
    assert heard == []
    assert set(opened) >= {f"{role} 200" for role in Role}


def pages_of(crawl: Crawl, role: Role | None, client: FlaskClient) -> list[str]:
    """What opens as a page for this person, each door on a few things."""
    found = []
    for row in ROWS:
        if row.method != "GET" or (row.who and role not in row.who):
            continue
        few = 0
        asked = "&".join(f"{name}={word}" for name, word in ASKED.get(row.name, {}).items())
        for path in crawl.paths(row):
            if path.endswith(".pdf") or few == ENOUGH:
                break
            answer = client.get(path, query_string=asked)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found.append(f"{path}?{asked}" if asked else path)
                few += 1
    return found
