"""The schema can be built, taken down and built again, and is what the models say."""

import ast
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from portal.schema import metadata
from tests.house.kept import ROOT
from tests.rig.postgres import PostgresServer
from tests.rig.waiting import until

KINDS = ["sqlite", "postgresql"]
VERSIONS = sorted((ROOT / "migrations/versions").glob("*.py"))


@pytest.fixture(params=KINDS)
def migrations(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """Alembic, pointed at an empty database."""
    url = f"sqlite:///{tmp_path}/empty.db"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        server.drop("migrations")
        url = server.create("migrations")
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url)
    yield config
    if request.param == "postgresql":
        server.drop("migrations")


def tables(config: Config) -> set[str]:
    engine = create_engine(config.get_main_option("sqlalchemy.url") or "")
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_schema_goes_up_down_and_up_again(migrations: Config) -> None:
    command.upgrade(migrations, "head")
    built = tables(migrations)
    assert len(built) > 10
    command.downgrade(migrations, "base")
    assert tables(migrations) <= {"alembic_version"}
    command.upgrade(migrations, "head")
    assert tables(migrations) == built


def test_each_migration_can_be_taken_back_alone(migrations: Config) -> None:
    for _ in VERSIONS:
        command.upgrade(migrations, "+1")
        before = tables(migrations)
        command.downgrade(migrations, "-1")
        command.upgrade(migrations, "+1")
        assert tables(migrations) == before


def test_schema_is_what_the_models_say(migrations: Config) -> None:
    command.upgrade(migrations, "head")
    command.check(migrations)


def test_indexes_are_word_for_word_those_of_the_models(tmp_path: Path) -> None:
    """Also those over expressions, which SQLite does not tell whoever compares schemas."""
    migrated, modelled = (f"sqlite:///{tmp_path}/{name}.db" for name in ("migrated", "modelled"))
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", migrated)
    command.upgrade(config, "head")
    engine = create_engine(modelled)
    metadata.create_all(engine)
    engine.dispose()
    assert indexes(migrated) == indexes(modelled)


def indexes(url: str) -> dict[str, str]:
    """What each index is made of, in the words of SQLite."""
    engine = create_engine(url)
    with engine.connect() as connection:
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        rows = connection.execute(text(asked)).all()
    engine.dispose()
    return {name: " ".join(words.replace('"', "").split()) for name, words in rows}


def test_migrations_work_gently_on_tables_that_people_use() -> None:
    """What `portal.gently` does is measured in tests/scale/test_migration_locks.py."""
    rough = [
        f"{path.name}:{call.lineno} op.{call.func.attr}"
        for path in VERSIONS
        if path.name >= "0010"
        for part in ast.parse(path.read_text()).body
        if not (isinstance(part, ast.FunctionDef) and part.name == "downgrade")
        for call in ast.walk(part)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr != "f") == ("op", True)
    ]
    assert rough == []


@pytest.mark.parametrize("migrations", ["postgresql"], indirect=True)
def test_who_waits_for_his_turn_to_migrate_holds_up_no_index(migrations: Config) -> None:
    """An index that is built while others work waits for every question that was asked before."""
    engine = create_engine(migrations.get_main_option("sqlalchemy.url") or "")
    waits = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'SELECT pg_%advisory%'"
    )
    with (
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as first,
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking,
        ThreadPoolExecutor(1) as others,
    ):
        first.execute(text("SELECT pg_advisory_lock(4711337)"))
        first.execute(text("CREATE TABLE papers (id int)"))
        second = others.submit(command.current, migrations)
        until(lambda: looking.scalar(waits), "another waits for his turn")
        first.execute(text("SET lock_timeout = '5s'"))
        first.execute(text("CREATE INDEX CONCURRENTLY of_papers ON papers (id)"))
        first.execute(text("SELECT pg_advisory_unlock(4711337)"))
        second.result(20)
    engine.dispose()


def test_head_names_the_newest_migration() -> None:
    """Two people who each add a migration meet in this file, not in production."""
    newest = re.match(r"\d+", VERSIONS[-1].name)
    assert newest
    assert (ROOT / "migrations/HEAD").read_text().strip() == newest[0]
