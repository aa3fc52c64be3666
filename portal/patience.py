"""How long the database is waited for, and which of its answers mean: not now."""

from __future__ import annotations

from typing import Any

import click
import psycopg
from psycopg import errors
from psycopg.abc import RV, PQGen
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect, Engine, ExceptionContext

# Somebody waits for a page; nobody waits for the worker or a command of the operator.
WEB_SECONDS = 5
BACK_SECONDS = 60
LOCK_SECONDS = 5
CONNECT_SECONDS = 3
POOL_SECONDS = 2
# A server that has become a copy takes no writes: the next connection may find the right one.
READ_ONLY = frozenset({"25006"})
# Loaded before anybody listens below: a dialect that comes later is made ready at its first
# connection, and of two threads that connect at once the second would find nobody listening.
DIALECTS: tuple[type[Dialect], ...] = (PGDialect_psycopg, SQLiteDialect_pysqlite)


def engine_options(url: str, seconds: int = WEB_SECONDS) -> dict[str, Any]:
    """Time limits for every statement, so that one stuck peer cannot hold all of us."""
    # Statements in error messages come without their values: names and addresses are among them.
    common = {"url": url, "hide_parameters": True, "pool_size": 5, "max_overflow": 10}
    if url.startswith("sqlite"):
        return common | {"pool_timeout": LOCK_SECONDS, "connect_args": {"timeout": LOCK_SECONDS}}
    connect = {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": 5000,  # a peer that stopped answering is noticed in the same time
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "patience": seconds,
    }
    return common | {"pool_timeout": POOL_SECONDS, "pool_pre_ping": True, "connect_args": connect}


class PatientConnection(psycopg.Connection[Any]):
    """Waits no longer than it was told to, also for a server that takes questions and is silent.

    The server's own limit comes first by a second; this one is for when nothing comes at all.
    """

    patience: float | None = CONNECT_SECONDS

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """As psycopg does it, with an end."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except errors._WaitTimeout:
            self.pgconn.finish()  # an answer that came later would be taken for the next one's
            raise psycopg.OperationalError("the database gave no answer") from None


@event.listens_for(Engine, "do_connect")
def _connect(_dialect: Dialect, _record: object, arguments: Any, options: Any) -> Any:
    """Open a connection that knows its limits; other engines connect as they always did."""
    seconds = options.pop("patience", None)
    if seconds is None:
        return None
    # A command of the operator may read a whole table; he sees for himself whether it hangs.
    is_command = click.get_current_context(silent=True) is not None
    seconds = BACK_SECONDS if is_command else seconds
    limits = (
        f"-c lock_timeout={LOCK_SECONDS * 1000} -c statement_timeout={seconds * 1000}"
        " -c idle_in_transaction_session_timeout=60000 -c timezone=Asia/Ho_Chi_Minh"
    )
    options["options"] = f"{limits} {options.get('options', '')}".strip()
    connection = PatientConnection.connect(*arguments, **options)
    connection.patience = None if is_command else seconds + 1.0
    return connection


@event.listens_for(Engine, "handle_error")
def _leave_a_copy(context: ExceptionContext) -> None:
    """Drop all connections to a server that has become read-only, instead of keeping to it."""
    if getattr(context.original_exception, "sqlstate", None) in READ_ONLY:
        context.is_disconnect = True
