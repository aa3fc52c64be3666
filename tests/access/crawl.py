"""Goes wherever a person's pages lead, and notes every address, method and field on the way."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from portal.doors import ROWS
from tests.access.judge import Judge
from tests.access.oracle import PLACE
from tests.access.pages import Leads
from tests.access.people import Person
from tests.rig.forms import new_key

KEY = "idempotency_key"
OWN = ("csrf_token", "form_owner", KEY)  # what a page writes into a form for one person


@dataclass(frozen=True)
class Address:
    """An address that somebody's page led to; for a form also what it would send."""

    door: str
    method: str
    path: str
    values: tuple[tuple[str, Any], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    seen_by: str = field(default="", compare=False)
    page: str = field(default="", compare=False)  # where the form stands
    is_made_up: bool = field(default=False, compare=False)

    @property
    def named(self) -> dict[str, Any]:
        return dict(self.values)

    def sent(self) -> dict[str, str]:
        """The form's fields, as one more intention."""
        found = dict(self.fields)
        return found | {KEY: new_key()} if KEY in found else found


def path_is_paper(path: str) -> bool:
    """Whether a paper is made for this address, which takes a hundred times longer than a page."""
    return path.endswith(".pdf") and "/tep/" not in path


class Router:
    """Knows which door an address belongs to."""

    def __init__(self, app: Flask) -> None:
        self.adapter: MapAdapter = app.url_map.bind("localhost")
        self.rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}

    def door_of(self, path: str, method: str) -> tuple[str, dict[str, Any]] | None:
        """The endpoint and what the address names; None for files of the frame and strangers."""
        parts = urlsplit(path)
        if parts.netloc not in ("", "localhost") or parts.scheme not in ("", "http"):
            return None
        try:
            endpoint, values = self.adapter.match(parts.path, method=method)
        except HTTPException:
            return None
        return None if endpoint == "static" else (endpoint, dict(values))

    def pages_of(self, address: Address) -> list[str]:
        """The pages about the same thing: alike up to its name, and naming nothing else."""
        alike = self.rules[address.door].partition("<")[0]
        named = address.named
        return [
            PLACE.sub(lambda name: str(named[name[1]]), row.path)
            for row in ROWS
            if row.method == "GET" and row.path.startswith(f"{alike}<")
            if set(PLACE.findall(row.path)) <= named.keys() and not path_is_paper(row.path)
        ]


class Crawl:
    """Walks every person's pages, at most `most` things of a kind and state at each door."""

    def __init__(self, judge: Judge, router: Router, most: int) -> None:
        self.judge, self.router, self.most = judge, router, most
        self.found: dict[Address, Address] = {}
        self.requests = 0

    def walk(self, person: Person, starts: Iterable[str]) -> None:
        """Follow everything from these addresses on."""
        waiting = deque(starts)
        counted: Counter[tuple[Any, ...]] = Counter()
        done: set[str] = set()
        while waiting:
            path = waiting.popleft()
            address = self._address(path, "GET", {}, person)
            if address is None or path in done or not self._is_new(address, counted):
                continue
            done.add(path)
            self.found.setdefault(address, address)
            if path_is_paper(path):
                continue  # it leads nowhere; the replay prints it
            answer = person.open(path)
            self.requests += 1
            self.judge.hear(person, address, answer)
            waiting.extend(self.read(person, path, answer))

    def read(self, person: Person, path: str, answer: TestResponse) -> list[str]:
        """Note the forms of an answer; returns where it leads."""
        if 300 <= answer.status_code < 400:
            return [answer.headers.get("Location", "")]
        if answer.mimetype != "text/html":
            return []
        leads = Leads(answer.text, path)
        links = [urljoin(path, link) for link in leads.links if not link.startswith("data:")]
        for form in leads.forms:
            action = urljoin(path, form.action)
            if form.method == "GET":
                continue
            address = self._address(action, "POST", form.fields, person)
            if address is not None:
                shown = replace(address, page=path)
                self.found.setdefault(shown, shown)
        return [link.partition("#")[0] for link in links]

    def _address(
        self, path: str, method: str, fields: dict[str, str], person: Person
    ) -> Address | None:
        known = self.router.door_of(path, method)
        if known is None:
            return None
        door, values = known
        kept = {name: text for name, text in fields.items() if name not in OWN}
        if KEY in fields:
            kept[KEY] = ""
        if not values and method == "POST":
            kept.pop("next", None)  # the frame's forms stand on every page
        return Address(
            door, method, path, tuple(values.items()), tuple(sorted(kept.items())), person.name
        )

    def _is_new(self, address: Address, counted: Counter[tuple[Any, ...]]) -> bool:
        """A thing in a state that this person has not met at this door, or a list as yet unseen."""
        state = self.judge.state_of(address)
        query = urlsplit(address.path).query
        names = frozenset(name for name, _ in parse_qsl(query))
        kind = (address.door, state, names if address.values else query)
        most = self.most if address.values else 3 * self.most
        if counted[kind] >= max(1, self.most // 4) or counted[(address.door,)] >= most:
            return False
        counted[kind] += 1
        counted[(address.door,)] += 1
        return True
