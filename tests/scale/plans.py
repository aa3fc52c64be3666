"""How the database means to answer: which questions would read a big table from end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

# trust.md counts a table as big from here on
BIG = 10_000
READING = ("SELECT", "WITH", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Scan:
    """A table that is read whole, by which question, asked for what."""

    table: str
    asked_for: str
    statement: str

    def __str__(self) -> str:
        return f"{self.table}, for {self.asked_for}: {self.statement}"


def big_tables(connection: Connection, most: int = BIG) -> set[str]:
    """The tables that have more rows than this, as the planner knows it."""
    asked = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > :most")
    return set(connection.scalars(asked, {"most": most}))


def scans(
    connection: Connection, asked: Iterable[tuple[str, str, Any]], big: set[str]
) -> Iterator[Scan]:
    """Each question once, for which the planner would read a big table whole."""
    seen: set[str] = set()
    for asked_for, statement, values in asked:
        if statement in seen or not statement.lstrip().upper().startswith(READING):
            continue
        seen.add(statement)
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
        for table in _read_whole(plan[0]["Plan"]):
            if table in big:
                yield Scan(table, asked_for, statement)


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _read_whole(part)
