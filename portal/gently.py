"""Changes tables under people's hands: each step is short, and one that was cut off is done again.

On PostgreSQL a step is a transaction of its own; whoever must have a table to himself waits for it
for a moment only, so that nobody queues behind him, and tries again. A step that was done before a
migration was killed is passed over. On SQLite a migration is one transaction: there one writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import DBAPIError

# Nobody is held up for longer than this by somebody who waits for a table.
WAIT = "SET lock_timeout = 300"
PAUSE_SECONDS = 1.0
TRIES = 300
PIECE = 500


@contextmanager
def steps() -> Iterator[None]:
    """Around all that a migration does."""
    if not _is_postgresql():
        yield
        return
    with op.get_context().autocommit_block():
        yield


def patiently(step: Callable[[], None], *, undo: Callable[[], None] = lambda: None) -> None:
    """Do it, again and again while others have what it needs; between the tries nobody waits."""
    for left in reversed(range(TRIES)):
        try:
            step()
        except DBAPIError as error:
            if not left or not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            undo()
            time.sleep(PAUSE_SECONDS)
        else:
            return


def run(statement: str) -> None:
    """One statement that needs a moment, and changes nothing when it is run again."""
    patiently(lambda: op.execute(statement))


def add_column(table: str, column: sa.Column[Any]) -> None:
    """One that may be empty, or has a constant default: no row is written for it."""
    again = True if _is_postgresql() else None
    patiently(lambda: op.add_column(table, column, if_not_exists=again))


def create_table(name: str, *parts: Any) -> None:
    """A new one; what it points to is held for a moment."""
    patiently(lambda: _made(op.create_table(name, *parts, if_not_exists=_is_postgresql())))


def create_index(name: str, table: str, parts: Sequence[str], *, where: str = "") -> None:
    """While others read and write; what a death left half built is built anew."""
    body = f"{name} ON {table} ({', '.join(parts)})" + (f" WHERE {where}" if where else "")
    if not _is_postgresql():
        op.execute(f"CREATE INDEX {body}")
        return

    def build() -> None:
        if _is_whole(name) is False:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        if _is_whole(name) is None:
            op.execute(f"CREATE INDEX CONCURRENTLY {body}")

    _unhurried(build)


def drop_index(name: str) -> None:
    """While others read and write."""
    if _is_postgresql():
        _unhurried(lambda: op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
    else:
        op.execute(f"DROP INDEX {name}")


def fill(table: str, what: str) -> None:
    """Give each row what `what` sets, some rows at a time; the same when it is run again."""
    if not _is_postgresql():
        op.execute(f"UPDATE {table} SET {what}")  # noqa: S608 - words of a migration
        return
    last = 0
    while found := _piece_after(table, last):
        # Locked in their order first: two who take rows in different orders stop each other.
        of_piece = (
            f"SELECT id FROM {table} WHERE id > {last} AND id <= {found} ORDER BY id FOR UPDATE"  # noqa: S608 - words of a migration
        )
        run(f"UPDATE {table} SET {what} WHERE id IN ({of_piece})")  # noqa: S608 - the same
        last = found


def _piece_after(table: str, last: int) -> int | None:
    """The number of the last row of the next piece."""
    some = f"SELECT id FROM {table} WHERE id > {last} ORDER BY id LIMIT {PIECE}"  # noqa: S608 - words of a migration
    found = op.get_bind().scalar(sa.text(f"SELECT max(id) FROM ({some}) AS piece"))  # noqa: S608 - the same
    return None if found is None else int(found)


def _unhurried(step: Callable[[], None]) -> None:
    """It waits for everybody's transactions to end, and nobody waits for it."""
    op.execute("SET lock_timeout = 0")
    try:
        patiently(step)
    finally:
        op.execute(WAIT)


def _is_whole(index: str) -> bool | None:
    """Whether an index was built to its end; None where there is none."""
    asked = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    return op.get_bind().scalar(asked, {"name": index})


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _made(_table: sa.Table) -> None:
    return None
