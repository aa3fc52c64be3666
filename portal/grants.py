"""Gives the application's role on PostgreSQL what it needs, and no way to change the log."""

from __future__ import annotations

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from portal.patience import engine_options
from portal.schema import upgrade
from portal.settings import Settings

# Read and added to, never changed; the version of the schema is only read.
ADDED_TO = ("audit_events", "audit_seals")
READ = ("alembic_version",)
CHANGING = ("UPDATE", "DELETE", "TRUNCATE")


class RoleTooStrong(Exception):
    """The application's role could change the log whatever is granted to it."""


def migrate(settings: Settings, revision: str = "head") -> None:
    """Bring the schema to `revision`: as its owner, where the settings name one besides."""
    owner = settings.database_owner_url
    upgrade(owner or settings.database_url, revision)
    if owner:
        give(owner, settings.database_url)


def give(owner_url: str, database_url: str) -> None:
    """Grant, as the owner of the tables, all rights to the role that `database_url` signs in as.

    Asked again after every migration, for a new table has no grants yet. Raises RoleTooStrong.
    """
    role = make_url(database_url).username or ""
    options = engine_options(owner_url)
    engine = create_engine(options.pop("url"), **options)
    try:
        with engine.begin() as connection:
            _grant(connection, role)
            _prove(connection, role)
    finally:
        engine.dispose()


def _grant(connection: Connection, role: str) -> None:
    quote = connection.dialect.identifier_preparer.quote_identifier
    name, kept, read = quote(role), ", ".join(ADDED_TO), ", ".join(READ)
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"REVOKE {', '.join(CHANGING)} ON {kept} FROM {name}",
        f"REVOKE INSERT, {', '.join(CHANGING)} ON {read} FROM {name}",
    ):
        connection.execute(text(statement))


def _prove(connection: Connection, role: str) -> None:
    """Superusers, owners and members of the owning role pass every grant by."""
    asked = text("SELECT has_table_privilege(:role, :table, :right)")
    for table in ADDED_TO:
        for right in CHANGING:
            if connection.scalar(asked, {"role": role, "table": table, "right": right}):
                raise RoleTooStrong(
                    f"The role {role} of DATABASE_URL may still {right} {table}: it must not be a"
                    " superuser, nor the owner of the tables or a member of that role."
                )
