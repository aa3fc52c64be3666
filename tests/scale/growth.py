"""Grows a database: the dossiers that are there are copied, rows and words, until there are enough.

Copies are skewed as life is: one department has two in five of them, one citizen 5,000. Each has
rows of its own in every table that belongs to a dossier; objects are shared, originals not kept.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random
from typing import Any

import psycopg
from sqlalchemy import Table, column, insert, select, table, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from portal.crypto import Keyring
from portal.db import Base, new_public_id
from portal.extensions import db

STEP = 1_000_000  # between the numbers of one copy and the next; no demo comes near it
CODES_PER_ROUND = 3_000  # dossiers, items and pick-ups together stay well below
SHARE_OF_ONE_DEPARTMENT = 0.4
DOSSIERS_OF_ONE_CITIZEN = 5_000
DOSSIERS_OF_ANOTHER = 3
# Nothing waits to be done for a copy, and nobody has sent it in this hour.
LEFT_OUT = frozenset({"jobs", "audit_seals"})
BY_VALUE = {"audit_events": "dossier_id"}
INDEX = table("page_search", column("rowid"), column("folded"), column("exact"))
Row = dict[str, Any]


def grow(dossiers: int, rng: Random, ring: Keyring) -> int:
    """Copy until there are about `dossiers`; returns how many there are then."""
    family = _family()
    seeds = {each.name: _rows(each, "id") for each in family}
    asked = select(INDEX).where(INDEX.c.rowid < STEP)
    words = [dict(row) for row in db.session.execute(asked).mappings()]
    per_round = len(seeds["dossiers"])
    done = int(db.session.scalar(text("SELECT max(id) FROM dossiers")) or 0) // STEP
    rounds = max(done, -(-dossiers // per_round) - 1)
    citizens = _citizens((rounds - done) * per_round)
    numbers = count(done * CODES_PER_ROUND + 1)
    for number in range(done + 1, rounds + 1):
        maker = _Copier(number, family, rng, ring, numbers, citizens)
        for each in family:
            _write(each, [maker.copy(each, row) for row in seeds[each.name]])
        _write_words([row | {"rowid": row["rowid"] + number * STEP} for row in words])
        db.session.commit()
    _settle()
    return per_round * (rounds + 1)


class _Copier:
    """Makes the rows of one round."""

    def __init__(
        self,
        number: int,
        family: Sequence[Table],
        rng: Random,
        ring: Keyring,
        numbers: Iterator[int],
        citizens: list[int],
    ) -> None:
        self.shift = number * STEP
        self.names = {each.name for each in family}
        self.rng, self.ring, self.numbers, self.citizens = rng, ring, numbers, citizens
        self.busiest = _busiest()

    def copy(self, of: Table, row: Row) -> Row:
        """The row with numbers, names and secrets of its own."""
        new = dict(row) | {"id": row["id"] + self.shift}
        for each in of.columns:
            if each.name == BY_VALUE.get(of.name) or self._is_of_family(each):
                new[each.name] = row[each.name] and row[each.name] + self.shift
        if "public_id" in row:
            new["public_id"] = new_public_id()
            self._seal_anew(of.name, row, new)
        if row.get("code"):
            new["code"] = self._code(of.name, row["code"])
        if "original_key" in row:
            new["original_key"] = secrets.token_hex(16)
        if of.name == "dossiers":
            self._skew(new)
        return new

    def _is_of_family(self, each: Any) -> bool:
        return any(key.column.table.name in self.names for key in each.foreign_keys)

    def _seal_anew(self, name: str, row: Row, new: Row) -> None:
        for sealed in [key for key in row if key.endswith("_sealed") and row[key]]:
            attribute = sealed.removesuffix("_sealed")
            told = self.ring.open(bytes(row[sealed]), f"{name}.{attribute}:{row['public_id']}")
            new[sealed] = self.ring.seal(told, f"{name}.{attribute}:{new['public_id']}")

    def _code(self, name: str, code: str) -> str:
        number = next(self.numbers)
        if name == "dossiers":
            return re.sub(r"\d+$", f"{10_000 + number}", code)
        return f"{code[:2]}{number:0{len(code) - 2}d}"

    def _skew(self, new: Row) -> None:
        if new["department_id"] and self.rng.random() < SHARE_OF_ONE_DEPARTMENT:
            new["department_id"] = self.busiest
        if new["applicant_id"]:
            new["applicant_id"] = self.citizens.pop() if self.citizens else new["applicant_id"]


def _family() -> list[Table]:
    """The tables whose rows belong to one dossier, parents first."""
    found: list[Table] = []
    for each in Base.metadata.sorted_tables:
        parents = {key.column.table.name for key in each.foreign_keys}
        of_family = parents & {known.name for known in found}
        if each.name not in LEFT_OUT and (
            each.name in ("dossiers", "handovers", *BY_VALUE) or of_family
        ):
            found.append(each)
    return found


def _rows(of: Table, key: str) -> list[Row]:
    """What stood there before anything was copied, in the database's own words."""
    names = [each.name for each in of.columns]
    chosen = ", ".join(f'"{name}"' for name in names)
    asked = f"SELECT {chosen} FROM {of.name} WHERE {key} < {STEP}"  # noqa: S608 - our tables
    rows = db.session.execute(text(asked))
    return [dict(zip(names, row, strict=True)) for row in rows]


