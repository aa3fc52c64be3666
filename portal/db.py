"""The ground every row stands on: Base, column kinds, and the one way to change the database."""

from __future__ import annotations

import enum
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, String, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from portal.clock import ZONE
from portal.extensions import db
from portal.patience import BACK_SECONDS, LOCK_SECONDS

log = logging.getLogger("portal.db")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment; stored in UTC, read back aware in Vietnamese time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: nobody could say which moment they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A stored moment must know its time zone.")
        if dialect.name == "sqlite":
            return value.astimezone(UTC).replace(tzinfo=None)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back as people here would read it."""
        if value is None:
            return None
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        return value.astimezone(ZONE)


class Base(DeclarativeBase):
    """Parent of every model."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant, str: String}


def choice(kind: type[enum.Enum], name: str | None = None) -> Enum:
    """A column that holds the values of `kind` as text, guarded by a CHECK constraint.

    The constraint is named after `kind`; where a table has two of one kind, each needs a `name`.
    """
    words = "".join("_" + c.lower() if c.isupper() else c for c in kind.__name__).lstrip("_")
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name or words,
        length=40,
        values_callable=lambda members: [str(member.value) for member in members],
    )


def new_public_id() -> str:
    """96 random bits for private addresses: it tells nothing of volume or neighbours."""
    return secrets.token_urlsafe(12)


class PublicId:
    """Mixin: the row's random name in private addresses."""

    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)


_starting: list[Callable[[Session], None]] = []
_ending: list[Callable[[Session], None]] = []


def at_start(hook: Callable[[Session], None]) -> Callable[[Session], None]:
    """Register what must happen first in every write transaction (the idempotency claim)."""
    _starting.append(hook)
    return hook


def before_commit(hook: Callable[[Session], None]) -> Callable[[Session], None]:
    """Register what must hold last in every write transaction."""
    _ending.append(hook)
    return hook


def on_commit(action: Callable[[], None]) -> None:
    """Run `action` once the present transaction is durable; never if it rolls back."""
    db.session.info.setdefault("after", []).append(action)


@contextmanager
def transaction(*, alone: bool = False) -> Iterator[Session]:
    """The one way to change the database: all of the block, or nothing of it.

    Rows loaded before are expired, so load what you change inside. A block inside another joins
    it, and when the inner one fails the outer one cannot be saved. `alone` is for book-keeping that
    stands whatever becomes of the request (counting a try): it joins nothing and answers no form.
    """
    session = db.session
    if session.info.get("writing"):
        if alone:
            raise RuntimeError("What must stand alone cannot join a transaction.")
        with _joined(session):
            yield session
        return
    session.rollback()
    session.info.update(writing=True, broken=False, after=[])
    try:
        session.connection(execution_options={"immediate": True})
        yield from _whole(session, [] if alone else _starting, [] if alone else _ending)
    except BaseException:
        session.rollback()
        session.info.pop("after", None)
        raise
    finally:
        session.info.pop("writing", None)
    for action in session.info.pop("after", []):
        _run(action)


def _whole(
    session: Session,
    first: list[Callable[[Session], None]],
    last: list[Callable[[Session], None]],
) -> Iterator[Session]:
    for hook in first:
        hook(session)
    yield session
    if session.info["broken"]:
        raise RuntimeError("A part of this transaction failed; nothing of it may stay.")
    for hook in last:
        hook(session)
    session.commit()


@contextmanager
def _joined(session: Session) -> Iterator[None]:
    """Remember a failure inside: whoever swallows it must not commit the half that was done."""
    try:
        yield
    except BaseException:
        session.info["broken"] = True
        raise


def _run(action: Callable[[], None]) -> None:
    """The change is durable: whatever fails from here on must not look as if it were not."""
    try:
        action()
    except Exception:
        log.exception("an action after a commit failed")


def empty_journal() -> None:
    """Bring what SQLite's journal still holds of erased rows into the file, to be overwritten.

    Nobody waits for it: where somebody is just reading or writing, the journal empties later.
    """
    if db.engine.dialect.name != "sqlite":
        return
    db.session.rollback()
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute("PRAGMA busy_timeout=0")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout={patience}")
    finally:
        connection.close()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    """WAL with full sync: a receipt is given only for what survives a power cut."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None
        # Nobody waits for a command of the operator; among many writers its turn may come late.
        is_command = click.get_current_context(silent=True) is not None
        seconds = BACK_SECONDS if is_command else LOCK_SECONDS
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is erased is overwritten in the file, not only forgotten
            f"busy_timeout={seconds * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Writers queue at the door instead of failing half-way when two upgrade a read."""
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
