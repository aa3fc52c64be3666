"""Holds every answer against the table: who was let in, what it gives away, how it is dressed."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from werkzeug.test import TestResponse

from portal.security import CSP, HEADERS
from tests.access import canaries
from tests.access.canaries import Finder
from tests.access.oracle import Oracle, Row, object_values
from tests.access.people import Person
from tests.access.table import Expected

if TYPE_CHECKING:
    from tests.access.crawl import Address

IN, SIGN_IN = "in", "sign in"
PAIRING = "station.pair"
SANDBOX = "default-src 'none'; sandbox"


@dataclass
class Judge:
    """Hears answers; what is wrong with them is kept in words."""

    oracle: Oracle
    finder: Finder
    wrong: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    undressed: list[str] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    decisions: Counter[str | int] = field(default_factory=Counter)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def row_of(self, address: "Address") -> Expected:
        return self.oracle.table.doors[address.door]

    def thing_of(self, address: "Address") -> Row | None:
        row = self.row_of(address)
        values = object_values(address.path, address.named, dict(address.fields))
        return self.oracle.thing(row.of, values) if row.of else None

    def state_of(self, address: "Address") -> str:
        """The state of what an address names, to meet each kind once."""
        thing = self.thing_of(address)
        if thing is None:
            return ""
        dossier = self.oracle.facts.dossiers.get(thing.get("dossier_id", 0), {})
        return f"{thing['status']} {dossier.get('status', '')} {dossier.get('channel', '')}"

    def expected(self, person: Person, address: "Address") -> str | int:
        """In, the sign-in page, or the status of the refusal."""
        row = self.row_of(address)
        if row.is_machine:  # asks for a token, of whomever; for the first one, for a code
            return IN if address.door == PAIRING else SIGN_IN
        if person.role is None:
            return IN if row.is_open else SIGN_IN
        if not row.lets_in(person.role):
            return 403
        return self._of_thing(row, person, address) if row.of else IN

    def _of_thing(self, row: Expected, person: Person, address: "Address") -> str | int:
        """What the relation to the named thing gives."""
        assert person.role is not None
        thing = self.thing_of(address)
        if thing is None:
            return row.refusal
        if self.oracle.holds(row.relations[person.role.value], person, thing):
            return IN
        return row.told if self._knows(row, person, thing) else row.refusal

    def _knows(self, row: Expected, person: Person, thing: Row) -> bool:
        if not row.knows or row.relations.get(str(person.role)) == "never":
            return False
        return self.oracle.holds(row.knows, person, thing)

    def hear(self, person: Person, address: "Address", answer: TestResponse) -> str | int:
        """Judge one answer; returns the decision that was taken."""
        self.answers += 1
        expected, taken = self.expected(person, address), decision(answer)
        row = self.row_of(address)
        if answer.request.method == "HEAD" and not row.is_open:
            expected = 405  # nobody is asked for less than the page of what is not public
        where = f"{person.name}: {address.method} {address.path} ({address.door})"
        if not self._agree(expected, taken, address):
            self.wrong.append(f"{where} was {taken}, not {expected}")
        self.decisions[expected] += 1
        if expected == IN and taken != 404:
            self.reached[address.door] += 1
        self._look_for_leaks(where, person, address, answer)
        self.undressed += [f"{where}: {lack}" for lack in undressed(answer)]
        return taken

    def _agree(self, expected: str | int, taken: str | int, address: "Address") -> bool:
        if expected == taken or (expected == IN and taken == 409):
            return True
        if self.row_of(address).is_open:
            return taken in (SIGN_IN, 404)
        # What nobody's page leads to may not be there for its owner either: a paper not printed.
        return expected == IN and address.is_made_up and taken == 404

    def _look_for_leaks(
        self, where: str, person: Person, address: "Address", answer: TestResponse
    ) -> None:
        asked = f"{unquote(address.path)} {dict(address.fields)}"
        echoed = set(self.finder.found(asked))
        for number, kind in set(self.finder.found(canaries.text_of(answer))) - echoed:
            dossier = self.oracle.facts.dossiers[number]
            relations = self.oracle.relations(person, dossier)
            if any(kind in fields for fields in relations.values()):
                self.seen[person.role.value if person.role else "visitor", kind] += 1
            else:
                self.leaks.append(f"{where} gave the {kind} of dossier {number}")


def decision(answer: TestResponse) -> str | int:
    """What an answer means: in, the sign-in page, or its refusing status."""
    status = answer.status_code
    if status == 401 or (300 <= status < 400 and "/dang-nhap" in answer.headers["Location"]):
        return SIGN_IN
    return IN if status < 400 or status == 422 else status


def undressed(answer: TestResponse) -> list[str]:
    """Which of the headers that every answer must wear are missing."""
    lacks = [
        f"{name} is {answer.headers.get(name)!r}"
        for name, value in HEADERS.items()
        if answer.headers.get(name) != value
    ]
    policy = answer.headers.get("Content-Security-Policy")
    if policy not in (CSP, SANDBOX):
        lacks.append(f"Content-Security-Policy is {policy!r}")
    if answer.headers.get("Cache-Control") != "no-store":
        lacks.append(f"Cache-Control is {answer.headers.get('Cache-Control')!r}")
    if not {"HX-Request", "Cookie"} <= set(answer.vary):
        lacks.append(f"Vary is {answer.headers.get('Vary')!r}")
    return lacks + [
        f"cookie {cookie.partition('=')[0]} lacks HttpOnly or SameSite"
        for cookie in answer.headers.getlist("Set-Cookie")
        if "HttpOnly" not in cookie or "SameSite=Lax" not in cookie
    ]