def _busiest() -> int:
    asked = f"SELECT department_id FROM dossiers WHERE department_id > 0 AND id < {STEP}"  # noqa: S608 - our number
    grouped = f"{asked} GROUP BY department_id ORDER BY count(*) DESC LIMIT 1"
    return int(db.session.scalar(text(grouped)) or 0)


def _citizens(dossiers: int) -> list[int]:
    """Who hands them in, the last first: one citizen much, many others a little."""
    one = db.session.scalar(text("SELECT id FROM users WHERE email = 'congdan@demo.test'"))
    assert one
    users, memberships = (Base.metadata.tables[name] for name in ("users", "memberships"))
    pattern = next(row for row in _rows(users, "id") if row["id"] == one)
    held = next(row for row in _rows(memberships, "id") if row["user_id"] == one)
    first = max(STEP, int(db.session.scalar(text("SELECT max(id) FROM users")) or 0) + 1)
    others = range(first, first + dossiers // DOSSIERS_OF_ANOTHER + 1)
    _write(
        users,
        [
            pattern | {"id": i, "email": f"nguoi-{i}@growth.test", "public_id": new_public_id()}
            for i in others
        ],
    )
    _write(memberships, [held | {"id": i, "user_id": i} for i in others])
    many = [i for i in others for _ in range(DOSSIERS_OF_ANOTHER)]
    counted = text("SELECT count(*) FROM dossiers WHERE applicant_id = :one")
    has = int(db.session.scalar(counted, {"one": one}) or 0)
    return [*many, *[one] * min(DOSSIERS_OF_ONE_CITIZEN - has, dossiers // 10)]


def _write(into: Table, rows: list[Row]) -> None:
    if not rows:
        return
    names = list(rows[0])
    if isinstance(db.engine.dialect, PGDialect_psycopg):
        _pour(into.name, names, rows)
        return
    marks = ", ".join(f":{name}" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    said = f"INSERT INTO {into.name} ({columns}) VALUES ({marks})"  # noqa: S608 - our tables
    db.session.execute(text(said), rows)


def _pour(name: str, names: list[str], rows: list[Row]) -> None:
    raw = db.session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    columns = ", ".join(f'"{each}"' for each in names)
    with raw.cursor().copy(f"COPY {name} ({columns}) FROM STDIN") as poured:
        for row in rows:
            poured.write_row([_plain(row[each]) for each in names])


def _plain(value: Any) -> Any:
    """COPY takes JSON as text."""
    if isinstance(value, dict | list):
        return psycopg.types.json.Json(value)
    return value


def _write_words(rows: list[Row]) -> None:
    if rows:
        db.session.execute(insert(INDEX), rows)


def _settle() -> None:
    """Let the database count what it now has, as it does by itself after a while."""
    db.session.commit()
    with db.engine.connect() as connection:
        autonomous = connection.execution_options(isolation_level="AUTOCOMMIT")
        autonomous.execute(text("SET statement_timeout = 0"))
        autonomous.execute(text("ANALYZE"))
