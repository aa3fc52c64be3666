"""Objects in a bucket; with S3_TEST_URL (s3://bucket/prefix?endpoint_url=…) a real one too."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from scanning.errors import ObjectConflict, ObjectDamaged, ObjectMissing, StoreUnavailable
from scanning.store import new_key, open_store
from tests.scanning.store.peer import s3_peer


@pytest.fixture
def peer(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    with s3_peer() as (address, handler):
        yield open_store(f"s3://kho/giay?endpoint_url={address}&region=vn"), handler


@pytest.fixture(params=["peer", "real"])
def store(request):
    if request.param == "peer":
        return request.getfixturevalue("peer")[0]
    url = os.environ.get("S3_TEST_URL")
    if not url:
        pytest.skip("no S3_TEST_URL: a real S3 server is not at hand")
    return open_store(url)


def test_bytes_come_back_as_they_were(store):
    stored = store.put(new_key(), b"data", "text/plain")
    assert store.exists(stored.key)
    assert store.get(stored.key, stored.sha256) == b"data"
    store.delete(stored.key)
    assert not store.exists(stored.key)


def test_an_object_never_changes(store):
    stored = store.put(new_key(), b"first", "text/plain")
    assert store.put(stored.key, b"first", "text/plain") == stored
    with pytest.raises(ObjectConflict):
        store.put(stored.key, b"second", "text/plain")
    store.delete(stored.key)


def test_what_is_not_there_is_missing(store):
    with pytest.raises(ObjectMissing):
        store.get(new_key(), "0" * 64)


def test_a_ready_store_says_nothing(store):
    store.ready()


def test_damage_is_found_on_every_read(peer):
    store, handler = peer
    stored = store.put(new_key(), b"whole", "text/plain")
    handler.objects[f"giay/{stored.key}"] = b"whOle"
    with pytest.raises(ObjectDamaged):
        store.get(stored.key, stored.sha256)


def test_a_second_writer_in_between_is_refused_by_the_server(peer, monkeypatch):
    store, handler = peer
    key = new_key()
    monkeypatch.setattr(store, "exists", lambda _: False)  # looked before the other one wrote
    handler.objects[f"giay/{key}"] = b"theirs"
    with pytest.raises(ObjectConflict):
        store.put(key, b"ours", "text/plain")
    assert handler.objects[f"giay/{key}"] == b"theirs"


def test_all_keys_are_listed_however_many_requests_it_takes(peer):
    store, handler = peer
    handler.objects["other/ab"] = b"x"
    for number in range(5):
        store.put(f"ab/{number}", b"x", "text/plain")
    assert list(store.keys()) == [f"ab/{number}" for number in range(5)]
    assert list(store.keys("ab/3")) == ["ab/3"]


def test_a_server_that_does_not_answer_may_be_tried_again(peer):
    store, handler = peer
    handler.down = True
    with pytest.raises(StoreUnavailable) as failure:
        store.put(new_key(), b"x", "text/plain")
    assert failure.value.try_again
    with pytest.raises(StoreUnavailable):
        store.ready()


def test_the_server_says_when_an_object_was_stored(store):
    stored = store.put(new_key(), b"x", "text/plain")
    assert abs(datetime.now(UTC) - store.stored_at(stored.key)) < timedelta(minutes=10)
    assert store.drop_unfinished(datetime.now(UTC)) == 0
    with pytest.raises(ObjectMissing):
        store.stored_at(new_key())
