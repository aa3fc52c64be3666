"""Stands between two programs and hurts what they say to each other, as networks do."""

import contextlib
import enum
import socket
import struct
import threading
import time
from typing import Self

CHUNK = 65536
NOBODY_WAITS = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


class Mode(enum.Enum):
    """What happens to whoever connects, and to the bytes that come back."""

    PASS = "pass"
    REFUSE = "refuse"  # nobody listens
    DEAF = "deaf"  # the connection is never made: packets vanish
    BLACK_HOLE = "black hole"  # the connection is made, and then there is silence
    DELAY = "delay"  # every answer comes late by `seconds`
    CUT = "cut"  # the answer ends after `after` bytes, as if it were whole
    RESET = "reset"  # the connection breaks after `after` bytes of the answer
    ANSWER = "answer"  # the proxy answers itself, with `answer`


class Proxy:
    """`with Proxy(host, port) as proxy:` listens at proxy.port; proxy.turn(Mode.…) any time."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.mode, self.seconds, self.after, self.answer = Mode.PASS, 0.0, 0, b""
        self.connections = 0
        self.changed = threading.Condition()
        self.pairs: set[socket.socket] = set()
        self.filling: list[socket.socket] = []
        self.listener: socket.socket | None = None
        self.port = 0
        self._listen(backlog=128)

    def turn(
        self, mode: Mode, *, seconds: float = 0.0, after: int = 0, answer: bytes = b""
    ) -> None:
        """From now on; what was held back by silence goes on when the silence ends."""
        with self.changed:
            was, self.mode = self.mode, mode
            self.seconds, self.after, self.answer = seconds, after, answer
            self.connections = 0
            self.changed.notify_all()
        if {was, mode} & {Mode.REFUSE, Mode.DEAF}:
            self._close_listener()
            if mode is Mode.DEAF:
                self._listen(backlog=0)
                self._fill()
            elif mode is not Mode.REFUSE:
                self._listen(backlog=128)

    def break_all(self) -> None:
        """Reset every connection that is open now."""
        for one in list(self.pairs):
            _reset(one)

    def _listen(self, backlog: int) -> None:
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(backlog)
        self.port = self.listener.getsockname()[1]
        if backlog:
            threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def _fill(self) -> None:
        """A full queue makes the kernel drop what asks to be let in."""
        for _ in range(8):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", self.port))
            self.filling.append(one)

    def _close_listener(self) -> None:
        if self.listener is not None:
            _end(self.listener)
            self.listener = None
        while self.filling:
            self.filling.pop().close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self.pairs.add(client)
        if self.mode is Mode.ANSWER:
            client.recv(CHUNK)
            client.sendall(self.answer)
            _end(client)
            return
        self._wait_for_sound()
        try:
            server = socket.create_connection(self.target, timeout=10)
        except OSError:
            _reset(client)
            return
        server.settimeout(None)
        self.pairs.add(server)
        threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
        self._pump(server, client, is_answer=True)

    def _pump(self, source: socket.socket, sink: socket.socket, *, is_answer: bool = False) -> None:
        """Carry bytes one way until an end closes."""
        left = self.after
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                self._wait_for_sound()
                if is_answer and self.mode is Mode.DELAY:
                    time.sleep(self.seconds)
                if is_answer and self.mode in (Mode.CUT, Mode.RESET) and len(data) >= left:
                    sink.sendall(data[:left])
                    (_end if self.mode is Mode.CUT else _reset)(sink)
                    break
                left -= len(data)
                sink.sendall(data)
        for one in (source, sink):
            self.pairs.discard(one)
            _end(one)

    def _wait_for_sound(self) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.mode is not Mode.BLACK_HOLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self._close_listener()
        with self.changed:
            self.mode = Mode.PASS
            self.changed.notify_all()
        self.break_all()


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        if not _is_reset(one):
            one.shutdown(socket.SHUT_RDWR)
    one.close()


def _reset(one: socket.socket) -> None:
    """Whoever reads from it here is woken first: while he holds it, nothing is sent."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOBODY_WAITS)
        one.shutdown(socket.SHUT_RD)
    one.close()


def _is_reset(one: socket.socket) -> bool:
    return one.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(NOBODY_WAITS)) == NOBODY_WAITS
