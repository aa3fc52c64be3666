"""Grows a database: the dossiers that are there are copied, rows and words, until there are enough.

Each copy has rows of its own in every table that belongs to a dossier; objects are shared,
originals not kept. Whose they become is skewed as life is (`tests.scale.places`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any

import psycopg
from sqlalchemy import Table, column, insert, select, table, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from portal.crypto import Keyring
from portal.db import Base, new_public_id
from portal.dossiers import counting
from portal.extensions import db
from tests.scale.places import STEP, Places, Row

CODES_PER_ROUND = 3_000  # dossiers, items and pick-ups together stay well below
# Rows that speak of a dossier, or of a line about one, without a foreign key.
BY_VALUE = {"audit_events": "dossier_id", "audit_seals": "event_id"}
# What waits for a worker at the first waits no more at a copy.
FINISHED = {"jobs": {"state": "done", "unique_key": None}}
INDEX = table("page_search", column("rowid"), column("folded"), column("exact"))
FORMS, LETTERS = 3, 2  # sent for each dossier in the last days


def grow(dossiers: int, rng: Random, ring: Keyring) -> int:
    """Copy until there are about `dossiers`; returns how many there are then."""
    family = _family()
    seeds = {each.name: _rows(each) for each in family}
    asked = select(INDEX).where(INDEX.c.rowid < STEP)
    words = [dict(row) for row in db.session.execute(asked).mappings()]
    per_round = len(seeds["dossiers"])
    done = int(db.session.scalar(text("SELECT max(id) FROM dossiers")) or 0) // STEP
    rounds = max(done, -(-dossiers // per_round) - 1)
    places = Places(rng, (rounds - done) * per_round, write)
    maker = _Copier(family, ring, places, count(done * CODES_PER_ROUND + 1))
    for number in range(done + 1, rounds + 1):
        maker.turn_to(number)
        for each in family:
            write(each, [maker.copy(each, row) for row in seeds[each.name]])
        db.session.execute(
            insert(INDEX), [row | {"rowid": row["rowid"] + number * STEP} for row in words]
        )
        for name, rows in _sent(number * STEP, per_round).items():
            write(Base.metadata.tables[name], rows)
        db.session.commit()
    _settle()
    return per_round * (rounds + 1)


class _Copier:
    """Makes the rows of one round after the other."""

    def __init__(
        self, family: Sequence[Table], ring: Keyring, places: Places, numbers: Iterator[int]
    ) -> None:
        self.names = {each.name for each in family}
        self.ring, self.places, self.numbers = ring, places, numbers
        self.moved = {each.name: self._moved(each) for each in family}
        self.opened: dict[str, str] = {}
        self.shift = 0

    def turn_to(self, number: int) -> None:
        """Begin the round with this number."""
        self.shift = number * STEP
        self.places.forget()

    def copy(self, of: Table, row: Row) -> Row:
        """The row with numbers, names and secrets of its own."""
        new = dict(row) | FINISHED.get(of.name, {})
        if of.name == "jobs":
            new["finished_at"] = row["created_at"]
        for name in self.moved[of.name]:
            new[name] = row[name] and row[name] + self.shift
        if "public_id" in row:
            new["public_id"] = new_public_id()
            self._seal_anew(of.name, row, new)
        if row.get("code"):
            new["code"] = self._code(of.name, row["code"])
        if "original_key" in row:
            new["original_key"] = secrets.token_hex(16)
        self.places.settle(of.name, new)
        return new

    def _moved(self, of: Table) -> list[str]:
        """Columns that name rows which are copied as well."""
        own = [each.name for each in of.primary_key]
        return own + [
            each.name
            for each in of.columns
            if each.name not in own
            and (each.name == BY_VALUE.get(of.name) or self._is_of_family(each))
        ]

    def _is_of_family(self, each: Any) -> bool:
        return any(key.column.table.name in self.names for key in each.foreign_keys)

    def _seal_anew(self, name: str, row: Row, new: Row) -> None:
        for sealed in [key for key in row if key.endswith("_sealed") and row[key]]:
            attribute = f"{name}.{sealed.removesuffix('_sealed')}"
            place = f"{attribute}:{row['public_id']}"
            if place not in self.opened:
                self.opened[place] = self.ring.open(bytes(row[sealed]), place)
            new[sealed] = self.ring.seal(self.opened[place], f"{attribute}:{new['public_id']}")

    def _code(self, name: str, code: str) -> str:
        number = next(self.numbers)
        if name == "dossiers":
            return re.sub(r"\d+$", f"{10_000 + number}", code)
        return f"{code[:2]}{number:0{len(code) - 2}d}"


def _family() -> list[Table]:
    """The tables whose rows belong to one dossier, parents first."""
    found: list[Table] = []
    first = {"dossiers", "handovers", *BY_VALUE}
    for each in Base.metadata.sorted_tables:
        parents = {key.column.table.name for key in each.foreign_keys}
        if each.name in first or parents & {known.name for known in found}:
            found.append(each)
    return found


def _rows(of: Table) -> list[Row]:
    """What stood there before anything was copied, in the database's own words."""
    names = [each.name for each in of.columns]
    chosen = ", ".join(f'"{name}"' for name in names)
    key = next(iter(of.primary_key)).name
    asked = f"SELECT {chosen} FROM {of.name} WHERE {key} < {STEP}"  # noqa: S608 - our tables
    rows = db.session.execute(text(asked))
    return [dict(zip(names, row, strict=True)) for row in rows]


