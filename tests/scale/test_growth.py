"""Ten times the dossiers cost hardly more: pages, lists, search, and the plans behind them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

from portal import schema
from portal.app import create_app
from portal.crypto import keyring
from portal.demo.load import load
from portal.extensions import db
from tests.conftest import settings
from tests.pressure.people import People
from tests.pressure.wire import Ask
from tests.rig.postgres import PostgresServer
from tests.scale.growth import grow

pytestmark = pytest.mark.proof

SMALL, LARGE = 10_000, 100_000
TIMES = 60
# How much slower the 95th of a hundred may be with ten times the dossiers.
KEYED = ("procedure", "citizen's dossier", "officer's dossier", "page image")
LISTS = ("citizen's desk", "officer's inbox", "counter")
ALLOWED = dict.fromkeys(KEYED, 1.3) | dict.fromkeys(LISTS, 1.5) | {"search in papers": 2.0}
BIG = ("dossiers", "dossier_events", "documents", "document_files", "document_pages", "page_search")
BIG_TABLES = {*BIG, "audit_events", "postal_items", "custody_lines", "control_sheet_lines", "users"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration on PostgreSQL."""
    server = PostgresServer()
    app = create_app(settings(tmp_path_factory.mktemp("scale"), server.create("portal")))
    try:
        with app.app_context():
            schema.upgrade(app.config["SETTINGS"].database_url)
            load()
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()
        server.stop()


@contextmanager
def asked_of_the_database() -> Iterator[dict[str, Any]]:
    """Each question once, with the values it was asked with."""
    seen: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.setdefault(statement, values)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def p95(app: Flask, asked: list[Ask], rng: Random) -> float:
    """Seconds within which 95 of a hundred of these pages come, each asked for once before."""
    client, took = app.test_client(use_cookies=False), []
    first = {each.path: client.get(each.path, headers=each.headers).status_code for each in asked}
    assert set(first.values()) <= {200, 303}, first
    pages = [each for each in asked if first[each.path] == 200]  # a draft leads on to its own page
    for _ in range(TIMES):
        question = rng.choice(pages)
        begun = time.perf_counter()
        answer = client.get(question.path, headers=question.headers)
        took.append(time.perf_counter() - begun)
        assert answer.status_code == 200, question.path
    return quantiles(took, n=100, method="inclusive")[94]


def probe(app: Flask, asked: dict[str, list[Ask]]) -> dict[str, float]:
    return {kind: p95(app, asked[kind], Random(7)) for kind in ALLOWED}  # noqa: S311 - repeatable


def scans(app: Flask, asked: dict[str, list[Ask]]) -> list[str]:
    """Questions for which a big table is read from end to end."""
    client = app.test_client(use_cookies=False)
    with asked_of_the_database() as seen:
        for kind in (*ALLOWED, "leader's figures"):
            for question in asked[kind][:5]:
                client.get(question.path, headers=question.headers)
    found = []
    with app.app_context(), db.engine.connect() as connection:
        for statement, values in seen.items():
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar()
            found += [f"{table}: {statement}" for table in _read_whole(plan[0]["Plan"])]
    return found


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in BIG_TABLES:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _read_whole(part)


def test_ten_times_the_dossiers_cost_hardly_more(site: Flask, tmp_path: Path) -> None:
    rng = Random(11)  # noqa: S311 - the same growth every time
    figures = {}
    for size in (SMALL, LARGE):
        begun = time.perf_counter()
        with site.app_context():
            there = grow(size, rng, keyring())
            assert db.session.scalar(text("SELECT count(*) FROM dossiers")) == there
        print(f"{there} dossiers after {time.perf_counter() - begun:.0f} s")
        asked = People(site).questions(drafts=0)
        figures[size] = probe(site, asked)
    for kind, allowed in ALLOWED.items():
        small, large = (figures[size][kind] * 1000 for size in (SMALL, LARGE))
        print(f"{kind:20} {small:7.0f} {large:7.0f} ms  × {large / small:.2f} ({allowed})")
    too_slow = [k for k, most in ALLOWED.items() if figures[LARGE][k] > most * figures[SMALL][k]]
    assert scans(site, asked) == []
    assert too_slow == []
