"""What every test may ask for: an application on a fresh database, a browser, a clock."""

import base64
import functools
import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as examples
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portal import clock, schema
from portal.accounts import passwords
from portal.app import create_app
from portal.extensions import db
from portal.settings import Settings, read_settings
from tests.rig import browser as browsers
from tests.rig import haste, loopback
from tests.rig.ceph import CephServer
from tests.rig.clocks import TurnedClock
from tests.rig.databases import Database, PostgresDatabase, SqliteDatabase
from tests.rig.postgres import PostgresServer
from tests.rig.processes import PortalProcess
from tests.rig.sign_in import SignIn

RESULTS = Path(__file__).resolve().parent.parent / "test-results"


def pytest_configure() -> None:
    loopback.guard()
    haste.spare()
    # A busy machine is no defect: drawn examples may take as long as they need.
    examples.register_profile("unhurried", deadline=None)
    examples.load_profile("unhurried")


def pytest_collection_finish() -> None:
    haste.sweep_seldom()


def pytest_unconfigure() -> None:
    gc.unfreeze()  # libraries in C count at the end what was left behind


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures see how their test ended."""
    report = yield
    item.stash.setdefault(FAILED, False)
    item.stash[FAILED] |= report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server, started when the first test asks for it."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ceph() -> Iterator[CephServer]:
    """A real S3 server, started when the first test asks for it."""
    server = CephServer()
    yield server
    server.stop()


@pytest.fixture
def bucket(ceph: CephServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The OBJECT_STORE_URL of a bucket of its own, with the credentials where boto3 looks."""
    for name, value in ceph.credentials.items():
        monkeypatch.setenv(name, value)
    return ceph.url(f"kho-{uuid4()}")


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> "Sites":
    """One application for each kind of database, made when first asked for."""
    return Sites(tmp_path_factory.mktemp("site"))


class Sites:
    """Applications live as long as the run; what is in their databases and folders does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[str, tuple[Flask, Database]] = {}

    def fresh(self, kind: str, make: Callable[[], Database]) -> Flask:
        """The application on this kind of database, with nothing in it."""
        if kind not in self.made:
            database = make()
            self.made[kind] = create_app(settings(self.data(kind), database.url)), database
        app, database = self.made[kind]
        with app.app_context():
            db.engine.dispose()
        database.reset("empty", schema.upgrade)
        shutil.rmtree(self.data(kind), ignore_errors=True)
        return app

    def data(self, kind: str) -> Path:
        """Where objects and mails of this application lie."""
        return self.folder / kind / "data"


def settings(data: Path, database_url: str, **changes: str) -> Settings:
    """The settings of a site under test."""
    key = base64.b64encode(b"a key that only tests ever hold!").decode()
    given = {
        "DATA_DIR": str(data),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a secret that only tests ever hold",
        "DATA_KEYS": f"k1:{key}",
        "DEMO": "1",
    }
    return read_settings(given | changes)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite, unless the test is marked to run on both (tests.rig.on_both_databases)."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def app(request: pytest.FixtureRequest, sites: Sites, database_kind: str) -> Iterator[Flask]:
    """The application, its database freshly migrated and empty."""

    def make() -> Database:
        folder = sites.folder / database_kind
        folder.mkdir()
        if database_kind == "sqlite":
            return SqliteDatabase(folder)
        return PostgresDatabase(request.getfixturevalue("postgres"))

    yield sites.fresh(database_kind, make)
    clock.turn(None)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser without scripts."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """sign_in(Role.OFFICER) gives a signed-in client; see tests/rig/sign_in.py."""
    return SignIn(app)


@pytest.fixture
def full_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are digested as in an installation."""
    monkeypatch.setattr(passwords, "_hasher", haste.SHIPPED)


@pytest.fixture
def turned_clock() -> Iterator[TurnedClock]:
    """The clock of this process, standing at nine on an ordinary Monday until moved."""
    yield TurnedClock()
    clock.turn(None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, for one module: while it is open, its event loop holds our thread.

    Nothing else in the process could then call asyncio.run, as signing a PDF does.
    """
    with sync_playwright() as playwright:
        found = browsers.launch(playwright)
        yield found
        found.close()


@pytest.fixture
def visitors(
    browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """visitors() opens one more person's browser; on failure a picture of each page is kept."""
    opened: list[BrowserContext] = []

    def open_one(**options: object) -> BrowserContext:
        opened.append(browsers.open_visitor(browser, **options))
        return opened[-1]

    yield open_one
    if request.node.stash.get(FAILED, False):
        keep_pictures(request.node.name, opened)
    for context in opened:
        context.close()


@pytest.fixture
def page(visitors: Callable[..., BrowserContext]) -> Page:
    """A page of one visitor."""
    return visitors().new_page()


@pytest.fixture
def axe_of_html(browser: Browser) -> Callable[..., None]:
    """axe_of_html(html) checks a page that was fetched without scripts."""
    return functools.partial(browsers.axe_of_html, browser)


def keep_pictures(name: str, contexts: list[BrowserContext]) -> None:
    """Save what each page looked like when the test failed, for whoever reads the report."""
    RESULTS.mkdir(exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    for number, shown in enumerate(pages, start=1):
        shown.screenshot(path=RESULTS / f"{name}-{number}.png".replace("/", "_"), full_page=True)


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after a first start without the demo; give it as like= to skip that start."""
    with PortalProcess(tmp_path_factory.mktemp("filled"), "--no-demo") as process:
        process.stop()
        return process.data.rename(process.data.with_name("kept"))


@pytest.fixture
def start_portal(tmp_path: Path) -> Iterator[Callable[..., PortalProcess]]:
    """start_portal("--no-demo", at=moment) runs the portal's own processes on an empty folder.

    More in tests/rig/processes.py: like=filled_folder, settings by name, kill(), move the clock.
    """
    started: list[PortalProcess] = []

    def start(*options: str, **how: Any) -> PortalProcess:
        folder = tmp_path / f"portal-{len(started)}"
        folder.mkdir()
        started.append(PortalProcess(folder, *options, **how))
        return started[-1]

    yield start
    for process in started:
        process.stop()
