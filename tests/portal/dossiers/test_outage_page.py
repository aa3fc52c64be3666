"""A database that goes away in the middle of a page is told in one sentence, not by a crash."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from portal.access import Role
from tests.factories.office import Office
from tests.rig.postgres import PostgresServer

ALL_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_desk_whose_connection_is_cut_says_so(
    office: Office, app: Flask, postgres: PostgresServer
) -> None:
    """On the start page of a desk, which otherwise asks what waits there."""
    client = office.client(Role.OFFICER)
    assert client.get("/can-bo").status_code == 200
    cut: list[str] = []

    def cut_once(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM dossier_counts" in statement and not cut:
            cut.append(statement)
            postgres.sql(ALL_OTHERS)

    event.listen(Engine, "before_cursor_execute", cut_once)
    try:
        answer = client.get("/can-bo")
    finally:
        event.remove(Engine, "before_cursor_execute", cut_once)
    assert cut
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert client.get("/can-bo").status_code == 200
