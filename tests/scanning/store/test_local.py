"""Objects as files of a folder."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from scanning.errors import ObjectConflict, ObjectDamaged, ObjectMissing, StoreUnavailable
from scanning.store import new_key, open_store


@pytest.fixture
def store(tmp_path):
    return open_store(f"file://{tmp_path}/kho")


def test_bytes_come_back_as_they_were(store):
    stored = store.put(new_key(), "Đơn".encode(), "text/plain")
    assert store.get(stored.key, stored.sha256) == "Đơn".encode()
    assert (stored.size, stored.content_type) == (5, "text/plain")


def test_an_object_never_changes(store):
    key = new_key()
    first = store.put(key, b"first", "text/plain")
    assert store.put(key, b"first", "text/plain") == first
    with pytest.raises(ObjectConflict):
        store.put(key, b"second", "text/plain")
    assert store.get(key, first.sha256) == b"first"


def test_damage_is_found_on_every_read(store, tmp_path):
    stored = store.put(new_key(), b"whole", "text/plain")
    store.get(stored.key, stored.sha256)
    (tmp_path / "kho" / stored.key).write_bytes(b"whOle")
    with pytest.raises(ObjectDamaged):
        store.get(stored.key, stored.sha256)


def test_what_is_not_there_is_missing(store):
    key = new_key()
    assert not store.exists(key)
    with pytest.raises(ObjectMissing):
        store.get(key, "0" * 64)
    store.delete(key)  # no error: a sweep can be repeated


def test_a_deleted_object_is_gone(store):
    stored = store.put(new_key(), b"x", "text/plain")
    assert store.exists(stored.key)
    store.delete(stored.key)
    assert not store.exists(stored.key)


def test_keys_are_listed_by_prefix_and_unfinished_writes_are_not(store, tmp_path):
    keys = sorted(store.put(key, b"x", "text/plain").key for key in ("ab/1", "ab/2", "cd/3"))
    (tmp_path / "kho" / ".parts" / "left-behind").write_bytes(b"half")
    assert list(store.keys()) == keys
    assert list(store.keys("ab/")) == ["ab/1", "ab/2"]


@pytest.mark.parametrize(
    "key", ["", "../secret", "/etc/passwd", "a/../b", ".parts/x", "A/b", "a" * 300, "a\0b"]
)
def test_a_key_cannot_climb_out(store, key):
    with pytest.raises(ValueError, match="not an object key"):
        store.put(key, b"x", "text/plain")


def test_a_store_that_cannot_be_written_says_so(store, tmp_path):
    store.ready()
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        open_store(f"file://{blocked}/below").ready()


def test_a_full_disk_leaves_no_half_object(tmp_path):
    program = (
        "import resource, signal\n"
        "from scanning.errors import StoreUnavailable\n"
        "from scanning.store import open_store\n"
        f"store = open_store('file://{tmp_path}/kho')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    store.put('ab/1', b'x' * 5000, 'text/plain')\n"
        "except StoreUnavailable as error:\n"
        "    print(error.try_again, store.exists('ab/1'), list(store.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True False []"
    assert not list((tmp_path / "kho" / ".parts").iterdir())


def test_a_write_is_synced_before_it_is_named(store, tmp_path, monkeypatch):
    happened = []
    real_sync, real_link = os.fsync, os.link
    monkeypatch.setattr(os, "fsync", lambda fd: (happened.append("sync"), real_sync(fd))[1])
    monkeypatch.setattr(os, "link", lambda a, b: (happened.append("link"), real_link(a, b))[1])
    store.put("ab/1", b"x", "text/plain")
    assert "sync" in happened[: happened.index("link")]
    assert happened[-1] == "sync"  # the folder that got the name


def test_the_folder_knows_when_an_object_was_stored(store):
    stored = store.put("ab/1", b"x", "text/plain")
    assert abs(datetime.now(UTC) - store.stored_at(stored.key)) < timedelta(minutes=10)
    with pytest.raises(ObjectMissing):
        store.stored_at("ab/2")


def test_what_a_killed_writer_left_behind_is_removed_when_it_is_old(store, tmp_path):
    store.put("ab/1", b"x", "text/plain")
    part = next(path for path in tmp_path.rglob(".parts")) / "half"
    part.write_bytes(b"half")
    now = datetime.now(UTC)
    assert store.drop_unfinished(now - timedelta(days=1)) == 0
    assert store.drop_unfinished(now + timedelta(minutes=10)) == 1
    assert not part.exists()
    assert list(store.keys()) == ["ab/1"]
