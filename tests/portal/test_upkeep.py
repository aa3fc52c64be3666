"""What a crash leaves behind goes away; what belongs to somebody stays and is proved."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal import cli, clock, upkeep
from portal.access import Role
from portal.accounts.models import Throttle, User, WebSession
from portal.db import transaction
from portal.documents.store import put, store
from portal.extensions import db
from portal.idempotency import IdempotencyKey
from portal.worker import Worker
from tests.factories.papers import make_file, the_file
from tests.factories.world import World, make_world
from tests.rig import on_both_databases


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()


def path_of(app: Flask, key: str) -> Path:
    return Path(app.config["SETTINGS"].object_store_url.removeprefix("file://")) / key


def grow_old(path: Path, hours: float) -> None:
    os.utime(path, times=(time.time() - hours * 3600,) * 2)


def test_only_old_objects_without_a_row_are_removed(app: Flask, world: World) -> None:
    kept = the_file(make_file(world)).original_key
    orphan, young = put(b"left behind", "text/plain"), put(b"being sent", "text/plain")
    for key in (kept, orphan.key):
        grow_old(path_of(app, key), hours=25)
    assert upkeep.sweep(clock.now()).objects == 1
    assert not store().exists(orphan.key)
    assert store().exists(kept)
    assert store().exists(young.key)
    assert upkeep.sweep(clock.now()).objects == 0


@pytest.mark.tools
def test_nothing_that_was_read_is_an_orphan(app: Flask, world: World) -> None:
    make_file(world)
    Worker(app, slots=1).work_once()
    before = set(store().keys())
    for key in before:
        grow_old(path_of(app, key), hours=48)
    upkeep.sweep(clock.now())
    # The page was stored once when it was seen; every object it still shows is there.
    assert list(upkeep.verify()) == []
    assert len(set(store().keys())) >= 6


@on_both_databases
def test_rows_that_have_served_their_time_are_removed(world: World) -> None:
    user = world.actor(Role.OFFICER)
    membership = db.session.get_one(User, user.user_id).memberships[0].id
    old, now = clock.now() - timedelta(days=40), clock.now()
    with transaction() as session:
        for moment in (old, now):
            key = f"key-{moment:%Y%m%d}"
            session.add(
                IdempotencyKey(owner="x", key=key, request_hash="0" * 64, created_at=moment)
            )
            session.add(Throttle(key=key, window_start=moment))
            session.add(
                WebSession(
                    token_hash=key,
                    user_id=user.user_id,
                    membership_id=membership,
                    created_at=moment,
                    seen_at=moment,
                )
            )
    upkeep.sweep(now)
    for model in (IdempotencyKey, Throttle, WebSession):
        assert db.session.query(model).count() == 1, model.__name__


def test_every_tampered_object_is_found(app: Flask, world: World) -> None:
    files = [the_file(make_file(world)) for _ in range(3)]
    assert list(upkeep.verify()) == []
    assert run(app, "verify") == (0, "Every object is there and is what was stored.\n")
    path_of(app, files[0].original_key).write_bytes(b"tampered")
    path_of(app, files[1].original_key).unlink()
    status, told = run(app, "verify")
    assert status == 1
    assert f"damaged: original of {files[0].public_id}" in told
    assert f"missing: original of {files[1].public_id}" in told
    assert files[2].public_id not in told


def test_the_sweep_says_what_it_removed(app: Flask, world: World) -> None:
    orphan = put(b"left behind", "text/plain")
    grow_old(path_of(app, orphan.key), hours=25)
    assert run(app, "sweep") == (0, "1 objects and 0 rows removed.\n")


def test_what_belongs_to_no_row_is_told_once_it_is_old(app: Flask, world: World) -> None:
    orphan, young = put(b"left behind", "text/plain"), put(b"being sent", "text/plain")
    grow_old(path_of(app, orphan.key), hours=25)
    status, told = run(app, "verify")
    assert status == 0
    assert f"left behind: {orphan.key}\n1 objects belong to no row" in told
    assert young.key not in told


def run(app: Flask, command: str) -> tuple[int, str]:
    cli.hang(app)
    result = app.test_cli_runner().invoke(args=[command])
    return result.exit_code, result.output
