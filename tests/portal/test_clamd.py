"""A real ClamAV daemon is asked over its socket; only what it calls clean is clean."""

import socket
import time
from collections.abc import Iterator

import pytest

from portal import clamd
from tests.rig.clamav import EICAR, NAME, Clamd
from tests.rig.proxy import Mode, Proxy

FOUND = f"{NAME}.UNOFFICIAL"


@pytest.fixture(scope="module")
def scanner() -> Iterator[Clamd]:
    one = Clamd(most="1M")
    yield one
    one.remove()


def test_the_test_signature_is_found_and_other_bytes_are_clean(scanner: Clamd) -> None:
    for url in (scanner.url, scanner.local_url):
        assert clamd.scan(url, EICAR) == FOUND
        assert clamd.scan(url, b"%PDF-1.7" + bytes(700_000) + EICAR) == FOUND
        assert clamd.scan(url, b"Xin ch\xc3\xa0o") is None
        assert clamd.scan(url, b"") is None
        assert clamd.answers(url)


def test_a_file_it_will_not_look_at_is_not_clean(scanner: Clamd) -> None:
    with pytest.raises(clamd.Refused, match="size limit"):
        clamd.scan(scanner.url, bytes(5_000_000))


def test_a_daemon_that_is_not_there_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    for url in (f"tcp://127.0.0.1:{port}", "unix:///nowhere/at/all"):
        assert not clamd.answers(url)
        with pytest.raises(clamd.Away):
            clamd.scan(url, b"x")


def test_silence_and_half_an_answer_are_no_answer(scanner: Clamd) -> None:
    with Proxy("127.0.0.1", scanner.port) as proxy:
        url = f"tcp://127.0.0.1:{proxy.port}"
        for mode, how in ((Mode.BLACK_HOLE, {}), (Mode.RESET, {"after": 8}), (Mode.CUT, {})):
            proxy.turn(mode, **how)
            started = time.monotonic()
            with pytest.raises((clamd.Away, clamd.Refused)):
                clamd.scan(url, EICAR, seconds=1)
            assert time.monotonic() - started < 3