def _sent(shift: int, dossiers: int) -> dict[str, list[Row]]:
    """Answers kept for forms, and letters that have left, of the last days."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    forms = [
        {
            "id": shift + each,
            "owner": secrets.token_urlsafe(12),
            "key": secrets.token_hex(16),
            "request_hash": secrets.token_hex(32),
            "created_at": now,
        }
        for each in range(dossiers * FORMS)
    ]
    letters = [
        {"id": shift + each, "event_key": secrets.token_hex(16), "public_id": new_public_id()}
        | {"kind": "mail", "subject": "Hồ sơ", "body": "Hồ sơ đã được tiếp nhận.", "tries": 1}
        | {"state": "sent", "send_after": now, "sent_at": now, "created_at": now}
        for each in range(dossiers * LETTERS)
    ]
    return {"idempotency_keys": forms, "outbox_messages": letters}


def write(into: Table, rows: list[Row]) -> None:
    """Write rows in the database's own words, the fastest way it has."""
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    connection = db.session.connection()
    if isinstance(db.engine.dialect, PGDialect_psycopg):
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        _pour(raw, f"COPY {into.name} ({columns}) FROM STDIN", names, rows)
        return
    holes = ", ".join("?" * len(names))
    said = f"INSERT INTO {into.name} ({columns}) VALUES ({holes})"  # noqa: S608 - our tables
    connection.exec_driver_sql(said, [tuple(row[name] for name in names) for row in rows])


def _pour(raw: psycopg.Connection[Any], said: str, names: list[str], rows: list[Row]) -> None:
    with raw.cursor().copy(said.encode()) as poured:
        for row in rows:
            poured.write_row([_plain(row[each]) for each in names])


def _plain(value: Any) -> Any:
    """COPY takes JSON as text."""
    if isinstance(value, dict | list):
        return psycopg.types.json.Json(value)
    return value


def _settle() -> None:
    """Let the database count and tidy what it now has, as it does by itself after a while."""
    counting.recount()
    db.session.commit()
    if isinstance(db.engine.dialect, PGDialect_psycopg):
        # Without the portal's patience: this takes a minute.
        address = db.engine.url.set(drivername="postgresql").render_as_string(False)
        with psycopg.connect(address, autocommit=True) as patient:
            patient.execute("VACUUM (ANALYZE)")
        return
    db.session.execute(text("ANALYZE"))
    db.session.commit()
