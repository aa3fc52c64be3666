"""Sites to be hurt, each on a database of its own behind a wire of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
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

    @property
    def gate(self) -> Gate:
        return self.wire.gate

    @property
    def killer(self) -> Killer:
        return Killer(self.web, self.desk, self.oracle)


@pytest.fixture
def own_database(postgres: PostgresServer) -> Iterator[str]:
    """The name of a new database in the suite's server."""
    name = f"faults_{uuid4().hex[:8]}"
    postgres.create(name)
    yield name
    postgres.drop(name)


@pytest.fixture
def wired(
    postgres: PostgresServer, own_database: str, tmp_path: Path
) -> Iterator[Callable[..., Wired]]:
    """wired() is a portal on PostgreSQL behind a wire; program= starts a twin of it instead."""
    opened: list[Wired] = []

    def open_one(program: str = "", *, every_message: bool = False, **settings: str) -> Wired:
        site = Site(tmp_path / f"site-{len(opened)}", postgres.url(own_database), **settings)
        wire = Wire(
            f"{postgres.folder}/.s.PGSQL.5432", lambda: Postgres(every_message=every_message)
        )
        site.tell(
            DATABASE_URL=f"postgresql+psycopg://postgres@127.0.0.1:{wire.port}/{own_database}"
        )
        web = Web(site, program)
        oracle = Oracle(site.database_url, read_folder(site.objects))
        opened.append(Wired(site, web, Desk(site, web), wire, oracle))
        web.start()
        return opened[-1]

    yield open_one
    for one in opened:
        one.web.__exit__()
        one.wire.close()
        one.site.close()
