"""A copy of everything comes back as it was, or is refused before anything is touched."""

import base64
import gzip
import json
import os
import shutil
import tarfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect

from portal import clock, schema, upkeep
from portal.audit.models import AuditEvent
from portal.backups import queries as backups
from portal.backups import services
from portal.copying import tables
from portal.db import transaction
from portal.documents import search
from portal.documents.models import Document, DocumentPage
from portal.documents.store import store
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.factories.papers import the_file
from tests.factories.world import World
from tests.portal.copying.conftest import Elsewhere, make_stored_file, run
from tests.rig import on_both_databases
from tests.rig.contents import contents

APART = (*tables.STAYS, "audit_events", "audit_seals")


def events(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        rows = db.session.query(AuditEvent).order_by(AuditEvent.id)
        return [(row.id, row.act) for row in rows]


def bytes_by_key(app: Flask) -> dict[str, str]:
    with app.app_context():
        known = {key: digest for _n, _p, *pair in upkeep.OBJECTS for key, digest in pairs(pair)}
        return {key: known[key] for key in store().keys() if store().get(key, known[key])}  # noqa: SIM118 - a store is no dictionary


def pairs(columns: list[object]) -> list[tuple[str, str]]:
    return [tuple(row) for row in db.session.query(*columns) if row[0]]


def add_one_more() -> None:
    """A new row gets a number that no restored row has."""
    known = {row.id: row for row in db.session.query(Document)}
    with transaction() as session:
        like = next(iter(known.values()))
        new = Document(
            dossier_id=like.dossier_id, purpose=like.purpose, title="x", created_at=clock.now()
        )
        session.add(new)
        session.flush()
        assert new.id not in known


def untouched(app: Flask) -> bool:
    """Neither database nor objects: on SQLite, there is not even the folder."""
    return not Path(app.config["SETTINGS"].object_store_url.removeprefix("file://")).parent.exists()


@on_both_databases
def test_what_was_copied_comes_back_as_it_was(app: Flask, copy: Path, elsewhere: Elsewhere) -> None:
    before, told_of = contents(app, besides=APART), events(app)
    other = elsewhere()
    status, told = run(other, "restore", str(copy))
    assert status == 0, told
    assert contents(other, besides=APART) == before
    assert bytes_by_key(other) == bytes_by_key(app) != {}
    assert events(other)[:-1] == [event for event in told_of if event[1] != "backup:make"]
    assert events(other)[-1][1] == "backup:restore"
    assert run(other, "verify") == (0, "Every object is there and is what was stored.\n")
    assert run(other, "audit", "verify")[0] == 0
    with other.app_context():
        found = db.session.execute(search.pages_matching("hon nhan")).all()
        assert len(found) == 1
        assert db.session.query(Dossier).first().phone == "+84912345678"
        add_one_more()


@pytest.mark.parametrize(
    ("database_kind", "there"),
    [("sqlite", "postgresql"), ("postgresql", "sqlite")],
    indirect=["database_kind"],
)
def test_a_site_may_move_to_the_other_kind_of_database(
    app: Flask, copy: Path, elsewhere: Elsewhere, there: str
) -> None:
    other = elsewhere(there)
    status, told = run(other, "restore", str(copy))
    assert status == 0, told
    assert contents(other, besides=APART) == contents(app, besides=APART)
    status, told = run(other, "audit", "verify")
    assert (status, told[:16]) == (0, "The log is whole"), told
    with other.app_context():
        assert len(db.session.execute(search.pages_matching("hon nhan")).all()) == 1


def test_every_table_is_copied_or_named_as_staying(app: Flask, copy: Path) -> None:
    with app.app_context():
        there = set(inspect(db.engine).get_table_names())
    shadows = {name for name in there if name.startswith("page_search_")}
    copied = set(json.loads((copy / "manifest.json").read_text())["tables"])
    assert there - shadows - {"alembic_version"} - set(tables.STAYS) == copied


def cut_off(copy: Path) -> str:
    (copy / "manifest.json").unlink()
    return "it is no backup, or one that was cut off before its end"


def manifest_cut(copy: Path) -> str:
    text = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(text[: len(text) // 2])
    return "manifest.json is damaged"


def manifest_changed(copy: Path) -> str:
    text = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(text.replace('"dossiers": 2', '"dossiers": 1'))
    return "was changed after it was written"


def pack_missing(copy: Path) -> str:
    (copy / "objects/0001.tar").unlink()
    return "0001.tar is missing: the backup is not whole"


def pack_cut(copy: Path) -> str:
    path = copy / "objects/0001.tar"
    path.write_bytes(path.read_bytes()[:-512])
    return "0001.tar is not as long as it was"


def one_bit_turned(copy: Path) -> str:
    path = copy / "tables/dossiers.jsonl.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    return "dossiers.jsonl.gz was changed or damaged"


HARMS = (cut_off, manifest_cut, manifest_changed, pack_missing, pack_cut, one_bit_turned)


def test_a_harmed_copy_is_refused_before_anything_is_touched(
    some_copy: Path, elsewhere: Elsewhere
) -> None:
    other = elsewhere()
    for harm in HARMS:
        harmed = some_copy.with_name(harm.__name__)
        shutil.copytree(some_copy, harmed)
        sentence = harm(harmed)
        status, told = run(other, "restore", str(harmed))
        assert status == 1, harm
        assert sentence in told
        assert told.count("\n") == 1
        assert untouched(other)


def test_a_copy_of_another_schema_is_refused(
    some_copy: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = elsewhere()
    monkeypatch.setattr("portal.copying.restoring.knows", lambda _revision: False)
    status, told = run(other, "restore", str(some_copy))
    assert status == 1
    assert "which this version does not know" in told
    assert untouched(other)
    assert schema.knows(schema.newest())
    assert not schema.knows("9999")


def test_a_copy_older_than_the_list_of_what_was_erased_is_refused(
    some_copy: Path, elsewhere: Elsewhere
) -> None:
    other = elsewhere()
    page = json.loads((some_copy / "manifest.json").read_text())
    made = datetime.fromisoformat(page["made_at"])
    clock.turn(lambda: made + timedelta(days=3653))
    try:
        status, told = run(other, "restore", str(some_copy))
    finally:
        clock.turn(None)
    assert status == 1
    assert "people who had their data erased would be in it again" in told
    assert untouched(other)


def test_wrong_keys_are_told_before_anything_is_touched(
    some_copy: Path, elsewhere: Elsewhere
) -> None:
    key = base64.b64encode(b"another key that opens nothing !").decode()
    right = base64.b64encode(b"a key that only tests ever hold!").decode()
    for keys, sentence in (
        (f"k1:{key}", "DATA_KEYS does not hold the key k1"),
        (f"k1:{right},k2:{key}", "The key k1 must stand last in DATA_KEYS"),
    ):
        other = elsewhere(DATA_KEYS=keys)
        status, told = run(other, "restore", str(some_copy))
        assert status == 1
        assert sentence in told
        assert untouched(other)
    newer = elsewhere(DATA_KEYS=f"k2:{key},k1:{right}")
    assert run(newer, "restore", str(some_copy))[0] == 0


def test_a_sealed_value_that_was_moved_is_told(
    app: Flask, filled: str, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    with transaction() as session:
        first, second = session.query(Dossier).all()
        first.phone_sealed = second.phone_sealed
    folder = tmp_path / "copy"
    assert run(app, "backup", str(folder))[0] == 0
    other = elsewhere()
    status, told = run(other, "restore", str(folder))
    assert status == 1
    assert "does not open what is sealed in dossiers.phone_sealed" in told
    assert untouched(other)


@on_both_databases
def test_a_place_that_is_not_empty_is_refused(app: Flask, copy: Path, elsewhere: Elsewhere) -> None:
    status, told = run(app, "restore", str(copy))
    assert status == 1
    assert "The database is not empty" in told
    other = elsewhere()
    with other.app_context():
        store().put("ab/foreign", b"x", "text/plain")
    status, told = run(other, "restore", str(copy))
    assert status == 1
    assert "The object store is not empty: it holds ab/foreign" in told
    with other.app_context():
        assert not inspect(db.engine).get_table_names()


def test_demo_people_are_not_brought_among_real_ones(some_copy: Path, elsewhere: Elsewhere) -> None:
    other = elsewhere(DEMO="0")
    status, told = run(other, "restore", str(some_copy))
    assert status == 1
    assert "holds the demo: set DEMO=1" in told
    assert untouched(other)


@on_both_databases
def test_a_restore_that_was_cut_off_is_begun_again(
    app: Flask, copy: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = elsewhere()

    def fall(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("portal.copying.restoring._continue_numbers", fall)
        broken.setattr("portal.copying.restoring._for_sqlite", fall)
        assert run(other, "restore", str(copy)) == (1, "\nAborted!\n")
    assert run(other, "restore", str(copy))[0] == 0
    assert contents(other, besides=APART) == contents(app, besides=APART)


def test_a_copy_never_writes_over_another(app: Flask, copy: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in copy.iterdir()}
    status, told = run(app, "backup", str(copy))
    assert status == 1
    assert "is not empty; a backup is made in a new folder" in told
    assert {path.name: path.stat().st_mtime_ns for path in copy.iterdir()} == before


def test_a_copy_of_a_damaged_store_does_not_count_as_one(
    app: Flask, filled: str, tmp_path: Path
) -> None:
    store().delete(the_file(filled).original_key)
    folder = tmp_path / "copy"
    status, told = run(app, "backup", str(folder))
    assert status == 1
    assert "is missing; `verify` says whose it is" in told
    assert not (folder / "manifest.json").exists()
    assert backups.last_finished() is None
    assert not backups.is_running(clock.now())


def test_a_disk_without_room_is_told(app: Flask, filled: str) -> None:
    status, told = run(app, "backup", "/proc/copies")
    assert status == 1
    assert "/proc/copies cannot be used" in told


def test_anybody_can_read_a_copy_without_the_portal(some_copy: Path) -> None:
    with gzip.open(some_copy / "tables/dossiers.jsonl.gz", "rt", encoding="utf-8") as lines:
        columns, *rows = map(json.loads, lines)
    assert [row[columns.index("applicant_name")] for row in rows] == ["Nguyễn Thị Mẫu"] * 2
    with tarfile.open(some_copy / "objects/0001.tar") as tar:
        assert len(tar.getnames()) == 4
    assert oct(some_copy.stat().st_mode)[-2:] == "00"


def test_a_copy_made_from_a_shell_is_for_its_own_user_only(
    app: Flask, filled: str, tmp_path: Path
) -> None:
    before = os.umask(0o022)
    try:
        assert run(app, "backup", str(tmp_path / "copy"))[0] == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    made = [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in made} == {0}


def test_who_is_signed_in_here_is_signed_in_nowhere_else(some_copy: Path) -> None:
    assert not (some_copy / "tables/web_sessions.jsonl.gz").exists()


@on_both_databases
def test_the_age_of_the_last_copy_is_known(app: Flask, client: FlaskClient, copy: Path) -> None:
    with app.app_context():
        found = backups.last_finished()
        assert found is not None
        assert found.folder == str(copy)
        assert found.objects == 4
        assert found.rows > 10
        assert backups.age(found.started_at + timedelta(hours=3)) == timedelta(hours=3)
    assert "\nportal_backup_age_seconds " in client.get("/metrics").text


def test_the_sweep_removes_nothing_that_a_running_copy_still_fetches(
    app: Flask, world: World
) -> None:
    key = the_file(make_stored_file(world)).original_key
    later = clock.now() + timedelta(days=2)
    with transaction() as session:
        run_id = services.begin("somewhere", at=later).id
        session.query(DocumentPage).delete()
        file = session.query(Document).first().files[0]
        file.original_key = "aa/bb/other"
    assert upkeep.sweep(later).objects == 0
    assert store().exists(key)
    # One that has said nothing for long is dead, and holds up nobody.
    assert upkeep.sweep(later + timedelta(minutes=11)).objects == 1
    with transaction():
        services.give_up(run_id)
