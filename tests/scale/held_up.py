"""Measures for how long people are held up while something else works on their tables."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg

EVERY = 0.01
# What everybody does all day, in words that every version of the schema understands. Each in a
# transaction of its own, as a request is.
READS: dict[str, LiteralString] = {
    "dossiers, read": "SELECT code, status, version FROM dossiers WHERE id = %(id)s",
    "dossiers, listed": "SELECT id, code FROM dossiers WHERE applicant_id = %(id)s LIMIT 20",
    "postal_items, read": "SELECT state, moved_at FROM postal_items WHERE id = %(id)s",
    "pickups, read": "SELECT state FROM pickups WHERE id = %(id)s",
    "handovers, read": "SELECT state FROM handovers WHERE id = %(id)s",
    "users, read": "SELECT name, is_active FROM users WHERE id = %(id)s",
    "audit_events, read": "SELECT act FROM audit_events WHERE id = %(id)s",
}
WRITES: dict[str, LiteralString] = {
    "dossiers, written": "UPDATE dossiers SET version = version + 1 WHERE id = %(id)s",
    "postal_items, written": "UPDATE postal_items SET moved_at = now() WHERE id = %(id)s",
    "pickups, written": "UPDATE pickups SET note = 'x' WHERE id = %(id)s",
    "handovers, written": "UPDATE handovers SET state = state WHERE id = %(id)s",
    "users, written": "UPDATE users SET totp_last_step = 1 WHERE id = %(id)s",
    "organisations, written": "UPDATE organisations SET hours = 'x' WHERE id = %(id)s",
    "audit_events, written": (
        "INSERT INTO audit_events (at, act, actor_name, role, organisation_name, subject_kind,"
        " subject_id, detail) SELECT now(), act, '', role, '', subject_kind, subject_id, detail"
        " FROM audit_events WHERE id = 1"
    ),
}
WAITING = """
SELECT application_name, extract(epoch FROM clock_timestamp() - query_start)
FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND application_name = ANY(%(names)s)
"""


@dataclass
class HeldUp:
    """The longest anybody was: to his answer, and of that by a lock."""

    answer: dict[str, float] = field(default_factory=dict)
    lock: dict[str, float] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def worst(self) -> float:
        """Of all locks."""
        return max(self.lock.values(), default=0.0)


@contextmanager
def people_at_work(url: str, ids: int) -> Iterator[HeldUp]:
    """Readers and writers go on, and a long report is always open, until the block is left."""
    address = url.replace("+psycopg", "")
    seen, over = HeldUp(), threading.Event()
    everybody = READS | WRITES
    work = [(_ask, (address, name, said, ids, seen, over)) for name, said in everybody.items()]
    work += [(_watch, (address, list(everybody), seen, over)), (_report, (address, over))]
    threads = [threading.Thread(target=do, args=what, daemon=True) for do, what in work]
    for one in threads:
        one.start()
    try:
        yield seen
    finally:
        over.set()
        for one in threads:
            one.join(60)


def _connect(address: str, name: str) -> psycopg.Connection[Any]:
    return psycopg.connect(address, autocommit=True, application_name=name)


def _ask(
    address: str, name: str, said: LiteralString, ids: int, seen: HeldUp, over: threading.Event
) -> None:
    with _connect(address, name) as connection:
        number = 0
        while not over.wait(EVERY):
            number = number % ids + 1
            begun = time.perf_counter()
            try:
                connection.execute(said, {"id": number})
            except psycopg.Error as error:
                seen.failed.append(f"{name}: {error}")
            seen.answer[name] = max(seen.answer.get(name, 0.0), time.perf_counter() - begun)
            seen.asked[name] += 1


def _watch(address: str, names: list[str], seen: HeldUp, over: threading.Event) -> None:
    """What the server itself says of who waits for a lock, and since when."""
    with _connect(address, "watch") as connection:
        while not over.wait(EVERY):
            for name, seconds in connection.execute(WAITING, {"names": names}):
                seen.lock[name] = max(seen.lock.get(name, 0.0), float(seconds))


def _report(address: str, over: threading.Event) -> None:
    """Somebody reads a list for four seconds: who wants the table alone waits for him."""
    with _connect(address, "report") as connection:
        while not over.is_set():
            with connection.transaction():
                connection.execute("SELECT count(*) FROM dossiers")
                over.wait(4)
            over.wait(1)
