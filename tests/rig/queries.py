"""Counts what a piece of work asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

READ_OR_WRITE = ("select", "insert", "update", "delete", "with")


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Collect the statements of every engine in this process, without BEGIN and settings."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().lower().startswith(READ_OR_WRITE):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def max_queries(most: int) -> Iterator[None]:
    """Fail, naming the statements, when the block asks more often than `most`."""
    with counted_queries() as seen:
        yield
    listing = "\n".join(
        f"{number}. {' '.join(text.split())}" for number, text in enumerate(seen, start=1)
    )
    assert len(seen) <= most, f"{len(seen)} queries where {most} are allowed:\n{listing}"
