"""A gunicorn worker whose threads never wait for a stranger: waitress takes requests in whole.

Gunicorn minds the processes; in each of them waitress collects requests, hands them to threads
when all is there, and sends what they answered. Ours are only the deadlines, a polite end of
a connection, and no to whatever two servers could read differently.
"""

from __future__ import annotations

import enum
import logging
import os
import re
import resource
import socket
import ssl
import time
from functools import partial
from typing import Any

from gunicorn.sock import ssl_context
from gunicorn.workers.base import Worker
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer
from waitress.utilities import BadRequest, RequestEntityTooLarge

HEAD_SECONDS = 10.0  # from the first sign, or the last answer, to the end of a head
GRACE_SECONDS = 15.0
SLOWEST = 4 * 1024  # bytes a second, after the grace: a telephone in the hills is faster
LINGER_SECONDS = 2.0  # for a request that may be on its way when the server is told to end
LOOK_EVERY = 0.5
LARGEST_HEAD = 64 * 1024
MOST_HELD = 2 * 1024**3  # bytes of requests on the disk of one worker
MOST_FILES = 64 * 1024  # open at once: a thousand connections have a body on disk each
MOST_ANSWERS = 2**40  # a thread never waits until an answer has left
FOLDED = re.compile(rb"\r\n[ \t]")


class LengthRequired(BadRequest):
    """A body that could go on for ever; browsers always say how much they send."""

    code, reason = 411, "Length Required"


class Request(HTTPRequestParser):
    """What waitress takes, less what another server could read differently."""

    error: BadRequest | None

    def __init__(self, adj: Any, line: Line) -> None:
        super().__init__(adj)
        self.line = line

    def parse_header(self, header_plus: bytes) -> None:
        """Refuse folded lines, other versions, and two ways of saying where the body ends."""
        if FOLDED.search(header_plus):
            raise ParsingError("Folded header line")
        super().parse_header(header_plus)
        if self.version not in ("1.0", "1.1"):
            raise ParsingError("Version")
        is_coded = self.chunked or "TRANSFER_ENCODING" in self.headers
        if is_coded and (not self.chunked or "CONTENT_LENGTH" in self.headers):
            raise ParsingError("Two lengths")

    def received(self, data: bytes) -> int:
        """Keep what follows for later; after a refusal it is not taken for another request."""
        taken = int(super().received(data))
        if self.chunked and self.error is None:
            self.error = LengthRequired("")
        elif isinstance(self.error, RequestEntityTooLarge):
            self.error, self.body_rcv = None, None  # the application says so in its own words
            self.headers["CONNECTION"] = "close"
        elif self.error is None:
            self.line.waiting = data[taken:]
            return len(data)
        self.completed, self.expect_continue = True, False
        return len(data)


class State(enum.Enum):
    """What a connection is doing."""

    HEAD = "head"  # waiting for a request, or for the rest of its head
    BODY = "body"
    WORK = "work"
    ANSWER = "answer"
    FAREWELL = "farewell"


