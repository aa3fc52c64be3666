"""What was erased, by random names only: kept beside the rows and outside, for copies brought back.

A copy of last week still holds who was erased since. What is written here is erased again there.
"""

from __future__ import annotations

import enum
import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import String, UniqueConstraint, delete, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import retention
from portal.crypto import keyring
from portal.db import Base, choice, on_commit
from portal.extensions import db
from portal.retention import What

log = logging.getLogger("portal.erasures")

NAME = "erased.jsonl"
SEAL = "erasure"
NEW = ".new"


class Erased(enum.StrEnum):
    """What it was."""

    PERSON = "person"
    DRAFT = "draft"


# How long what was erased must stay known: longer than a copy that still holds it is kept.
KEPT = {Erased.PERSON: What.ERASED_PERSON, Erased.DRAFT: What.ERASED_DRAFT}
AT_ONCE = 500
Name = tuple[str, str]


class Erasure(Base):
    """Somebody or something is to be read nowhere any more; `subject` is its random name."""

    __tablename__ = "erasures"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Erased] = mapped_column(choice(Erased))
    subject: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]


@dataclass(frozen=True)
class Entry:
    """A line of the list."""

    kind: Erased
    subject: str
    at: str

    @property
    def name(self) -> Name:
        """What it is about, whenever it was."""
        return self.kind, self.subject

    @property
    def line(self) -> str:
        """As it stands in the file, sealed: a line made up by somebody would erase a stranger."""
        body = {"kind": self.kind.value, "subject": self.subject, "at": self.at}
        return json.dumps(body | {"seal": self._seal()}) + "\n"

    @classmethod
    def of(cls, line: str) -> Entry | None:
        """What a line says; None where it was cut off, or its seal is not ours."""
        try:
            found = json.loads(line)
            entry = cls(Erased(found["kind"]), str(found["subject"]), str(found["at"]))
        except (ValueError, KeyError, TypeError):
            return None
        return entry if found.get("seal") == entry._seal() else None

    def _seal(self) -> str:
        return keyring().index(f"{self.kind.value}\0{self.subject}\0{self.at}", SEAL)


@dataclass
class _News:
    """Tells the file, once it is durable, what one transaction erased."""

    entries: list[Entry] = field(default_factory=list)

    def __call__(self) -> None:
        append(self.entries)


def note(kind: Erased, subject: str, *, at: datetime) -> None:
    """Write down, in the transaction that erases, that this is gone; the file learns it after."""
    entry = Entry(kind, subject, at.isoformat())
    know([entry])
    after = db.session.info.get("after", ())
    news = next((action for action in after if isinstance(action, _News)), None)
    if news is None:
        news = _News()
        on_commit(news)
    news.entries.append(entry)


def know(entries: Iterable[Entry]) -> None:
    """Put into the rows what is not there yet; of two who do so at once neither fails."""
    rows = [
        {"kind": one.kind, "subject": one.subject, "at": datetime.fromisoformat(one.at)}
        for one in entries
    ]
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    if rows:
        db.session.execute(dialect.insert(Erasure).on_conflict_do_nothing(), rows)


def known() -> set[Name]:
    """What this database knows to be erased."""
    # Plain words: a member and a moment for each of many rows would be most of the work.
    rows = db.session.execute(select(type_coerce(Erasure.kind, String), Erasure.subject))
    return {(kind, subject) for kind, subject in rows}


def entries_of(names: Iterable[Name]) -> Iterator[Entry]:
    """The rows of these."""
    wanted = sorted(subject for _kind, subject in names)
    for start in range(0, len(wanted), AT_ONCE):
        some = Erasure.subject.in_(wanted[start : start + AT_ONCE])
        for row in db.session.scalars(select(Erasure).where(some)):
            yield Entry(row.kind, row.subject, row.at.isoformat())


def listed() -> dict[Name, Entry]:
    """What the file of this site says; what cannot be read in it is told to the operator."""
    path = _path()
    if not path.exists():
        return {}
    found = [Entry.of(line) for line in _lines(path)]
    wrong = found.count(None)
    if wrong:
        log.error("%s lines of the list of what was erased cannot be read: %s", wrong, path)
    return {entry.name: entry for entry in found if entry is not None}


def append(entries: Iterable[Entry]) -> None:
    """Add lines to the file, and nothing else: somebody waits for his page.

    What fails here is made up for by `forgetting.settle`. A line may stand there twice.
    """
    data = "".join(entry.line for entry in entries).encode()
    if not data:
        return
    try:
        with _locked(_path()) as file:
            size = os.fstat(file).st_size
            cut_off = size and os.pread(file, 1, size - 1) != b"\n"
            _write(file, (b"\n" if cut_off else b"") + data)
    except OSError as error:
        log.error("the list of what was erased is not written: %s", error.strerror)  # noqa: TRY400 - the reason is all there is to know


def shorten(now: datetime) -> bool:
    """Let the file go of what no copy can bring back any more; whether that could be done.

    Before the rows: what stood in the rows alone would only be written out again.
    """
    try:
        _shorten(_path(), _before(now))
    except OSError as error:
        log.error("the list of what was erased is not shortened: %s", error.strerror)  # noqa: TRY400 - the reason is all there is to know
        return False
    return True


def forget_old(now: datetime) -> int:
    """The same in the rows; how many."""
    gone = 0
    for kind, before in _before(now).items():
        old = delete(Erasure).where(Erasure.kind == kind, Erasure.at < before)
        gone += len(db.session.scalars(old.returning(Erasure.id)).all())
    return gone


def _before(now: datetime) -> dict[Erased, datetime]:
    return {kind: now - retention.kept(what, now.date()) for kind, what in KEPT.items()}


def _shorten(path: Path, before: dict[Erased, datetime]) -> None:
    """Put a shorter file in its place, in one step; what cannot be read, or is not ours, stays.

    Nobody who erases waits while it is read through: what he adds meanwhile is carried over.
    """
    if not path.exists():
        return
    whole = path.stat()
    lines = path.read_bytes().splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    left = [line for line in lines if not _is_old(Entry.of(line.decode(errors="replace")), before)]
    if len(left) == len(lines):
        return
    with _locked(path) as file:
        if os.fstat(file).st_ino == whole.st_ino:
            read = sum(map(len, lines))
            tail = os.pread(file, os.fstat(file).st_size - read, read)
            _replace(path, b"".join(left) + tail)


def _is_old(entry: Entry | None, before: dict[Erased, datetime]) -> bool:
    return entry is not None and datetime.fromisoformat(entry.at) < before[entry.kind]


def _replace(path: Path, data: bytes) -> None:
    fresh = path.with_name(path.name + NEW)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write(file, data)
    finally:
        os.close(file)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, for us alone: the one that stands there once it is our turn."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and path.stat().st_ino == os.fstat(file).st_ino:
                yield file
                return
        finally:
            os.close(file)


def _write(file: int, data: bytes) -> None:
    """All of it, and on the disk."""
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _path() -> Path:
    return Path(current_app.config["SETTINGS"].erase_list.removeprefix("file://")) / NAME
