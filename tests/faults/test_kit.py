"""The kit itself: it cuts what it hears at the right places, and hurts only what it is told to."""

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.kit.speech import ObjectStore, Postgres, Speech, query
from tests.faults.kit.wire import Gate, Wire

START = (8).to_bytes(4, "big") + (196608).to_bytes(4, "big")
PREPARED = b"P" + (12).to_bytes(4, "big") + b"\0COMMIT\0"
PUT = b"PUT /kho/a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
GET = b"GET /kho/a HTTP/1.1\r\n\r\n"


def words(speech: Speech, said: bytes, step: int) -> list[str]:
    """The boundaries heard when it comes in pieces of this size."""
    chunks = [said[at : at + step] for at in range(0, len(said), step)]
    pieces = [piece for chunk in chunks for piece in speech.pieces(chunk)]
    assert b"".join(data for data, _word in pieces) == said
    return [word for _data, word in pieces if word]


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_every_commit_is_heard_however_it_is_cut(step: int) -> None:
    said = START + query("SELECT 'COMMIT'") + query("COMMIT") + PREPARED + query("ROLLBACK")
    assert words(Postgres(), said, step) == ["COMMIT", "COMMIT"]


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_every_object_that_is_put_is_heard_at_its_last_byte(step: int) -> None:
    assert words(ObjectStore(), PUT + GET + PUT, step) == ["PUT", "PUT"]


class Echo(socketserver.BaseRequestHandler):
    """Says what it hears."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.request.recv(1000):
                self.request.sendall(data)


@pytest.fixture
def echo() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def said(wire: Wire, data: bytes = b"hello", patience: float = 0.3) -> bytes:
    """What comes back; nothing when it takes too long."""
    with socket.create_connection(("127.0.0.1", wire.port), timeout=patience) as caller:
        caller.sendall(data)
        with contextlib.suppress(TimeoutError):
            return caller.recv(1000)
        return b""


def all_of(caller: socket.socket) -> bytes | None:
    """Everything that comes until it is silent; None when the connection breaks."""
    heard = b""
    with contextlib.suppress(TimeoutError):
        try:
            while data := caller.recv(1000):
                heard += data
        except ConnectionError:
            return None
    return heard


def test_a_wire_hurts_as_it_is_told_and_heals(echo: int) -> None:
    with Wire(("127.0.0.1", echo)) as wire:
        assert said(wire) == b"hello"
        wire.swallow()
        assert said(wire) == b""
        wire.heal()
        wire.cut_after = 3
        assert said(wire) == b"hel"
        wire.heal()
        wire.delay = 0.1
        begun = time.monotonic()
        assert said(wire, patience=5) == b"hello"
        assert time.monotonic() - begun >= 0.1
        wire.refuse()
        with pytest.raises(ConnectionRefusedError):
            said(wire)
        wire.heal()
        assert said(wire) == b"hello"


def test_a_wire_that_is_reset_breaks_at_once(echo: int) -> None:
    with (
        Wire(("127.0.0.1", echo)) as wire,
        socket.create_connection(("127.0.0.1", wire.port), timeout=5) as caller,
    ):
        caller.sendall(b"hello")
        assert caller.recv(1000) == b"hello"
        wire.reset()
        assert all_of(caller) is None


@pytest.mark.parametrize(("when", "reaches"), [("before", False), ("after", True)])
def test_a_stop_stands_before_or_after_the_boundary(echo: int, when: str, reaches: bool) -> None:
    """Before: the server has not heard the last byte. After: it has, and its answer is kept."""
    gate, heard = Gate(), []
    with (
        Wire(("127.0.0.1", echo)) as behind,
        Wire(("127.0.0.1", behind.port), ObjectStore, gate) as wire,
    ):
        behind.spoil = lambda data: heard.append(data) or data  # type: ignore[func-returns-value] # it listens
        with (
            gate.stopped(1, when) as stop,
            socket.create_connection(("127.0.0.1", wire.port), timeout=0.3) as caller,
        ):
            caller.sendall(PUT)
            assert stop.reached.wait(5)
            assert all_of(caller) != PUT
        assert (b"".join(heard) == PUT) is reaches
