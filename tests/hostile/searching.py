"""Looks for planted words wherever a portal leaves anything: rows, files, names, logs, links."""

import gzip
import io
import logging
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text

from portal import logs
from portal.extensions import db

# What holds the text of papers, and the index over it: columns, a copy's part, the raw database.
OF_PAPERS = re.compile(
    r"^document_pages\.(text|folded)$|^page_search|/(document_pages|page_search)\b|^raw "
)
LINKS = re.compile(r'(?:href|src|action|data-hx-\w+)="([^"]+)"')


def rows(app: Flask) -> Iterator[tuple[str, str]]:
    """Every value of every column of every table, as text, with where it stands."""
    with app.app_context(), db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            found = connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 - our own names
            columns = list(found.keys())
            for row in found:
                for column, value in zip(columns, row, strict=True):
                    if value is not None:
                        yield f"{table}.{column}", _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)


def files(folder: Path) -> Iterator[tuple[str, str]]:
    """Names and contents under a folder, opened where they are packed."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield f"name {name}", name
        if path.is_file():
            yield from ((f"{name}{inside}", held) for inside, held in _contents(path))


def _contents(path: Path) -> Iterator[tuple[str, str]]:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if tarfile.is_tarfile(io.BytesIO(data)):
        with tarfile.open(fileobj=io.BytesIO(data)) as packed:
            for member in packed:
                yield f":{member.name}", member.name
        return  # what lies in objects is what people handed in
    yield "", data.decode("latin-1")
    # JSON writes other letters than Latin ones by number.
    yield " as JSON", data.decode("utf-8", "replace")


class Recorder:
    """A browser's client that remembers each address it was sent to or shown."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.addresses: list[str] = []

    def get(self, *given: Any, **named: Any) -> Any:
        return self._seen(self.client.get(*given, **named))

    def post(self, *given: Any, **named: Any) -> Any:
        return self._seen(self.client.post(*given, **named))

    def _seen(self, answer: Any) -> Any:
        for one in (*answer.history, answer):
            self.addresses += [one.request.url, one.headers.get("Location", "")]
            self.addresses += [
                one.headers.get(f"HX-{name}", "") for name in ("Redirect", "Location")
            ]
            if one.mimetype == "text/html":
                self.addresses += [unquote_plus(found) for found in LINKS.findall(one.text)]
        return answer


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything that anybody logs, from debugging upwards, in the form that ships."""
    root, held = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    logs.set_up()
    handler = logging.StreamHandler(held)
    handler.setFormatter(logs.JsonLines())
    root.handlers, root.level = [handler], logging.DEBUG
    try:
        yield held
    finally:
        root.handlers, root.level = before


def finds(word: str, held: str) -> bool:
    """Whether a word stands in a text, and not only its signs within a longer one."""
    if word not in held:
        return False
    if len(word) > 8:
        return True
    # Six digits alone: a part of a second or of a number is none.
    return bool(re.search(rf"(?<![0-9A-Za-z.]){re.escape(word)}(?![0-9A-Za-z])", held))


def where(word: str, places: Iterator[tuple[str, str]]) -> set[str]:
    """Where a word stands."""
    return {place for place, held in places if finds(word, held)}
