"""Takes a copy back into an empty place: everything is checked before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from flask import current_app
from sqlalchemy import Connection, inspect, make_url, text

from portal import clock, forgetting, retention
from portal.audit.checkpoints import book
from portal.audit.services import record
from portal.audit.tasks import seal_all
from portal.copying import manifest, packs, tables
from portal.copying.manifest import CopyRefused, Manifest
from portal.crypto import keyring
from portal.db import transaction
from portal.documents import erasing
from portal.documents.store import store
from portal.erasures import Entry, Erased, Erasure
from portal.extensions import db
from portal.grants import migrate
from portal.retention import What
from portal.schema import knows
from portal.settings import Settings

SEALED = "_sealed"
ERASURES = f"{tables.FOLDER}/{Erasure.__tablename__}.jsonl.gz"
OPENED = 200  # values of a sealed column that are opened to prove the keys


def restore(folder: Path) -> Manifest:
    """Bring database and objects back; a restore that was cut off is simply begun again.

    Raises CopyRefused, and then nothing was changed unless it says so.
    """
    settings: Settings = current_app.config["SETTINGS"]
    found = check(folder)
    if found.is_demo != settings.demo:
        kind = "the demo: set DEMO=1" if found.is_demo else "real data: set DEMO=0"
        raise CopyRefused(f"This backup holds {kind} to restore it.")
    _refuse_what_is_too_old(found)
    _refuse_what_is_not_empty(folder, settings.database_url)
    packs.unpack(folder, store())
    _make_schema(settings, found.revision)
    with transaction() as session:
        _load(session.connection(), folder, found)
    migrate(settings)
    forgetting.settle(clock.now(), also=_erased_beside(folder))
    erasing.work_off()
    _bring_checkpoints_back(folder, found)
    _note_kind(settings)
    with transaction():
        record("backup:restore", found, by=None, made_at=found.made_at, rows=found.rows)
    seal_all(clock.now())
    return found


def check(folder: Path) -> Manifest:
    """The manifest of a copy that is whole, unchanged, and can be read with the keys we hold."""
    found = manifest.read(folder, keyring())
    if not knows(found.revision):
        raise CopyRefused(
            f"This backup has the schema {found.revision}, which this version does not know;"
            f" it was made by version {found.version}."
        )
    for part in found.parts:
        manifest.check_part(folder, part)
    for name in found.tables:
        _open_sealed(folder, name)
    return found


def _open_sealed(folder: Path, name: str) -> None:
    """Open some values of each sealed column, which are bound to the row they stand in."""
    columns = tables.columns_of(folder, name)
    sealed = [column for column in columns if column.endswith(SEALED)]
    if not sealed or "public_id" not in columns:
        return
    for row in islice(tables.rows_of(folder, name), OPENED):
        values = dict(zip(columns, row, strict=True))
        for column in sealed:
            place = f"{name}.{column.removesuffix(SEALED)}:{values['public_id']}"
            try:
                if values[column] is not None:
                    keyring().open(values[column], place)
            except (InvalidTag, KeyError):
                raise CopyRefused(
                    f"DATA_KEYS does not open what is sealed in {name}.{column}."
                ) from None


def _refuse_what_is_too_old(found: Manifest) -> None:
    """Nobody knows any more who was erased since."""
    kept = retention.kept(What.ERASED_PERSON, clock.today())
    if clock.now() - datetime.fromisoformat(found.made_at) >= kept:
        raise CopyRefused(
            f"This backup is older than the list of what was erased since, which goes back"
            f" {kept.days} days: people who had their data erased would be in it again."
        )


def _refuse_what_is_not_empty(folder: Path, database_url: str) -> None:
    """What is there already, unless an earlier try at this very copy left it."""
    url = make_url(database_url)
    is_file = url.get_backend_name() == "sqlite"
    if not (is_file and not Path(url.database or "").exists()):
        for name in inspect(db.engine).get_table_names():
            if name != "alembic_version" and not name.startswith("page_search") and _has_rows(name):
                raise CopyRefused(f"The database is not empty: {name} has rows.")
    ours = {key for key, _digest, _size in packs.listed(folder)}
    stored = store().keys()
    strange = next((key for key in stored if key not in ours), None)
    if strange is not None:
        raise CopyRefused(f"The object store is not empty: it holds {strange}.")


def _has_rows(name: str) -> bool:
    quoted = db.engine.dialect.identifier_preparer.quote(name)
    with db.engine.connect() as connection:
        return connection.scalar(text(f"SELECT 1 FROM {quoted} LIMIT 1")) is not None  # noqa: S608 - a table's own name, quoted


def _make_schema(settings: Settings, revision: str) -> None:
    path = make_url(settings.database_url).database
    if db.engine.dialect.name == "sqlite" and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    migrate(settings, revision)


def _erased_beside(folder: Path) -> Iterator[Entry]:
    """What copies next to this one know to be erased; one that is not whole is passed over."""
    for other in sorted(folder.resolve().parent.iterdir()):
        if (other / manifest.NAME).is_file() and other != folder.resolve():
            with suppress(CopyRefused):
                yield from _erased_in(other)


def _erased_in(folder: Path) -> list[Entry]:
    found = manifest.read(folder, keyring())
    part = next((one for one in found.parts if one.name == ERASURES), None)
    if part is None:
        return []
    manifest.check_part(folder, part)
    columns = tables.columns_of(folder, Erasure.__tablename__)
    rows = (dict(zip(columns, row, strict=True)) for row in tables.rows_of(folder, "erasures"))
    return [Entry(Erased(row["kind"]), row["subject"], row["at"].isoformat()) for row in rows]


def _bring_checkpoints_back(folder: Path, found: Manifest) -> None:
    """Only into an empty book: what a lost site left there is evidence."""
    kept = book()
    if not kept.files():
        for part in found.parts:
            if part.name.startswith(f"{manifest.CHECKPOINTS}/"):
                kept.fill(Path(part.name).name, (folder / part.name).read_bytes())


def _note_kind(settings: Settings) -> None:
    """What script/server goes by when it keeps demo people and real ones apart."""
    if settings.data_dir.is_dir():
        kind = "demo\n" if settings.demo else "real\n"
        (settings.data_dir / "kind").write_text(kind, encoding="ascii")


def _load(connection: Connection, folder: Path, found: Manifest) -> None:
    """All rows in one transaction: they are all there, or none is."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    else:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    for name, count in found.tables.items():
        columns = tables.columns_of(folder, name)
        rows = tables.rows_of(folder, name)
        fill = _insert if is_sqlite else _copy
        if fill(connection, name, columns, rows) != count:
            raise CopyRefused(f"The table {name} has not the {count} rows the manifest names.")
        if not is_sqlite and "id" in columns:
            _continue_numbers(connection, name)


def _insert(connection: Connection, name: str, columns: list[str], rows: Iterator[Any]) -> int:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    holes = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {quote(name)} ({names}) VALUES ({holes})"  # noqa: S608 - names only, quoted
    count = 0
    while batch := list(islice(rows, tables.AT_ONCE)):
        connection.exec_driver_sql(statement, [tuple(map(_for_sqlite, row)) for row in batch])
        count += len(batch)
    return count


def _for_sqlite(value: Any) -> Any:
    """Moments as SQLAlchemy writes them there."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


def _copy(connection: Connection, name: str, columns: list[str], rows: Iterator[Any]) -> int:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    count = 0
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {quote(name)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _continue_numbers(connection: Connection, name: str) -> None:
    """The next row gets a number that no restored row has, nor a draft that was erased before."""
    quoted = connection.dialect.identifier_preparer.quote(name)
    highest = "greatest(max(id), (SELECT max(dossier_id) FROM audit_events))"
    last = highest if name == "dossiers" else "max(id)"
    connection.execute(
        text(f"SELECT setval(pg_get_serial_sequence(:name, 'id'), {last}) FROM {quoted}"),  # noqa: S608 - a table's own name, quoted
        {"name": quoted},
    )
