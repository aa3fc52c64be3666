"""What a database holds, as one short word that changes with any row."""

from hashlib import sha256

from flask import Flask

from portal import schema
from portal.extensions import db


def contents(app: Flask, *, besides: tuple[str, ...] = ()) -> dict[str, str]:
    """A digest for each table, besides those named."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: _digest(connection.execute(table.select()).all())
            for table in schema.metadata.sorted_tables
            if table.name not in besides
        }


def _digest(rows: object) -> str:
    assert isinstance(rows, list)
    return sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()[:12]
