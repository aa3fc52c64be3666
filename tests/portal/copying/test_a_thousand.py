"""Copying, bringing back and proving a thousand dossiers takes less than a minute each."""

import random
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal import upkeep
from portal.access import Role
from portal.copying.making import make
from portal.copying.restoring import restore
from portal.db import transaction
from portal.documents.models import DocumentFile
from portal.documents.store import put_many
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.schema import upgrade
from tests.factories.office import Office
from tests.factories.papers import bare_file, the_file
from tests.factories.world import make_dossier, make_world
from tests.portal.copying.conftest import Elsewhere

DOSSIERS = 1000
MINUTE = 60.0


def fill(office: Office) -> None:
    """Each dossier has a photograph as it came and two copies made of it."""
    citizen = office.actor(Role.CITIZEN)
    for _ in range(DOSSIERS):
        sizes = (300_000, 100_000, 120_000)
        original, archive, searchable = put_many(
            [(secrets.token_bytes(size), "image/jpeg") for size in sizes]
        )
        dossier = make_dossier(office.world, citizen)
        with transaction():
            file = the_file(bare_file(dossier))
            file.original_key, file.original_sha256 = original.key, original.sha256
            file.archive_key, file.archive_sha256 = archive.key, archive.sha256
            file.searchable_key, file.searchable_sha256 = searchable.key, searchable.sha256


def timed(what: str, act: Callable[[], Any]) -> Any:
    started = time.monotonic()
    result = act()
    taken = time.monotonic() - started
    print(f"{what}: {taken:.1f} s")
    assert taken <= MINUTE
    return result


def tamper(app: Flask, count: int) -> set[str]:
    """Turn one bit in each, and exchange two; the files they belong to."""
    folder = Path(app.config["SETTINGS"].object_store_url.removeprefix("file://"))
    chosen = random.sample(list(db.session.query(DocumentFile)), count)
    for file in chosen[2:]:
        data = bytearray((folder / file.original_key).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / file.original_key).write_bytes(data)
    first, second = (folder / file.original_key for file in chosen[:2])
    exchanged = first.read_bytes(), second.read_bytes()
    second.write_bytes(exchanged[0])
    first.write_bytes(exchanged[1])
    return {file.public_id for file in chosen}


@pytest.mark.proof
@pytest.mark.parametrize("place", ["sqlite and folder", "postgresql and s3"])
def test_a_thousand_dossiers_take_less_than_a_minute(
    request: pytest.FixtureRequest, elsewhere: Elsewhere, tmp_path: Path, place: str
) -> None:
    kind, changes, others = "sqlite", {}, {}
    if place == "postgresql and s3":
        kind, bucket = "postgresql", request.getfixturevalue("bucket")
        ceph = request.getfixturevalue("ceph")
        changes = {"OBJECT_STORE_URL": bucket}
        others = {"OBJECT_STORE_URL": ceph.url(f"new-{secrets.token_hex(6)}")}
    first = elsewhere(kind, **changes)
    (tmp_path / "elsewhere-0").mkdir(exist_ok=True)
    upgrade(first.config["SETTINGS"].database_url)
    with first.test_request_context():
        fill(Office(first, make_world()))
        timed(f"backup, {place}", lambda: make(tmp_path / "copy"))
    with elsewhere(kind, **others).test_request_context():
        timed(f"restore, {place}", lambda: restore(tmp_path / "copy"))
        assert db.session.query(Dossier).count() == DOSSIERS
        assert timed(f"verify, {place}", lambda: list(upkeep.verify())) == []


@pytest.mark.proof
def test_twenty_tampered_objects_in_a_thousand_are_found(elsewhere: Elsewhere) -> None:
    site = elsewhere("sqlite")
    Path(site.config["SETTINGS"].data_dir).mkdir()
    upgrade(site.config["SETTINGS"].database_url)
    with site.test_request_context():
        fill(Office(site, make_world()))
        harmed = tamper(site, 20)
        told = timed("verify 3,000 objects, 20 of them tampered", lambda: list(upkeep.verify()))
    assert {line.split()[3] for line in told} == harmed
    assert len(told) == 20
