"""What was erased, by random names only: kept beside the rows and outside, for copies brought back.

A copy of last week still holds who was erased since. What is written here is erased again there.
"""

from __future__ import annotations

import enum
import fcntl
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.crypto import keyring
from portal.db import Base, choice, on_commit
from portal.extensions import db

log = logging.getLogger("portal.erasures")

NAME = "erased.jsonl"
SEAL = "erasure"


class Erased(enum.StrEnum):
    """What it was."""

    PERSON = "person"
    DRAFT = "draft"


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


def note(kind: Erased, subject: str, *, at: datetime) -> None:
    """Write down, in the transaction that erases, that this is gone; the file learns it after."""
    known = select(Erasure.id).filter_by(kind=kind, subject=subject)
    if db.session.scalar(known) is None:
        db.session.add(Erasure(kind=kind, subject=subject, at=at))
    if write_out not in db.session.info.get("after", ()):
        on_commit(write_out)


def known() -> set[Entry]:
    """What this database knows to be erased."""
    return {_entry(row) for row in db.session.scalars(select(Erasure))}


def listed() -> set[Entry]:
    """What the file of this site says; what cannot be read in it is told to the operator."""
    return entries_in(_path())


def entries_in(path: Path) -> set[Entry]:
    """The good lines of a file; a file that is not there has none."""
    if not path.exists():
        return set()
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = {line: Entry.of(line) for line in lines}
    wrong = sum(entry is None for entry in found.values())
    if wrong:
        log.error("%s lines of the list of what was erased cannot be read: %s", wrong, path)
    return {entry for entry in found.values() if entry is not None}


def write_out() -> None:
    """Bring the file up to what the database knows; done again until it succeeds."""
    wanted = known()
    db.session.rollback()
    if not wanted:
        return
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _append(file.fileno(), wanted - entries_in(path), path)
    except OSError as error:
        log.error("the list of what was erased is not written: %s", error.strerror)  # noqa: TRY400 - the reason is all there is to know


def _append(descriptor: int, missing: Iterable[Entry], path: Path) -> None:
    """Whole lines only, and on the disk; a line that was cut off is left behind a break."""
    data = "".join(sorted(entry.line for entry in missing)).encode()
    if data:
        cut_off = path.stat().st_size and not path.read_bytes().endswith(b"\n")
        os.write(descriptor, (b"\n" if cut_off else b"") + data)
        os.fsync(descriptor)


def _entry(row: Erasure) -> Entry:
    return Entry(row.kind, row.subject, row.at.isoformat())


def _path() -> Path:
    return Path(current_app.config["SETTINGS"].erase_list.removeprefix("file://")) / NAME
