"""On PostgreSQL the portal works as a role that can add to the log and never change it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal import cli
from portal.access import Role
from portal.app import create_app
from portal.dossiers.lifecycle import Status, Verb
from portal.extensions import db
from tests.conftest import settings
from tests.factories.chained import Log
from tests.factories.office import Office
from tests.factories.steps import send
from tests.factories.world import make_world
from tests.rig.postgres import PostgresServer

NAME, OWNER, ROLE = "walled", "walled_owner", "walled_portal"
UNHANG = "ALTER TABLE {} DISABLE TRIGGER USER"


@pytest.fixture
def walled(postgres: PostgresServer, tmp_path: Path) -> Iterator[Flask]:
    """A site set up as docs/operations.md says: one role migrates, another one works."""
    postgres.sql(f"CREATE ROLE {OWNER} LOGIN")
    postgres.sql(f"CREATE ROLE {ROLE} LOGIN")
    postgres.sql(f"CREATE DATABASE {NAME} OWNER {OWNER} TEMPLATE template0")
    app = create_app(
        settings(tmp_path, as_role(postgres, ROLE), DATABASE_OWNER_URL=as_role(postgres, OWNER))
    )
    done = app.test_cli_runner().invoke(cli.migrate)
    assert done.exit_code == 0, done.output
    yield app
    with app.app_context():
        db.engine.dispose()
    postgres.drop(NAME)
    postgres.sql(f"DROP ROLE {OWNER}")
    postgres.sql(f"DROP ROLE {ROLE}")


def as_role(postgres: PostgresServer, role: str) -> str:
    return postgres.url(NAME).replace("//postgres@", f"//{role}@")


def test_the_portal_works_and_seals_but_cannot_touch_what_is_written(walled: Flask) -> None:
    with walled.test_request_context():
        office = Office(walled, make_world())
    public_id = office.dossier(Status.REGISTERED)
    officer = office.client(Role.ONESTOP_OFFICER)
    assert send(office, officer, Role.ONESTOP_OFFICER, public_id, Verb.ACCEPT).status_code == 303
    log = Log(walled)
    log.seal()
    assert log.last() > 3
    assert log.findings() == []
    assert walled.test_cli_runner().invoke(cli.sweep).exit_code == 0
    with walled.app_context():
        for table in ("audit_events", "audit_seals"):
            for act in ("DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", UNHANG):
                refused(act.format(table))
        refused("UPDATE audit_events SET reason = 'x'")
        refused("UPDATE audit_seals SET event_id = 1")
        refused("UPDATE alembic_version SET version_num = 'x'")


def refused(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_role_that_grants_cannot_bind_is_refused(
    postgres: PostgresServer, walled: Flask, tmp_path: Path
) -> None:
    postgres.sql(f"GRANT {OWNER} TO {ROLE}")
    done = walled.test_cli_runner().invoke(cli.migrate)
    assert done.exit_code == 1
    assert f"The role {ROLE} of DATABASE_URL may still UPDATE audit_events" in done.output
