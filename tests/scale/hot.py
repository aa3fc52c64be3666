"""What is asked for all day long, by everybody, on a database of any size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from portal import clock, outbox, upkeep
from portal.audit import sealing
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.health import figures
from portal.idempotency import IdempotencyKey
from portal.jobs import services as jobs
from tests.pressure.people import LINK, People

KEYED, LISTS, SEARCH, REPORT = "keyed", "list", "search", "report"
WORDS = ("nguyen", "khanh hoa", "Khánh Hòa", "trich luc", "nha trang", "khai sinh")


@dataclass(frozen=True)
class Page:
    """An address, who asks for it, and what kind of page it is."""

    kind: str
    name: str
    path: str
    client: FlaskClient


def pages(app: Flask) -> list[Page]:
    """Every kind of page that many people open, with several addresses of each."""
    people = People(app)
    found = [*_keyed(people), *_lists(people), *_searches(people, app)]
    return [page for page in found if _is_there(page)]


def _is_there(page: Page) -> bool:
    status = page.client.get(page.path).status_code
    assert status in (200, 303), f"{page.path}: {status}"
    return status == 200


def _keyed(people: People) -> Iterator[Page]:
    visitor = people.app.test_client()
    for path in _links(visitor, "/thu-tuc", r"^/thu-tuc/[\d.]+$")[:5]:
        yield Page(KEYED, "procedure", path, visitor)
    citizen, officer, clerk = (
        people.known(f"{n}@demo.test") for n in ("congdan", "canbo", "buudien")
    )
    for path in _links(citizen, "/cua-toi", r"^/cua-toi/ho-so/[\w-]{16}$")[:8]:
        yield Page(KEYED, "citizen's dossier", path, citizen)
        yield Page(KEYED, "who has seen it", f"{path}/ai-da-xem", citizen)
    for path in _links(officer, "/can-bo?muc=dang-xu-ly", r"^/can-bo/ho-so/[\w-]{16}$")[:8]:
        yield Page(KEYED, "officer's dossier", path, officer)
        for picture in _links(officer, path, r"^/giay-to/trang/[\w-]{16}$")[:2]:
            yield Page(KEYED, "page image", picture, officer)
    for path in _links(clerk, "/buu-dien?xem=niem-phong", r"^/buu-dien/ho-so/[\w-]{16}$")[:5]:
        yield Page(KEYED, "dossier at the counter", path, clerk)
    yield Page(KEYED, "home", "/", visitor)


def _lists(people: People) -> Iterator[Page]:
    desks = (
        ("citizen's desk", "congdan", "/cua-toi"),
        ("officer's inbox", "canbo", "/can-bo"),
        ("one-stop inbox", "motcua", "/can-bo"),
        ("records inbox", "vanthu", "/can-bo"),
        ("counter", "buudien", "/buu-dien"),
        ("the log", "quantri", "/quan-tri/nhat-ky"),
    )
    for name, who, start in desks:
        client = people.known(f"{who}@demo.test")
        for path in _tabs(client, start):
            yield Page(LISTS, name, path, client)
    admin, clerk, leader, officer = (
        people.known(f"{n}@demo.test") for n in ("quantri", "buudien", "lanhdao", "canbo")
    )
    yield Page(LISTS, "officer's inbox", "/can-bo?muc=dang-xu-ly&han=qua-han", officer)
    for act in ("dossier:open", "postal:seal"):
        yield Page(LISTS, "the log", f"/quan-tri/nhat-ky?viec={quote_plus(act)}", admin)
    yield Page(LISTS, "hand-overs", "/buu-dien/ban-giao", clerk)
    yield Page(LISTS, "hand-overs", "/can-bo/ban-giao", people.known("motcua@demo.test"))
    yield Page(LISTS, "round", "/buu-dien", people.known("buuta@demo.test"))
    yield Page(LISTS, "post's overview", "/buu-dien/giam-sat", people.known("giamsat@demo.test"))
    for path in ("/quan-tri", "/quan-tri/viec-nen", "/quan-tri/nguoi-dung"):
        yield Page(LISTS, "administration", path, admin)
    for who, client in (("leader", leader), ("control", people.known("kiemsoat@demo.test"))):
        yield Page(REPORT, f"{who}'s figures", "/lanh-dao", client)
        for path in _links(client, "/lanh-dao", r"^/lanh-dao/danh-sach")[:40]:
            yield Page(LISTS, f"{who}'s lists", path, client)


def _searches(people: People, app: Flask) -> Iterator[Page]:
    typed = list(WORDS)
    with app.app_context():
        home = select(Dossier.code).where(Dossier.code.is_not(None)).limit(1)
        code = db.session.scalar(home)
        assert code
        typed += [code, code[-7:]]
    for door, who in (("can-bo", "canbo"), ("can-bo", "motcua"), ("lanh-dao", "lanhdao")):
        client = people.known(f"{who}@demo.test")
        for words in typed:
            yield Page(SEARCH, f"search of {who}", f"/{door}/tim?q={quote_plus(words)}", client)
    visitor = app.test_client()
    for words in WORDS:
        yield Page(SEARCH, "catalogue search", f"/thu-tuc?q={quote_plus(words)}", visitor)


def _tabs(client: FlaskClient, start: str) -> list[str]:
    """A list with its tabs, and the second page of each."""
    tabs = [start, *_links(client, start, rf"^{start}\?(muc|xem)=")]
    older = [path for tab in tabs for path in _links(client, tab, r"[?&](sau|truoc)=")]
    return list(dict.fromkeys([*tabs, *older]))


def _links(client: FlaskClient, page: str, pattern: str) -> list[str]:
    text = client.get(page, follow_redirects=True).text.replace("&amp;", "&")
    wanted = re.compile(pattern)
    return list(dict.fromkeys(link for link in LINK.findall(text) if wanted.search(link)))


def work(app: Flask) -> Iterator[tuple[str, Callable[[], object]]]:
    """What the worker and each form ask for without anybody looking."""
    now = clock.now()

    def forms() -> object:
        return db.session.scalar(select(IdempotencyKey).filter_by(owner="nobody", key="none"))

    with app.app_context():
        yield "claim a job", lambda: jobs.claim(at=now)
        yield "sweep of leases", lambda: jobs.sweep(at=now)
        yield "sweep of rows", lambda: upkeep._sweep_rows(now)
        yield "next letter", lambda: outbox.send_one(app.config["SETTINGS"])
        yield "sealer", lambda: sealing.waiting(now)
        yield "form sent before", forms
        yield "meters", lambda: figures.now(now, {"database": "ok"})


def questions(app: Flask) -> tuple[list[tuple[str, str, Any]], dict[str, int]]:
    """Every statement with what it was asked for, and how many each kind of page needs."""
    asked: list[tuple[str, str, Any]] = []
    most: dict[str, int] = {}
    for page in pages(app):
        with asked_of_the_database() as seen:
            page.client.get(page.path)
        asked += [(f"{page.name} {page.path}", *each) for each in seen]
        most[page.name] = max(len(seen), most.get(page.name, 0))
    for name, do in work(app):
        with asked_of_the_database() as seen:
            do()
            db.session.rollback()
        asked += [(name, *each) for each in seen]
    return asked, most


@contextmanager
def asked_of_the_database() -> Iterator[list[tuple[str, Any]]]:
    """Each question with the values it was asked with, in their order."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
