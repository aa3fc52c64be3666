"""Objects in a bucket of a real S3 server, near and behind a network that misbehaves."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from scanning.errors import ObjectConflict, ObjectDamaged, ObjectMissing, StoreUnavailable
from scanning.store import new_key, open_store
from scanning.store.s3 import S3Store
from tests.rig.proxy import Mode, Proxy

DOWN = b"HTTP/1.1 500 Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
def store(bucket: str) -> S3Store:
    opened = open_store(bucket)
    assert isinstance(opened, S3Store)
    return opened


@pytest.fixture
def proxy(bucket: str) -> Iterator[Proxy]:
    """What stands between the far store and the server."""
    server = urlsplit(parse_qs(urlsplit(bucket).query)["endpoint_url"][0])
    assert server.hostname
    assert server.port
    with Proxy(server.hostname, server.port) as between:
        yield between


@pytest.fixture
def far(bucket: str, proxy: Proxy) -> S3Store:
    """The same bucket, behind the proxy."""
    near = parse_qs(urlsplit(bucket).query)["endpoint_url"][0]
    opened = open_store(bucket.replace(near, f"http://127.0.0.1:{proxy.port}"))
    assert isinstance(opened, S3Store)
    return opened


def overwrite(store: S3Store, key: str, data: bytes) -> None:
    """What nobody of ours does: somebody else at the same bucket."""
    store.client.put_object(Bucket=store.bucket, Key=store.prefix + key, Body=data)


def test_bytes_come_back_as_they_were(store: S3Store) -> None:
    stored = store.put(new_key(), b"data" * 300_000, "text/plain")
    assert store.exists(stored.key)
    assert store.get(stored.key, stored.sha256) == b"data" * 300_000
    store.delete(stored.key)
    assert not store.exists(stored.key)
    store.delete(stored.key)  # no error: a sweep can be repeated


def test_an_object_never_changes(store: S3Store) -> None:
    stored = store.put(new_key(), b"first", "text/plain")
    assert store.put(stored.key, b"first", "text/plain") == stored
    with pytest.raises(ObjectConflict):
        store.put(stored.key, b"second", "text/plain")
    assert store.get(stored.key, stored.sha256) == b"first"


def test_what_is_not_there_is_missing(store: S3Store) -> None:
    with pytest.raises(ObjectMissing):
        store.get(new_key(), "0" * 64)


def test_a_ready_store_says_nothing(store: S3Store) -> None:
    store.ready()


def test_a_store_that_does_not_know_us_is_not_ready(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not the one")
    with pytest.raises(StoreUnavailable):
        open_store(bucket).ready()


def test_changed_and_swapped_bytes_are_found_on_every_read(store: S3Store) -> None:
    first = store.put(new_key(), b"whole", "text/plain")
    second = store.put(new_key(), b"other", "text/plain")
    overwrite(store, first.key, b"other")
    overwrite(store, second.key, b"whole")
    for stored in (first, second):
        with pytest.raises(ObjectDamaged):
            store.get(stored.key, stored.sha256)


def test_a_second_writer_in_between_is_refused_by_the_server(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    theirs = store.put(key, b"theirs", "text/plain")
    monkeypatch.setattr(store, "exists", lambda _: False)  # looked before the other one wrote
    with pytest.raises(ObjectConflict):
        store.put(key, b"ours", "text/plain")
    assert store.get(key, theirs.sha256) == b"theirs"


def test_all_keys_are_listed_however_many_requests_it_takes(store: S3Store) -> None:
    store.client.put_object(Bucket=store.bucket, Key="other/ab", Body=b"x")
    for number in range(5):
        store.put(f"ab/{number}", b"x", "text/plain")
    store.client.meta.events.register("before-parameter-build.s3.ListObjectsV2", two_at_a_time)
    assert list(store.keys()) == [f"ab/{number}" for number in range(5)]
    assert list(store.keys("ab/3")) == ["ab/3"]


def two_at_a_time(params: dict[str, object], **_: object) -> None:
    params["MaxKeys"] = 2


def test_the_server_says_when_an_object_was_stored(store: S3Store) -> None:
    stored = store.put(new_key(), b"x", "text/plain")
    assert abs(datetime.now(UTC) - store.stored_at(stored.key)) < timedelta(minutes=10)
    assert store.drop_unfinished(datetime.now(UTC)) == 0
    with pytest.raises(ObjectMissing):
        store.stored_at(new_key())


def test_three_tries_are_made_and_then_it_may_be_tried_again(far: S3Store, proxy: Proxy) -> None:
    proxy.turn(Mode.ANSWER, answer=DOWN)
    with pytest.raises(StoreUnavailable) as failure:
        far.put(new_key(), b"x", "text/plain")
    assert failure.value.try_again
    assert proxy.connections == 3
    proxy.turn(Mode.REFUSE)
    with pytest.raises(StoreUnavailable):
        far.ready()
    proxy.turn(Mode.PASS)
    far.ready()


@pytest.mark.parametrize("mode", [Mode.CUT, Mode.RESET])
def test_an_answer_that_breaks_off_is_never_taken_for_the_object(
    far: S3Store, proxy: Proxy, mode: Mode
) -> None:
    stored = far.put(new_key(), b"data" * 100_000, "text/plain")
    proxy.break_all()
    proxy.turn(mode, after=50_000)
    with pytest.raises(StoreUnavailable):
        far.get(stored.key, stored.sha256)
    proxy.turn(Mode.PASS)
    assert far.get(stored.key, stored.sha256) == b"data" * 100_000


def test_a_write_whose_answer_was_lost_is_the_same_write_when_repeated(
    far: S3Store, proxy: Proxy
) -> None:
    key = new_key()
    proxy.turn(Mode.RESET, after=10)
    with pytest.raises(StoreUnavailable):
        far.put(key, b"data", "text/plain")
    proxy.turn(Mode.PASS)
    stored = far.put(key, b"data", "text/plain")
    assert far.get(key, stored.sha256) == b"data"


def test_a_slow_answer_is_waited_for(far: S3Store, proxy: Proxy) -> None:
    proxy.turn(Mode.DELAY, seconds=0.5)
    far.ready()


def test_the_patience_is_written_down(far: S3Store) -> None:
    settings = far.client.meta.config
    assert (settings.connect_timeout, settings.read_timeout) == (2, 10)
    assert settings.retries["total_max_attempts"] == 1, "the store tries again itself"


@pytest.mark.proof
@pytest.mark.parametrize(("mode", "least"), [(Mode.DEAF, 4), (Mode.BLACK_HOLE, 10)])
def test_silence_costs_fifteen_seconds_at_most(
    far: S3Store, proxy: Proxy, mode: Mode, least: int
) -> None:
    """Whoever waits for a page waits for all tries together."""
    proxy.turn(mode)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        far.get(new_key(), "0" * 64)
    assert least <= time.monotonic() - started <= 15
