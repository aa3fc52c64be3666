"""Rows as lines of text that either database can take back, read in one unmoving moment."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Enum,
    Select,
    String,
    Text,
    cast,
    select,
    text,
    type_coerce,
)

from portal.copying.manifest import Part, Writing
from portal.documents.search import INDEX
from portal.extensions import db
from portal.schema import metadata

FOLDER = "tables"
AT_ONCE = 1000
# What belongs to this machine alone: who is signed in here, and which copies were made here.
STAYS = ("web_sessions", "worker_beats", "backups")
# Compression worth its time: twice the speed of the usual level, for a tenth more bytes.
LEVEL = 3


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile."""
    is_postgres = db.engine.dialect.name == "postgresql"
    unmoving = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**(unmoving if is_postgres else {})) as connection:
        if is_postgres:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        yield connection


def dump(connection: Connection, folder: Path) -> tuple[dict[str, int], list[Part]]:
    """Write each table to a file of its own, parents first; how many rows each has."""
    counts: dict[str, int] = {}
    parts = []
    for name, columns, query in _queries(connection.dialect.name):
        writing = Writing(folder, f"{FOLDER}/{name}.jsonl.gz")
        with gzip.GzipFile("", "wb", LEVEL, writing, 0) as lines:
            lines.write(_line(columns))
            counts[name] = 0
            for row in connection.execute(query.execution_options(yield_per=AT_ONCE)):
                lines.write(_line(list(row)))
                counts[name] += 1
        parts.append(writing.close())
    return counts, parts


def columns_of(folder: Path, name: str) -> list[str]:
    """The columns of a table, in the order of its lines."""
    with gzip.open(folder / FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = json.loads(lines.readline())
    assert isinstance(found, list)
    return found


def rows_of(folder: Path, name: str) -> Iterator[list[Any]]:
    """The rows of a table; moments are aware datetimes, sealed values bytes."""
    with gzip.open(folder / FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            yield [_decoded(value) for value in json.loads(line)]


def _queries(dialect: str) -> Iterator[tuple[str, list[str], Select[Any]]]:
    for table in metadata.sorted_tables:
        if table.name not in STAYS:
            raw = [_raw(column, dialect) for column in table.columns]
            names = [column.name for column in table.columns]
            yield table.name, names, select(*raw).order_by(*table.primary_key.columns)
    yield INDEX.name, list(INDEX.c.keys()), select(*INDEX.c).order_by(INDEX.c.rowid)


def _raw(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Values as they lie there: a JSON text keeps each of its signs, a choice is its word."""
    if isinstance(column.type, JSON):
        return cast(column, Text) if dialect == "postgresql" else type_coerce(column, Text)
    if isinstance(column.type, Enum):
        return type_coerce(column, String)
    return column


def _line(values: Iterable[Any]) -> bytes:
    return json.dumps(list(values), ensure_ascii=False, default=_encoded).encode() + b"\n"


def _encoded(value: object) -> Any:
    """What JSON has no word for."""
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(value).decode()}
    raise TypeError(f"A column of type {type(value).__name__} has no place in a backup yet.")


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if "b" in value:
            return base64.b64decode(value["b"])
        return datetime.fromisoformat(value["t"])
    return value
