"""The commands of an operator, called as `flask --app wsgi COMMAND`."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from portal import clock, grants, upkeep
from portal.access import Role
from portal.accounts import services as accounts
from portal.audit import sealing
from portal.audit.checkpoints import book
from portal.audit.proving import Proof
from portal.audit.tasks import seal_all
from portal.calendar.importer import load_calendar
from portal.catalogue.importer import CatalogueRefused, load_procedures, load_tariffs
from portal.catalogue.shipped import load_shipped
from portal.copying.making import make
from portal.copying.manifest import CopyRefused, Manifest
from portal.copying.restoring import restore as take_back
from portal.crypto import keyring
from portal.db import transaction
from portal.directory.importer import load_organisations, load_units
from portal.directory.models import Organisation
from portal.documents.store import StoreError
from portal.dossiers import counting
from portal.extensions import db

audit_commands = AppGroup("audit", help="The log: sealing it, and proving that it is whole.")
accounts_commands = AppGroup("accounts", help="Accounts of staff and citizens.")
catalogue_commands = AppGroup("catalogue", help="Procedures, and the prices of the post.")
calendar_commands = AppGroup("calendar", help="Days off and swapped working days.")
directory_commands = AppGroup("directory", help="Provinces, communes and organisations.")
dossier_commands = AppGroup("dossiers", help="What is kept beside the dossiers.")
demo_commands = AppGroup("demo", help="Fictional accounts and dossiers, only with DEMO=1.")

MOST_TOLD = 100  # findings; whoever rewrote a whole log is not told of every line
FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
FILE = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))


def hang(app: Flask) -> None:
    """Bind every command to the application."""
    app.cli.add_command(migrate)
    app.cli.add_command(load_country)
    app.cli.add_command(sweep)
    app.cli.add_command(verify)
    app.cli.add_command(backup)
    app.cli.add_command(restore)
    groups = (
        accounts_commands,
        audit_commands,
        catalogue_commands,
        calendar_commands,
        directory_commands,
        dossier_commands,
        demo_commands,
    )
    for group in groups:
        app.cli.add_command(group)


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest schema; as its owner, where DATABASE_OWNER_URL names one."""
    try:
        grants.migrate(current_app.config["SETTINGS"])
    except grants.RoleTooStrong as error:
        raise click.ClickException(str(error)) from error


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


@click.command("load-country")
@with_appcontext
def load_country() -> None:
    """Load the units, calendar, prices and procedures that ship with the portal."""
    with transaction() as session:
        done = load_shipped(session)
    click.echo(f"Procedures: {done.added} new, {done.revised} with a new version.")


@dossier_commands.command("recount")
def recount() -> None:
    """Count the dossiers of every desk anew; says how many kept counts were wrong."""
    with transaction():
        wrong = counting.recount()
    click.echo(f"{wrong} of the kept counts were wrong.")


@click.command("sweep")
@with_appcontext
def sweep() -> None:
    """Remove what crashes and time left behind: objects without a row, old keys and sessions."""
    with needing_the_store():
        done = upkeep.sweep(clock.now())
    click.echo(f"{done.objects} objects and {done.rows} rows removed.")


@click.command("verify")
@with_appcontext
def verify() -> None:
    """Compare rows with objects and objects with their hashes; status 1 when one is wrong."""
    wrong = 0
    with needing_the_store():
        for line in upkeep.verify():
            click.echo(line)
            wrong += 1
        left = list(upkeep.left_behind(clock.now()))
    for key in left:
        click.echo(f"left behind: {key}")
    if left:
        click.echo(f"{len(left)} objects belong to no row; `sweep` removes them.")
    if wrong:
        raise click.ClickException(f"{wrong} objects are not what they should be.")
    click.echo("Every object is there and is what was stored.")


@click.command("backup")
@FOLDER
@with_appcontext
def backup(folder: Path) -> None:
    """Copy database and objects into a new FOLDER, while people go on working."""
    before = os.umask(0o077)  # a copy holds all that the portal holds: for its own user only
    try:
        with needing_the_store(), needing_a_copy():
            made = make(folder)
    finally:
        os.umask(before)
    click.echo(f"Copied to {folder}: {_sum(made)}.")


