"""The commands of an operator, called as `flask --app wsgi COMMAND`."""

from __future__ import annotations

import click
from alembic import command
from alembic.config import Config
from flask import Flask, current_app
from flask.cli import AppGroup

from portal import logs
from portal.access import Role
from portal.accounts import services as accounts
from portal.app import ROOT
from portal.db import transaction
from portal.directory.models import Organisation
from portal.extensions import db

accounts_commands = AppGroup("accounts", help="Accounts of staff and citizens.")


def hang(app: Flask) -> None:
    """Bind every command to the application."""
    app.cli.add_command(migrate)
    app.cli.add_command(accounts_commands)


@click.command("migrate")
def migrate() -> None:
    """Bring the database to the newest schema."""
    upgrade(current_app.config["SETTINGS"].database_url)


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the migrations up to `revision`."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    command.upgrade(config, revision)
    logs.set_up()


@accounts_commands.command("create")
@click.argument("email")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--organisation", help="Code of the organisation where the role is held.")
@click.password_option()
def create_account(
    email: str, name: str, role: str, organisation: str | None, password: str
) -> None:
    """Make an account with one role."""
    with transaction():
        place = None
        if organisation:
            place = db.session.query(Organisation).filter_by(code=organisation).one_or_none()
            if place is None:
                raise click.ClickException(f"No organisation has the code {organisation}.")
        accounts.create(email, name, password, Role(role), place)
    click.echo(f"{email} may sign in.")
