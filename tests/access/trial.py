"""The whole trial: a country is made and walked through once; then everybody tries every door."""

import itertools
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.access import Role
from portal.doorman import Row as DoorRow
from portal.doors import HOME, ROWS
from portal.extensions import db
from tests.access import table
from tests.access.country import Country, make_country
from tests.access.crawl import KEY, Address, Crawl, Router, path_is_paper
from tests.access.judge import IN, Judge
from tests.access.oracle import PLACE, Oracle, Row
from tests.access.people import Person
from tests.rig.contents import contents
from tests.rig.databases import Database, PostgresDatabase, SqliteDatabase

# What looking around writes: who was there, what was opened, how often, what was already sent.
SIDE_TABLES = ("web_sessions", "audit_events", "throttles", "idempotency_keys")
PUBLIC = ("/", "/dang-nhap", "/thu-tuc", "/tra-cuu", "/buu-cuc", "/xac-thuc")
PROBES = ("/healthz", "/readyz", "/metrics", "/dang-nhap/ma-xac-thuc")
TOPICS = ("requester", "who", "where", "slot", "return")


class Keeper(Protocol):
    """Puts the database back to where it was."""

    def save(self) -> None: ...

    def restore(self) -> None: ...


@dataclass
class SqliteKeeper:
    """Copies the file while nobody has it open."""

    app: Flask
    path: Path

    def save(self) -> None:
        _let_go(self.app)
        shutil.copyfile(self.path, self.path.with_suffix(".saved"))

    def restore(self) -> None:
        _let_go(self.app)
        for name in (f"{self.path.name}-wal", f"{self.path.name}-shm"):
            self.path.with_name(name).unlink(missing_ok=True)
        shutil.copyfile(self.path.with_suffix(".saved"), self.path)


@dataclass
class PostgresKeeper:
    """Makes the database again from a copy of itself."""

    app: Flask
    database: PostgresDatabase

    def save(self) -> None:
        _let_go(self.app)
        self.database.server.drop("saved")
        self.database.server.create("saved", template=self.database.NAME)

    def restore(self) -> None:
        _let_go(self.app)
        self.database.server.drop(self.database.NAME)
        self.database.server.create(self.database.NAME, template="saved")


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def keeper_of(app: Flask, database: Database) -> Keeper:
    if isinstance(database, PostgresDatabase):
        return PostgresKeeper(app, database)
    assert isinstance(database, SqliteDatabase)
    return SqliteKeeper(app, database.path)


