"""A forwarder on this machine between the portal and a server behind it, which can be hurt."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from tests.faults.kit.speech import Bytes, Speech

Address = tuple[str, int] | str  # a string is the path of a local socket
CHUNK = 1 << 16


class Stop:
    """The k-th boundary, at which the wire stands still until the harness lets go.

    "before": the piece that completes it is not sent on. "after": it is, and was answered, and the
    answer is kept from whoever asked. In both cases nothing more passes on that connection.
    """

    def __init__(self, number: int, when: str) -> None:
        self.number = number
        self.when = when
        self.reached = threading.Event()
        self.over = threading.Event()

    def stand(self) -> None:
        self.reached.set()
        self.over.wait(60)


class Gate:
    """Counts the boundaries of several wires in the order they pass, and stops at one of them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wires: list[Wire] = []
        self.seen: list[str] = []
        self.stop: Stop | None = None

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The boundaries that pass during a block, by their words."""
        self.seen = []
        yield self.seen
        self.seen = []

    @contextmanager
    def stopped(self, number: int, when: str) -> Iterator[Stop]:
        """Stand still at the boundary of this number, counted from 1 within the block."""
        self.seen = []
        self.stop = stop = Stop(number, when)
        try:
            yield stop
        finally:
            self.stop = None
            for wire in self.wires:
                wire.reset()
            stop.over.set()

    def passes(self, word: str) -> Stop | None:
        """Count a boundary; the stop that stands there, if one does."""
        with self.lock:
            self.seen.append(word)
            if self.stop is not None and len(self.seen) == self.stop.number:
                return self.stop
            return None


class Wire:
    """Listens on a port of its own and passes everything on, in whatever mood it was put."""

    def __init__(
        self,
        upstream: Address,
        speech: Callable[[], Speech] = Bytes,
        gate: Gate | None = None,
    ) -> None:
        self.upstream = upstream
        self.speech = speech
        self.gate = gate or Gate()
        self.gate.wires.append(self)
        self.lock = threading.Lock()
        self.links: list[Link] = []
        self.listener: socket.socket | None = None
        self.port = 0
        self.heal()

    def heal(self) -> None:
        """Pass everything on again; also the mood in which it begins."""
        self.swallows = False
        self.delay = 0.0
        self.bytes_per_second = 0
        self.cut_after: int | None = None  # bytes of answer on one connection
        self.spoil: Callable[[bytes], bytes] | None = None  # what becomes of answers
        self.instead: dict[str, bytes] = {}  # what is said instead of a boundary of that word
        if self.listener is None:
            self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self.port = self.listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def refuse(self) -> None:
        """Nobody is at home: connections are refused, and those that stand are reset."""
        listener, self.listener = self.listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.reset()

    def swallow(self) -> None:
        """A black hole: it takes everything and answers nothing."""
        self.swallows = True

    def reset(self) -> None:
        """Break every connection that stands, as a server does that falls over."""
        with self.lock:
            links, self.links = self.links, []
        for link in links:
            link.reset()

    def close(self) -> None:
        self.refuse()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = listener.accept()
                try:
                    link = Link(self, client, _connect(self.upstream))
                except OSError:
                    client.close()
                    continue
                with self.lock:
                    self.links.append(link)
                link.start()


class Link:
    """One connection and its twin behind the wire."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self.wire, self.client, self.server = wire, client, server
        self.speech = wire.speech()
        self.answers_held: Stop | None = None
        self.answered = 0
        self.is_reset = False

    def start(self) -> None:
        for work in (self._up, self._down):
            threading.Thread(target=self._until_closed, args=(work,), daemon=True).start()

    def reset(self) -> None:
        self.is_reset = True
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RD)  # wakes whoever reads; the close then resets
            end.close()

    def _until_closed(self, work: Callable[[], None]) -> None:
        with contextlib.suppress(OSError):
            work()
        if self.is_reset:
            return  # an orderly end would be heard before the break
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _up(self) -> None:
        """From the portal to the server."""
        while data := self.client.recv(CHUNK):
            if self.wire.swallows:
                continue
            for piece, word in self.speech.pieces(data):
                stop = self.wire.gate.passes(word) if word else None
                if stop is not None and stop.when == "before":
                    stop.stand()
                    return
                if stop is not None:
                    self.answers_held = stop
                self.server.sendall(self.wire.instead.get(word or "", piece))

    def _down(self) -> None:
        """From the server to the portal."""
        while data := self.server.recv(CHUNK):
            if self.answers_held is not None:
                self.answers_held.stand()
                return
            if self.wire.swallows:
                continue
            self._answer(data)

    def _answer(self, data: bytes) -> None:
        wire = self.wire
        if wire.delay:
            time.sleep(wire.delay)
        if wire.bytes_per_second:
            time.sleep(len(data) / wire.bytes_per_second)
        if wire.spoil is not None:
            data = wire.spoil(data)
        if wire.cut_after is not None:
            data = data[: max(0, wire.cut_after - self.answered)]
        self.answered += len(data)
        self.client.sendall(data)
        if wire.cut_after is not None and self.answered >= wire.cut_after:
            raise OSError("cut")


def _connect(address: Address) -> socket.socket:
    if isinstance(address, str):
        server = socket.socket(socket.AF_UNIX)
        server.connect(address)
        return server
    return socket.create_connection(address)
