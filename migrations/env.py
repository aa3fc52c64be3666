"""Runs the migrations, with time limits and one at a time."""

import time
import warnings

from alembic import context
from sqlalchemy import create_engine, text

from portal import gently
from portal.db import Instant
from portal.patience import engine_options
from portal.schema import metadata
from portal.settings import read_settings

LOCK = 4_711_337


def include_object(_object, name, kind, _reflected, _compare_to):
    """The full-text index is made by hand: no model describes it."""
    return not (kind in ("table", "index") and name and "page_search" in name)


def render_item(kind, item, _context):
    """Write our own column kinds as the plain ones they are in the database."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def migrate() -> None:
    """From where the database stands: a migration that found a table taken is begun again."""
    with context.begin_transaction():
        context.run_migrations()


def wait_for_turn(connection) -> None:
    """Asks now and then: who waits in one long question holds up the other's indexes for ever."""
    while not connection.scalar(text(f"SELECT pg_try_advisory_lock({LOCK})")):
        time.sleep(0.5)
        connection.rollback()


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or read_settings().database_url
    options = engine_options(url, seconds=600)
    engine = create_engine(options.pop("url"), **options)
    with engine.connect() as connection:
        postgres = connection.dialect.name == "postgresql"
        if postgres:
            wait_for_turn(connection)
            connection.execute(text(gently.WAIT))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            include_object=include_object,
            render_item=render_item,
            compare_type=False,
            transactional_ddl=True,
            # What one has locked is let go before the next begins.
            transaction_per_migration=True,
        )
        with warnings.catch_warnings():
            # SQLite cannot say what an index over expressions is made of: PostgreSQL compares them.
            warnings.filterwarnings("ignore", ".*expression-based index")
            gently.patiently(migrate, undo=connection.rollback)
        connection.commit()
        if postgres:
            connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
            connection.commit()
    engine.dispose()


run()