@click.command("restore")
@FOLDER
@with_appcontext
def restore(folder: Path) -> None:
    """Bring the copy in FOLDER back into an empty database and an empty object store."""
    with needing_the_store(), needing_a_copy():
        found = take_back(folder)
    click.echo(f"Restored as of {found.made_at}: {_sum(found)}.")


def _sum(made: Manifest) -> str:
    return (
        f"{made.tables['dossiers']} dossiers, {made.rows} rows,"
        f" {made.objects} objects ({made.size / 1e6:.1f} MB)"
    )


@contextmanager
def needing_a_copy() -> Iterator[None]:
    """Turn whatever is wrong with a copy into its one plain sentence."""
    try:
        yield
    except CopyRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal


@contextmanager
def needing_the_store() -> Iterator[None]:
    """Turn a store that does not answer into one plain sentence."""
    try:
        yield
    except StoreError as error:
        raise click.ClickException(f"The object store does not answer: {error}.") from error


@audit_commands.command("verify")
def verify_audit() -> None:
    """Prove the log against its seals and checkpoints; status 1 when it is not whole."""
    proof = Proof(book(), clock.now(), times_are_played=current_app.config["SETTINGS"].demo)
    wrong = 0
    for line in proof.findings():
        wrong += 1
        if wrong <= MOST_TOLD:
            click.echo(line)
    if wrong > MOST_TOLD:
        click.echo(f"… and {wrong - MOST_TOLD} more.")
    if wrong:
        raise click.ClickException(f"The log is not whole; findings: {wrong}.")
    newest = proof.newest
    upto = f"up to seal {newest.sequence} of {newest.at}" if newest else "none yet"
    click.echo(
        f"The log is whole: {proof.rows} lines sealed, {proof.waiting} waiting for their seal; "
        f"checkpoints outside: {len(proof.marks)}, {upto}."
    )


@audit_commands.command("seal")
def seal_audit() -> None:
    """Seal what waits and leave a checkpoint now, as the worker does all the time."""
    try:
        seal_all(clock.now())
    except OSError as error:
        raise click.ClickException(f"No checkpoint could be left: {error}.") from error
    click.echo(f"Sealed up to {sealing.end().sequence}.")


@audit_commands.command("keys")
def audit_keys() -> None:
    """Print the public keys by which anybody can check the checkpoints."""
    for name, key in keyring().public_keys().items():
        click.echo(f"{name} {base64.b64encode(key).decode()}")


@demo_commands.command("load")
def load_demo() -> None:
    """Fill the site with accounts and a year of invented dossiers; a second time does nothing."""
    if not current_app.config["SETTINGS"].demo:
        raise click.ClickException("Demo data is loaded only where DEMO=1 is set.")
    from portal.demo.load import load  # noqa: PLC0415 - Pillow is not loaded by other commands

    number = load()
    seal_all(clock.now())
    click.echo(f"{number} fictional dossiers made." if number else "The demo is loaded already.")


@catalogue_commands.command("import")
@FILE
def import_catalogue(path: Path) -> None:
    """Load a file of procedures (with forms/ beside it), or of prices of the post."""
    with transaction() as session, refusing(path):
        if "tariffs" in json.loads(path.read_text(encoding="utf-8")):
            message = f"{load_tariffs(session, path)} prices changed."
        else:
            done = load_procedures(session, path)
            message = (
                f"{done.added} procedures are new, {done.revised} have a new version,"
                f" {done.unchanged} are as they were."
            )
    click.echo(message)


@calendar_commands.command("import")
@FILE
def import_calendar(path: Path) -> None:
    """Load a file of days off, swapped Saturdays and the years they cover."""
    with transaction() as session, refusing(path):
        changed = load_calendar(session, path)
    click.echo(f"{changed} rows changed.")


@directory_commands.command("import")
@FILE
def import_directory(path: Path) -> None:
    """Load administrative units (.csv) or organisations (.json)."""
    load = load_units if path.suffix == ".csv" else load_organisations
    with transaction() as session, refusing(path):
        changed = load(session, path)
    click.echo(f"{changed} rows changed.")


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn a file that is not what it should be into one plain sentence, with nothing loaded."""
    try:
        yield
    except CatalogueRefused as refusal:
        raise click.ClickException(f"{path.name}: {refusal}") from refusal
    except (KeyError, TypeError, ValueError) as error:
        raise click.ClickException(f"{path.name} cannot be read: {error!r}.") from error
