"""Who stands in which relation to what, by statements of its own: the portal's are on trial."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.extensions import db
from tests.access.people import Person
from tests.access.table import Table

Row = dict[str, Any]


@dataclass
class Facts:
    """The rows that decide, as they are in the database at one moment."""

    dossiers: dict[int, Row] = field(default_factory=dict)
    things: dict[str, dict[str, Row]] = field(default_factory=dict)  # by kind, then by name
    places: dict[int, Row] = field(default_factory=dict)
    lines: list[Row] = field(default_factory=list)
    hands: list[Row] = field(default_factory=list)


STATEMENTS = {
    "dossier": "SELECT id, public_id, code, status, channel, applicant_id, submitted_by_id,"
    " receiving_unit_id, department_id, forwarded_at, post_office_id, officer_id, return_mode,"
    " received_at, finished_at, id AS dossier_id, (SELECT min(at) FROM dossier_events e WHERE"
    " e.dossier_id = dossiers.id AND e.to_status IN ('rejected', 'withdrawn', 'stopped'))"
    " AS ended_at FROM dossiers",
    "file": "SELECT f.public_id, d.dossier_id, f.state AS status, d.purpose, f.taken_place_id,"
    " f.taken_at FROM document_files f"
    " JOIN documents d ON d.id = f.document_id",
    "page": "SELECT p.public_id, d.dossier_id, f.state AS status, d.purpose, f.taken_place_id,"
    " f.taken_at FROM document_pages p"
    " JOIN document_files f ON f.id = p.file_id JOIN documents d ON d.id = f.document_id",
    "document": "SELECT public_id, dossier_id, purpose AS status FROM documents",
    "item": "SELECT public_id, id, dossier_id, state AS status, direction, cargo, post_office_id,"
    " courier_id FROM postal_items",
    "station": "SELECT public_id, id, CASE WHEN revoked_at IS NULL THEN 'used' ELSE 'revoked' END"
    " AS status, post_office_id FROM stations",
    "scan_order": "SELECT public_id, dossier_id, state AS status FROM scan_orders",
    "pickup": "SELECT public_id, dossier_id, state AS status, post_office_id, slot_on FROM pickups",
    "handover": "SELECT id, public_id, state AS status, giver_place_id, taker_place_id"
    " FROM handovers",
    "user": "SELECT public_id, id, is_active AS status FROM users",
    "organisation": "SELECT public_id, id, CASE WHEN is_active THEN kind ELSE 'closed' END"
    " AS status FROM organisations",
    "job": "SELECT public_id, state AS status FROM jobs",
    "message": "SELECT public_id, state AS status FROM outbox_messages",
    "parked": "SELECT public_id, user_id, path AS status FROM parked_forms",
    "membership": "SELECT id AS public_id, user_id, role AS status FROM memberships"
    " WHERE is_active",
}


def read(app: Flask) -> Facts:
    """Look at everything once."""
    facts = Facts()
    with app.app_context(), db.engine.connect() as connection:

        def rows(statement: str) -> list[Row]:
            return [dict(row) for row in connection.execute(text(statement)).mappings()]

        for kind, statement in STATEMENTS.items():
            facts.things[kind] = {str(row["public_id"]): row for row in rows(statement)}
        facts.dossiers = {row["id"]: row for row in facts.things["dossier"].values()}
        places = rows("SELECT id, parent_id, province_code FROM organisations")
        facts.places = {row["id"]: row for row in places}
        facts.hands = rows("SELECT dossier_id, holder, since, until FROM custody_lines")
        facts.lines = rows(
            "SELECT l.handover_id, i.dossier_id FROM handover_lines l"
            " JOIN postal_items i ON i.id = l.item_id"
        )
    stops = facts.things["pickup"] | facts.things["item"]
    facts.things["stop"] = stops
    return facts


class Oracle:
    """Answers whether a person stands in a relation to a thing."""

    def __init__(self, app: Flask, table: Table) -> None:
        self.app, self.table = app, table
        self.facts = read(app)

    def thing(self, kind: str, values: dict[str, str]) -> Row | None:
        """The thing an address (or a form) names."""
        key = {"file": "file_id", "page": "page_id"}.get(kind, "public_id")
        return self.facts.things[kind].get(str(values.get(key, "")))

    def holds(self, relation: str, person: Person, thing: Row) -> bool:
        """Whether the person stands in this relation to the thing."""
        found: Callable[[Person, Row], bool] = getattr(self, f"is_{relation}")
        return found(person, thing)

    def relations(self, person: Person, dossier: Row) -> dict[str, frozenset[str]]:
        """In which relations with a right to see he stands to a dossier, and what they show."""
        if person.role is None:
            return {}
        rights = self.table.sees.get(person.role.value, {})
        return {name: fields for name, fields in rights.items() if self._is(name, person, dossier)}

    def visible(self, person: Person, relation: str) -> list[Row]:
        """All dossiers to which he stands in this relation."""
        return [row for row in self.facts.dossiers.values() if self._is(relation, person, row)]

    def _is(self, relation: str, person: Person, dossier: Row) -> bool:
        if relation in ("gives", "takes"):
            side = "giver_place_id" if relation == "gives" else "taker_place_id"
            mine = {
                row["id"]
                for row in self.facts.things["handover"].values()
                if row[side] == person.place
            }
            return any(
                line["dossier_id"] == dossier["id"] and line["handover_id"] in mine
                for line in self.facts.lines
            )
        return self.holds(relation, person, dossier)

    def _dossier(self, thing: Row) -> Row:
        return self.facts.dossiers[thing["dossier_id"]]

    def is_never(self, person: Person, thing: Row) -> bool:
        return False

    def is_any(self, person: Person, thing: Row) -> bool:
        return True

    def is_applicant(self, person: Person, thing: Row) -> bool:
        return self._dossier(thing)["applicant_id"] == person.user

    def is_own(self, person: Person, thing: Row) -> bool:
        row = self._dossier(thing)
        sent_for_an_account = row["submitted_by_id"] == person.user and row["applicant_id"]
        return self._is_live(thing) and (self.is_applicant(person, thing) or sent_for_an_account)

    def is_office(self, person: Person, thing: Row) -> bool:
        """For an envelope its own office counts, for all else the dossier's."""
        row = thing if "post_office_id" in thing else self._dossier(thing)
        return self._is_live(thing) and row["post_office_id"] == person.place

    def is_post(self, person: Person, thing: Row) -> bool:
        if "giver_place_id" in thing:
            office = thing["giver_place_id"]
        else:
            row = thing if "post_office_id" in thing else self._dossier(thing)
            office = row["post_office_id"]
        if office is None or not self._is_live(thing):
            return False
        return person.place in (office, self.facts.places[office]["parent_id"])

    def is_works(self, person: Person, thing: Row) -> bool:
        """No result, scanned at its office, and given on, received or ended a day ago at most."""
        row = self._dossier(thing)
        office = row["post_office_id"]
        is_scan = thing["taken_place_id"] == office and thing["purpose"] != "outcome"
        if not is_scan or not self.is_post(person, thing):
            return False
        given = [
            line["since"]
            for line in self.facts.hands
            if line["dossier_id"] == row["id"] and line["holder"] in ("agency", "applicant")
        ]
        over = [*given, row["received_at"], row["finished_at"], row["ended_at"]]
        since = [_moment(one) for one in over if one]
        after = [one for one in since if one >= _moment(thing["taken_at"])]
        return not after or clock.now() - min(after) <= timedelta(days=1)

    def is_round(self, person: Person, thing: Row) -> bool:
        return self.is_office(person, thing) and thing["courier_id"] == person.user

    def is_visits(self, person: Person, thing: Row) -> bool:
        return bool(thing["post_office_id"] == person.place)

    def is_stops(self, person: Person, thing: Row) -> bool:
        if "courier_id" in thing:
            return thing["status"] == "out_for_delivery" and self.is_round(person, thing)
        return thing["status"] in ("requested", "missed") and self.is_visits(person, thing)

    def is_collectable(self, person: Person, thing: Row) -> bool:
        waits = thing["status"] == "resolved" and thing["return_mode"] == "post"
        fetched = any(
            item["dossier_id"] == thing["id"] and item["cargo"] == "result"
            for item in self.facts.things["item"].values()
        )
        if not waits or fetched:
            return False
        office = thing["post_office_id"]
        return office == person.place or (office is None and self.is_province(person, thing))

    def is_gives(self, person: Person, thing: Row) -> bool:
        return bool(thing["giver_place_id"] == person.place)

    def is_takes(self, person: Person, thing: Row) -> bool:
        return bool(thing["taker_place_id"] == person.place)

    def is_unit(self, person: Person, thing: Row) -> bool:
        row = self._dossier(thing)
        is_mine = row["receiving_unit_id"] == person.place
        return is_mine and row["status"] != "draft" and self._is_live(thing)

    def is_department(self, person: Person, thing: Row) -> bool:
        row = self._dossier(thing)
        is_mine = row["department_id"] == person.place
        return is_mine and row["forwarded_at"] is not None and self._is_live(thing)

    def is_province(self, person: Person, thing: Row) -> bool:
        row = self._dossier(thing)
        unit, place = row["receiving_unit_id"], person.place
        if unit is None or place is None or row["status"] == "draft":
            return False
        places = self.facts.places
        return bool(places[unit]["province_code"] == places[place]["province_code"])

    def is_holds(self, person: Person, thing: Row) -> bool:
        return bool(thing["user_id"] == person.user)

    def _is_live(self, thing: Row) -> bool:
        return thing["status"] != "withdrawn" or "channel" in thing


def _moment(stored: Any) -> datetime:
    """SQLite gives moments as text without a zone, in UTC."""
    found = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def object_values(path: str, values: dict[str, Any], sent: dict[str, Any]) -> dict[str, str]:
    """What an address names, or for the few doors without a name in it, what the form names."""
    named = {name: str(value) for name, value in values.items()}
    for name in ("membership", "stop", "items"):
        if name in sent and "public_id" not in named:
            named["public_id"] = str(sent[name])
    return named


PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