class Line(HTTPChannel):
    """A connection with deadlines; its socket may be one of TLS."""

    will_close: bool
    request: Request | None
    requests: list[Request]
    is_leaving = False
    served = moved = 0
    waiting = b""  # the beginning of the next request, sent before this one was answered

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.seen: tuple[State, int] = (State.HEAD, 0)
        self.since = time.monotonic()
        self.parser_class = partial(Request, line=self)
        super().__init__(*arguments, **options)

    def state(self) -> State:
        """What it is doing now."""
        if self.is_leaving:
            return State.FAREWELL
        if self.requests:
            return State.WORK
        if self.total_outbufs_len:
            return State.ANSWER
        is_begun = self.request is not None and self.request.headers_finished
        return State.BODY if is_begun else State.HEAD

    def has_outstayed(self, now: float, keepalive: float) -> bool:
        """Whether it does one thing for too long, or too slowly."""
        seen = (self.state(), self.served)
        if seen != self.seen:
            self.seen, self.since, self.moved = seen, now, 0
        state, lasted = seen[0], now - self.since
        if state in (State.BODY, State.ANSWER):
            return lasted > GRACE_SECONDS and self.moved < lasted * SLOWEST
        is_idle = state is State.HEAD and self.served and self.request is None
        return state is not State.WORK and lasted > (keepalive if is_idle else HEAD_SECONDS)

    def recv(self, buffer_size: int) -> bytes:
        """Count what comes."""
        data = super().recv(buffer_size)
        self.moved += len(data)
        return bytes(data)

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress calls it so
        """Count what goes."""
        try:
            sent = int(super().send(data, do_close=do_close))
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        self.moved += sent
        return sent

    def readable(self) -> bool:
        """Also while taking leave; one request is answered before the next is looked at."""
        is_free = bool(super().readable())
        while is_free and self.waiting:  # a head and what came of its body, before more is read
            data, self.waiting = self.waiting, b""
            self.received(data)
            is_free = bool(super().readable())
        return self.is_leaving or is_free

    def writable(self) -> bool:
        """All is said when taking leave."""
        return not self.is_leaving and bool(super().writable())

    def handle_read(self) -> None:
        """Take what came, and after the end throw it away."""
        try:
            data = self.recv(self.adj.recv_bytes)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            self.drop()
            return
        if not self.is_leaving:
            self.received(data)
        elif self.moved > 2 * self.adj.max_request_body_size:
            self.drop()

    def service(self) -> None:
        """Answer one request; the last one says so when the server is about to end."""
        self.served += 1
        if not self.server.accepting:
            self.requests[0].headers["CONNECTION"] = "close"
        super().service()

    def handle_close(self) -> None:
        """Close our half, and take what is still on its way: a reset would swallow the answer."""
        if not self.will_close or not self.connected:
            self.drop()
            return
        self.will_close, self.is_leaving = False, True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop()

    @property
    def held(self) -> int:
        """Bytes of bodies it keeps on our disk: of the request that comes, and of those at work."""
        coming = [self.request] if self.request else []
        return sum(one.body_bytes_received for one in (*coming, *self.requests))

    def drop(self) -> None:
        """End it now, and give back the disk that an unfinished request takes."""
        super().handle_close()
        if self.request is not None:
            self.request.close()
            self.request = None


class Reception(Worker):
    """See the module."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.map: dict[int, Any] = {}  # doors and lines by their descriptors, as waitress wants it
        self.doors: list[Any] = []
        self.looked_at = 0.0

    def run(self) -> None:
        """Serve until told to end, then finish what was begun."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)  # many systems begin with 1,024
        most = MOST_FILES if most < 0 else min(MOST_FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.context = ssl_context(self.cfg) if self.cfg.is_ssl else None
        self._open()
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # waiting is counted elsewhere
        while self.alive and self.ppid == os.getppid():
            self._turn(self.cfg.keepalive)
        for door in self.doors:
            door.accepting = False
        end = time.monotonic() + self.cfg.graceful_timeout
        while self._lines() and time.monotonic() < end:
            self._turn(LINGER_SECONDS)
        self.doors[0].task_dispatcher.shutdown(timeout=max(0.0, end - time.monotonic()))

    def handle_exit(self, sig: int, frame: object) -> None:
        """Told to end: the loop shall notice at once."""
        super().handle_exit(sig, frame)
        for door in self.doors:
            door.pull_trigger()

    def _open(self) -> None:
        create_server(
            self.wsgi,
            map=self.map,
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            backlog=self.cfg.backlog,
            connection_limit=self.cfg.worker_connections,
            recv_bytes=128 * 1024,
            outbuf_high_watermark=MOST_ANSWERS,
            max_request_header_size=LARGEST_HEAD,
            max_request_body_size=self.wsgi.config["MAX_CONTENT_LENGTH"] + 1,
            log_socket_errors=False,
            ident=None,
            url_scheme="https" if self.cfg.is_ssl else "http",
            clear_untrusted_proxy_headers=False,  # whom to believe is the application's to say
        )
        self.doors = [one for one in self.map.values() if isinstance(one, BaseWSGIServer)]
        for door in self.doors:
            door.channel_class = self._admit

    def _admit(self, door: Any, sock: socket.socket, *rest: Any, **options: Any) -> None:
        """Take a connection in; one that is gone already must not cost us the door."""
        try:
            sock.settimeout(0)
            if self.context:
                sock = self.context.wrap_socket(
                    sock, server_side=True, do_handshake_on_connect=False
                )
            Line(door, sock, *rest, **options)
        except OSError:
            sock.close()

    def _lines(self) -> list[Line]:
        return [one for one in self.map.values() if isinstance(one, Line)]

    def _turn(self, keepalive: float) -> None:
        self.notify()
        wasyncore.loop(timeout=LOOK_EVERY, use_poll=True, map=self.map, count=1)
        now = time.monotonic()
        if now - self.looked_at < LOOK_EVERY:
            return
        self.looked_at, held = now, 0
        for line in self._lines():
            held += line.held
            is_too_much = line.request is not None and line.held and held > MOST_HELD
            if line.has_outstayed(now, keepalive) or is_too_much:
                line.drop()
