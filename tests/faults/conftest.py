"""Sites to be hurt, each on a database of its own behind a wire of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from scanning.store import open_store
from scanning.store.s3 import S3Store
from tests.faults.kit.acts import Desk
from tests.faults.kit.oracle import Oracle, read_folder
from tests.faults.kit.site import Site, Web
from tests.faults.kit.speech import ObjectStore, Postgres
from tests.faults.kit.sweep import Killer
from tests.faults.kit.wire import Gate, Wire
from tests.rig.ceph import CephServer
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


@dataclass
class OnObjects:
    """A portal on SQLite whose object store, a real S3 server, lies behind a wire."""

    site: Site
    web: Web
    desk: Desk
    wire: Wire
    store: S3Store

    @property
    def oracle(self) -> Oracle:
        return Oracle(self.site.database_url, self.read)

    @property
    def killer(self) -> Killer:
        return Killer(self.web, self.desk, self.oracle)

    def read(self, key: str) -> bytes | None:
        """What lies in the bucket, whoever put it there."""
        try:
            found = self.store.client.get_object(Bucket=self.store.bucket, Key=self._name(key))
        except self.store.client.exceptions.NoSuchKey:
            return None
        data: bytes = found["Body"].read()
        return data

    def lay(self, key: str, data: bytes | None) -> None:
        """What nobody of ours does: change an object, or take it away."""
        where = {"Bucket": self.store.bucket, "Key": self._name(key)}
        if data is None:
            self.store.client.delete_object(**where)
        else:
            self.store.client.put_object(**where, Body=data)

    def _name(self, key: str) -> str:
        return self.store.prefix + key


@contextmanager
def portal_on_objects(ceph: CephServer, folder: Path) -> Iterator[OnObjects]:
    """Its store speaks S3 over the wire; the harness looks at it without."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as opened:
        for name, value in ceph.credentials.items():
            patch.setenv(name, value)
        url = ceph.url(f"kho-{uuid4()}")
        store = open_store(url)
        assert isinstance(store, S3Store)
        site = Site(folder / "site", OBJECT_STORE_URL=url, **ceph.credentials)
        opened.callback(site.close)
        server = urlsplit(ceph.endpoint)
        assert server.hostname
        assert server.port
        wire = opened.enter_context(Wire((server.hostname, server.port), ObjectStore))
        site.tell(OBJECT_STORE_URL=url.replace(ceph.endpoint, f"http://127.0.0.1:{wire.port}"))
        web = opened.enter_context(Web(site))
        yield OnObjects(site, web, Desk(site, web), wire, store)


@dataclass
class OnDisk:
    """A portal on SQLite and a folder."""

    site: Site
    web: Web
    desk: Desk
    oracle: Oracle

    @property
    def killer(self) -> Killer:
        return Killer(self.web, self.desk, self.oracle)


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnDisk]:
    """One portal on SQLite and a folder for a module."""
    site = Site(tmp_path_factory.mktemp("disk"))
    with Web(site) as web:
        yield OnDisk(
            site, web, Desk(site, web), Oracle(site.database_url, read_folder(site.objects))
        )
    site.close()
