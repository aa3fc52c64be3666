"""Migrations wait for their turn on tables that people use, and nobody queues behind them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql

from portal import schema
from tests.rig.postgres import PostgresServer
from tests.rig.processes import ROOT
from tests.rig.waiting import until

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'turns'"
WHOLE = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_dossiers_figures'::regclass"


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    yield postgres.create("turns")
    postgres.drop("turns")


def bring(url: str, revision: str) -> str:
    """A database of this version; its address for the bare driver."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url)
    command.upgrade(config, revision)
    return url.replace("+psycopg", "")


@pytest.mark.parametrize(
    ("version", "table"), [("0001", "procedure_versions"), ("0009", "dossiers")]
)
def test_who_reads_for_long_is_waited_for_and_others_go_on(
    url: str, version: str, table: str
) -> None:
    """In one transaction for each migration, as they were, and in steps, as they are."""
    address = bring(url, version)
    seen = 0
    with (
        psycopg.connect(address) as long_reader,
        psycopg.connect(address, autocommit=True) as other,
        ThreadPoolExecutor(1) as operator,
    ):
        read = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        long_reader.execute(read)
        migrating = operator.submit(schema.upgrade, url)

        def tried_twice() -> bool:
            nonlocal seen
            is_waiting = other.execute(WAITS).fetchone() == (1,)
            seen += is_waiting is (seen % 2 == 0)
            other.execute(read)
            return seen >= 3

        until(tried_twice, "the migration has tried, let go and tried again", within=60, every=0.02)
        assert not migrating.done()
        long_reader.rollback()
        migrating.result(120)
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == (
            schema.newest(),
        )


def test_an_index_that_was_left_half_built_is_built_anew(url: str) -> None:
    address = bring(url, "0009")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE dossiers ADD COLUMN ended_at timestamptz")
        connection.execute("CREATE INDEX ix_dossiers_figures ON dossiers (id)")
        connection.execute(
            "UPDATE pg_index SET indisvalid = false"
            " WHERE indexrelid = 'ix_dossiers_figures'::regclass"
        )
        schema.upgrade(url)
        assert connection.execute(WHOLE).fetchone() == (True,)
        made = connection.execute("SELECT pg_get_indexdef('ix_dossiers_figures'::regclass)")
        assert "procedure_version_id" in str(made.fetchone())