@dataclass
class Trial:
    """A country, all addresses its people's pages lead to, and a judge."""

    app: Flask
    keeper: Keeper
    country: Country
    judge: Judge
    crawl: Crawl
    router: Router
    most: int
    is_whole: bool = False
    addresses: list[Address] = field(default_factory=list)

    @classmethod
    def opened(cls, app: Flask, database: Database, most: int, *, is_whole: bool) -> "Trial":
        """Make everything and walk through it as everybody."""
        country = make_country(app)
        judge = Judge(Oracle(app, table.read()), country.finder)
        router = Router(app)
        keeper, crawl = keeper_of(app, database), Crawl(judge, router, most)
        trial = cls(app, keeper, country, judge, crawl, router, most, is_whole)
        trial.keeper.save()
        for person in trial.people:
            home = [path for path, _ in trial.homes(person)]
            trial.crawl.walk(person, (*PUBLIC, *PROBES, *home))
        trial.addresses = trial.chosen([*trial.crawl.found, *trial.made_up()])
        return trial

    @property
    def people(self) -> list[Person]:
        return list(self.country.people.values())

    def person(self, name: str) -> Person:
        return self.country.people[name]

    def homes(self, person: Person) -> Iterator[tuple[str, Role]]:
        """Where a person's desk begins."""
        for role, door in HOME.items():
            if person.role is role:
                yield self.router.rules[door], role

    def try_door(self, person: Person, address: Address, **how: Any) -> TestResponse:
        """Knock, and let the judge hear what is answered."""
        sent = address.sent() if address.method == "POST" else None
        method = how.pop("method", address.method)
        answer = person.open(address.path, method=method, data=sent, **how)
        self.judge.hear(person, address, answer)
        return answer

    def pairs(self, addresses: Iterable[Address]) -> Iterator[tuple[Person, Address]]:
        """Who tries what: everybody everything; in the short trial, of those whose role has no
        business at a door, the visitor and another in turn (tests/house/test_doors.py has all).
        """
        strangers = itertools.cycle(self.people)
        for address in addresses:
            row = self.judge.row_of(address)
            for person in self.people:
                if self.is_whole or row.lets_in(person.role) or person.role is None:
                    yield person, address
            person = next(strangers)
            if not (self.is_whole or row.lets_in(person.role) or person.role is None):
                yield person, address

    def expects(self, person: Person, address: Address) -> str | int:
        return self.judge.expected(person, address)

    def is_printed_often_enough(self, person: Person, address: Address) -> bool:
        """Whether this would only print one more paper for somebody who may have it."""
        if self.is_whole or not path_is_paper(address.path):
            return False
        return self.judge.reached[address.door] >= 1 and self.expects(person, address) == IN

    def chosen(self, addresses: Iterable[Address]) -> list[Address]:
        """Of each door a few things, as different as they come; forms that were seen first."""
        counted: dict[str, int] = {}
        kinds: set[tuple[str, ...]] = set()
        kept = []
        for address in sorted(addresses, key=self._worth):
            kind = (address.door, self.judge.state_of(address), self._half_of(address))
            most = self.most if self.judge.row_of(address).of else 2
            if kind in kinds and address.values:
                continue
            if counted.get(address.door, 0) < most:
                counted[address.door] = counted.get(address.door, 0) + 1
                kinds.add(kind)
                kept.append(address)
        return kept

    def _worth(self, address: Address) -> tuple[bool, bool, bool]:
        """Better what somebody may open, what a page led to, and a form with its fields."""
        is_nobodys = all(self.expects(person, address) != IN for person in self.people)
        return is_nobodys, address.is_made_up, not address.fields

    def _half_of(self, address: Address) -> str:
        """In which half of the country the named thing lies, so that both are tried."""
        thing = self.judge.thing_of(address) or {}
        row = self.judge.oracle.facts.dossiers.get(thing.get("dossier_id", 0), thing)
        return str(row.get("receiving_unit_id") or row.get("applicant_id") or row.get("id"))

    def made_up(self, door: str = "") -> Iterator[Address]:
        """Each door on each kind of thing it may name, whether or not a page leads there."""
        for row in (row for row in ROWS if door in ("", row.name)):
            for values in self._values_of(row):
                path = row.path
                for name, value in values.items():
                    path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
                fields = ((KEY, ""),) if row.changes else ()
                given = tuple(values.items())
                yield Address(row.name, row.method, path, given, fields, "nobody", is_made_up=True)

    def _values_of(self, row: DoorRow) -> Iterator[dict[str, str]]:
        names = PLACE.findall(row.path)
        expected = self.judge.oracle.table.doors[row.name]
        if row.is_machine:
            yield dict.fromkeys(names, "1")
            return
        if not names or expected.of in ("", "membership"):
            if not names:
                yield {}
            return
        for thing in (*self._different(expected.of), *self._owning(names, expected.of)):
            own = {"public_id": thing["public_id"]}
            pools = [self._nested(name, expected.of, thing) for name in names]
            for found in itertools.product(*pools):
                yield own | dict(zip(names, found, strict=True))
                break

    def _different(self, kind: str) -> Iterator[Row]:
        """Things of this kind, one for each state in each half."""
        seen = set()
        for thing in self.judge.oracle.facts.things[kind].values():
            row = self.judge.oracle.facts.dossiers.get(thing.get("dossier_id", 0), thing)
            told = ("post_office_id", "channel", "receiving_unit_id", "applicant_id", "return_mode")
            is_received = bool(row.get("received_at"))
            signs = (thing["status"], row["status"], is_received, *(row.get(one) for one in told))
            if signs not in seen:
                seen.add(signs)
                yield thing

    def _owning(self, names: list[str], kind: str) -> Iterator[Row]:
        """Every thing that has such a part as the address names, since few may be at that step."""
        parts = {name.removesuffix("_id") for name in names} & {"document", "file"} - {kind}
        if not parts:
            return
        owners = [
            {one["dossier_id"] for one in self.judge.oracle.facts.things[part].values()}
            for part in parts
        ]
        for thing in self.judge.oracle.facts.things[kind].values():
            if thing["dossier_id"] in set.intersection(*owners):
                yield thing

    def _nested(self, name: str, kind: str, thing: Row) -> list[str]:
        """What may stand at a place of an address that names this thing."""
        if name == "public_id" or (kind, name) in (("file", "file_id"), ("page", "page_id")):
            return [str(thing["public_id"])]
        if name == "page_id":
            return ["return"]
        if name == "number":
            return ["1"]
        wanted = self.judge.oracle.facts.things[name.removesuffix("_id")]
        return [
            key for key, one in wanted.items() if one["dossier_id"] == thing["dossier_id"]
        ] or list(wanted)[:1]

    def digest(self) -> dict[str, str]:
        return contents(self.app, besides=SIDE_TABLES)

    def forget_throttles(self) -> None:
        """Everybody knocks far more often than people do."""
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(text("DELETE FROM throttles"))

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """What happens inside has not happened afterwards."""
        try:
            yield
        finally:
            self.restore()

    def restore(self) -> None:
        """Everything and everybody as it was when the trial was opened."""
        self.keeper.restore()
        for person in self.people:
            person.come_back()


__all__ = ["IN", "Trial"]
