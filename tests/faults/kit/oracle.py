"""Looks at what is left, by its own SQL and its own reading of files, and believes nobody.

It knows the tables and the folder, not the portal's code; what must be true it takes from the
ledger a client has kept of what it sent and what it was told.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

Rows = list[tuple[Any, ...]]
OBJECTS = {
    "document_files": ("original", "archive", "searchable"),
    "document_pages": ("image", "thumb", "words"),
}


@dataclass
class Entry:
    """One intention: what was sent under which key, and what was answered, if anything was."""

    act: str
    subject: str
    key: str
    hashes: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Parts:
    """How many of each thing an act leaves behind; all of them, or none of any."""

    counts: dict[str, int]

    @property
    def are_none(self) -> bool:
        return not any(self.counts.values())


class Oracle:
    """Asks the database and the folder directly."""

    def __init__(self, database_url: str, read_object: Callable[[str], bytes | None]) -> None:
        self.database_url = database_url
        self.read_object = read_object

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        if self.database_url.startswith("sqlite:///"):
            path = self.database_url.removeprefix("sqlite:///")
            connection: Any = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        else:
            connection = psycopg.connect(self.database_url.replace("+psycopg", ""))

        try:
            yield connection
        finally:
            connection.close()

    def rows(self, statement: str, *values: object) -> Rows:
        """Rows of one SELECT; `?` stands for a value."""
        if not self.database_url.startswith("sqlite"):
            statement = statement.replace("%", "%%").replace("?", "%s")
        with self._connection() as connection:
            found: Rows = connection.execute(statement, values).fetchall()
            return found

    def number(self, statement: str, *values: object) -> int:
        return int(self.rows(statement, *values)[0][0])

    def parts(self, entry: Entry) -> Parts:
        """What the act of this entry has left behind, counted one by one."""
        questions = PARTS[entry.act]
        return Parts(
            {name: self.number(text, *_values(text, entry)) for name, text in questions.items()}
        )

    def faults(self, ledger: Sequence[Entry]) -> list[str]:
        """Every invariant that does not hold, in a sentence each; none when all is well."""
        found = [fault for entry in ledger for fault in self._of_entry(entry)]
        found += self._of_objects()
        found += self._of_everything()
        return found

    def _of_entry(self, entry: Entry) -> Iterator[str]:
        parts, whole = self.parts(entry), whole_of(entry)
        name = f"{entry.act} of {entry.subject}"
        if parts.counts != whole and not parts.are_none:
            yield f"I2 {name} is half done: {parts.counts} instead of {whole}"
        if entry.receipts and parts.counts != whole:
            yield f"I1 {name} was answered and is not there: {parts.counts}"
        if len(set(entry.receipts)) > 1:
            yield f"I3 {name} has several answers: {entry.receipts}"
        written = Counter(dict(self.rows(WRITTEN, entry.subject)))
        told = Counter() if parts.are_none else lines_of(entry)
        if written != told:
            yield f"I9 {name}: the log says {dict(written)} instead of {dict(told)}"
        if entry.receipts and entry.hashes:
            kept = self.rows(FILES, entry.subject)
            if Counter(row[1] for row in kept) != Counter(entry.hashes):
                yield f"I1 {name}: other files than were sent"

    def _of_objects(self) -> Iterator[str]:
        for table, kinds in OBJECTS.items():
            for kind in kinds:
                for key, sha256 in self.rows(
                    f"SELECT {kind}_key, {kind}_sha256 FROM {table} WHERE {kind}_key IS NOT NULL"
                ):
                    data = None if sha256 == "0" * 64 else self.read_object(key)
                    if sha256 == "0" * 64:
                        continue  # laid down by a factory, without bytes
                    if data is None:
                        yield f"I7 {table} names {kind} {key}, which is not there"
                    elif hashlib.sha256(data).hexdigest() != sha256:
                        yield f"I1 {kind} {key} has other bytes than its row says"

    def _of_everything(self) -> Iterator[str]:
        for sentence, statement in NEVER.items():
            for row in self.rows(statement):
                yield f"{sentence}: {row}"


def whole_of(entry: Entry) -> dict[str, int]:
    """What the act leaves behind when it is done, once."""
    files = len(entry.hashes)
    return {name: files if name.startswith("each file") else 1 for name in PARTS[entry.act]}


def lines_of(entry: Entry) -> Counter[str]:
    """What the log says of the dossier when the act is done: so often, and nothing besides."""
    lines = Counter(LINES[entry.act])
    if entry.act in TAKES_FILES:
        lines["file:take"] = len(entry.hashes)
    return lines


def _values(text: str, entry: Entry) -> tuple[str, ...]:
    return (entry.key,) if "idempotency_keys" in text else (entry.subject,)


def read_folder(folder: Path) -> Callable[[str], bytes | None]:
    """Objects as files of a folder."""

    def read(key: str) -> bytes | None:
        path = folder / key
        return path.read_bytes() if path.is_file() else None

    return read


_KEY = "SELECT count(*) FROM idempotency_keys WHERE key = ?"
_OF = "JOIN dossiers d ON d.id = {0}.dossier_id WHERE d.public_id = ?"
_FILES_OF = (
    "FROM document_files f JOIN documents t ON t.id = f.document_id"
    " JOIN dossiers d ON d.id = t.dossier_id WHERE d.public_id = ?"
)
FILES = f"SELECT f.name, f.original_sha256 {_FILES_OF}"


def _event(act: str) -> str:
    return f"SELECT count(*) FROM dossier_events e {_OF.format('e')} AND e.act = '{act}'"


def _status(status: str) -> str:
    return f"SELECT count(*) FROM dossiers d WHERE d.public_id = ? AND d.status = '{status}'"


# What was written about a dossier by requests; what a factory laid bears none, a look is no act.
WRITTEN = (
    f"SELECT a.act, count(*) FROM audit_events a {_OF.format('a')} AND a.request_id IS NOT NULL"
    " AND a.act NOT LIKE '%:open%' GROUP BY a.act"
)
TAKES_FILES = ("upload", "scan", "decide")
LINES: dict[str, tuple[str, ...]] = {
    "upload": (),
    "scan": (),
    "submit": ("dossier:submit",),
    "seal": ("postal:receive", "postal:tally", "postal:seal"),
    "hand-over": ("dossier:take_from_post",),
    "decide": ("dossier:decide",),
}

_TAKEN_FILES = {
    "each file has a row": f"SELECT count(*) {_FILES_OF}",
    "each file has a promise to be read": f"SELECT count(*) FROM jobs j {_OF.format('j')}",
}

# What each act leaves behind; each question is answered with a number.
PARTS: dict[str, dict[str, str]] = {
    "upload": {"answer": _KEY, **_TAKEN_FILES},
    "scan": {"answer": _KEY, **_TAKEN_FILES},
    "submit": {
        "answer": _KEY,
        "status": _status("registered"),
        "code": "SELECT count(code) FROM dossiers d WHERE d.public_id = ?",
        "look-up key": "SELECT count(lookup_key_index) FROM dossiers d WHERE d.public_id = ?",
        "line of history": _event("submit"),
        "mail": "SELECT count(*) FROM outbox_messages m JOIN dossiers d"
        " ON m.body LIKE '%' || d.code || '%' WHERE d.public_id = ?",
    },
    "seal": {
        "answer": _KEY,
        "sealed envelope": f"SELECT count(*) FROM postal_items i {_OF.format('i')}"
        " AND i.state = 'sealed' AND i.sealed_at IS NOT NULL",
        "line of history": _event("seal"),
    },
    "hand-over": {
        "answer": _KEY,
        "record": "SELECT count(*) FROM handovers h JOIN handover_lines l ON l.handover_id = h.id"
        " JOIN postal_items i ON i.id = l.item_id JOIN dossiers d ON d.id = i.dossier_id"
        " WHERE d.public_id = ? AND h.state = 'signed' AND l.is_accepted",
        "envelope": f"SELECT count(*) FROM postal_items i {_OF.format('i')}"
        " AND i.state = 'handed_to_agency'",
        "legal start": "SELECT count(received_at) FROM dossiers d WHERE d.public_id = ?",
        "line of history": _event("hand_over"),
        "signature in the log": "SELECT count(*) FROM audit_events a JOIN handovers h"
        " ON h.public_id = a.subject_id JOIN handover_lines l ON l.handover_id = h.id"
        " JOIN postal_items i ON i.id = l.item_id JOIN dossiers d ON d.id = i.dossier_id"
        " WHERE d.public_id = ? AND a.act = 'postal:sign_handover'",
        "control sheet": f"SELECT count(*) FROM control_sheet_lines c {_OF.format('c')}",
    },
    "decide": {
        "answer": _KEY,
        "status": _status("resolved"),
        "outcome": f"SELECT count(*) FROM outcomes o {_OF.format('o')}"
        " AND o.document_id IS NOT NULL",
        "line of history": _event("decide"),
        **_TAKEN_FILES,
    },
}

# Rows that may never be found, whoever died when.
NEVER = {
    "I2 a dossier is half sent": "SELECT public_id, status FROM dossiers"
    " WHERE (status = 'draft') <> (code IS NULL) OR (code IS NULL) <> (lookup_key_index IS NULL)",
    "I3 two dossiers have one code": "SELECT code FROM dossiers WHERE code IS NOT NULL"
    " GROUP BY code HAVING count(*) > 1",
    "I3 one form was answered twice": "SELECT owner, key FROM idempotency_keys"
    " GROUP BY owner, key HAVING count(*) > 1",
    "I2 a form has an effect and no answer": "SELECT owner, key FROM idempotency_keys"
    " WHERE answer_sealed IS NULL",
    "I4 a version was used twice": "SELECT dossier_id, dossier_version, act FROM dossier_events"
    " GROUP BY dossier_id, dossier_version, act HAVING count(*) > 1",
    "I6 the same news was promised twice": "SELECT event_key FROM outbox_messages"
    " GROUP BY event_key HAVING count(*) > 1",
    "I9 a change of status is not in the log": "SELECT e.dossier_id, e.act FROM dossier_events e"
    " WHERE e.to_status IS NOT NULL AND (SELECT count(*) FROM audit_events a WHERE"
    " a.dossier_id = e.dossier_id AND a.act = 'dossier:' || e.act) <> (SELECT count(*) FROM"
    " dossier_events o WHERE o.dossier_id = e.dossier_id AND o.act = e.act"
    " AND o.to_status IS NOT NULL)",
}
