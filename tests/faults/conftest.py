"""Sites to be hurt, each on a database of its own behind a wire of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.kit.acts import Desk
from tests.faults.kit.oracle import Oracle, read_folder
from tests.faults.kit.site import Site, Web
from tests.faults.kit.speech import Postgres
from tests.faults.kit.sweep import Killer
from tests.faults.kit.wire import Gate, Wire
from tests.rig.postgres import PostgresServer


@dataclass
class Wired:
    """A portal whose database lies behind a wire."""

    site: Site
    web: Web
    desk: Desk
    wire: Wire
    oracle: Oracle
    database: str

    @property
    def gate(self) -> Gate:
        return self.wire.gate

    @property
    def killer(self) -> Killer:
        return Killer(self.web, self.desk, self.oracle)


@contextmanager
def wired_portal(
    postgres: PostgresServer,
    folder: Path,
    program: str = "",
    *,
    every_message: bool = False,
    **settings: str,
) -> Iterator[Wired]:
    """A portal on a new database of the suite's server, behind a wire."""
    name = f"faults_{uuid4().hex[:8]}"
    site = Site(folder / name, postgres.create(name), **settings)
    behind = f"{postgres.folder}/.s.PGSQL.5432"
    wire = Wire(behind, lambda: Postgres(every_message=every_message))
    site.tell(DATABASE_URL=f"postgresql+psycopg://postgres@127.0.0.1:{wire.port}/{name}")
    web = Web(site, program)
    oracle = Oracle(site.database_url, read_folder(site.objects))
    try:
        web.start()
        yield Wired(site, web, Desk(site, web), wire, oracle, name)
    finally:
        web.__exit__()
        wire.close()
        site.close()
        postgres.drop(name)


@pytest.fixture
def wired(postgres: PostgresServer, tmp_path: Path) -> Iterator[Callable[..., Wired]]:
    """wired() is a portal on PostgreSQL behind a wire; the first argument starts a twin instead."""
    with ExitStack() as opened:

        def open_one(program: str = "", **how: Any) -> Wired:
            return opened.enter_context(wired_portal(postgres, tmp_path, program, **how))

        yield open_one
