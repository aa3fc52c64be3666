"""A gunicorn worker whose threads never wait for a stranger: one loop takes requests in whole.

Gunicorn's own threads read from the network and write to it; sixteen people who send a byte now
and then are enough to stop everybody else. Here the loop collects each request, hands it to a
thread when all of it is there, and sends the answer, each with a slowest pace.
"""

from __future__ import annotations

import errno
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from portal.reception import heads
from portal.reception.heads import Kind
from portal.reception.line import Line, State

HEAD_SECONDS = 10.0
GRACE_SECONDS = 15.0
SLOWEST = 4 * 1024  # bytes a second, after the grace: a telephone in the hills is faster
FAREWELL_SECONDS = 10.0
LOOK_EVERY = 0.5
MOST_HELD = 2 * 1024**3  # bytes of unfinished requests on the disk of one worker
GO_AHEAD = b"HTTP/1.1 100 Continue\r\n\r\n"
SENTENCES = {
    400: "Bad Request",
    408: "Request Timeout",
    411: "Length Required",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
REFUSED = {
    Kind.MALFORMED: 400,
    Kind.TOO_LONG: 431,
    Kind.WITHOUT_LENGTH: 411,  # browsers always say how much they send
}


class Reception(ThreadWorker):
    """See the module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: dict[Line, TConn] = {}
        self.looked_at = 0.0
        self.held = 0

    def accept(self, listener: Any) -> None:
        """Take a connection in, and begin to listen; https is left to gunicorn's own way."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            connection, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EMFILE, errno.ENFILE):
                raise
            return
        now = time.monotonic()
        line = Line(connection, now)
        conn = TConn(self.cfg, line, address, listener.getsockname())
        conn.data_ready = True
        self.nr_conns += 1
        self.lines[line] = conn
        line.enter(State.HEAD, now, until=now + HEAD_SECONDS)
        self._watch(line, selectors.EVENT_READ, self._hear)

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """A thread has done its work: send the answer, then wait for the next request or part."""
        line = conn.sock
        if not isinstance(line, Line):
            super().finish_request(conn, fs)
            return
        if fs.cancelled() or fs.exception() is not None or fs.result() is not True:
            line.is_last = True
        self._begin_answer(line)

    def murder_pending(self) -> None:
        """What gunicorn's loop does now and then: close what is too slow."""
        super().murder_pending()
        now = time.monotonic()
        if now - self.looked_at < LOOK_EVERY:
            return
        self.looked_at = now
        for line in list(self.lines):
            if not self.alive and line.state is State.HEAD and not line.came:
                line.until = min(line.until, now + STOP_KEEPALIVE_LINGER)
            if line.state is not State.WORK and (now > line.until or _is_too_slow(line, now)):
                self._give_up(line)

    def _watch(self, line: Line, event: int, callback: Callable[[Line], None]) -> None:
        self._forget(line)
        self.poller.register(line.connection, event, partial(self._safely, callback, line))

    def _forget(self, line: Line) -> None:
        if line.connection.fileno() >= 0 and line.connection in self.poller.get_map():
            self.poller.unregister(line.connection)

    def _safely(self, callback: Callable[[Line], None], line: Line, _fileobj: object) -> None:
        """One connection never takes the loop with it."""
        try:
            callback(line)
        except Exception:
            self.log.exception("a connection was dropped")
            self._drop(line)

    def _hear(self, line: Line) -> None:
        data = line.hear()
        if data is None:
            return
        if not data:
            self._drop(line)
        elif line.state is State.HEAD:
            line.came += data
            self._look_at_head(line)
        elif line.state is State.BODY:
            self._take_body(line, data)

    def _look_at_head(self, line: Line) -> None:
        head = heads.read(bytes(line.came[: heads.LONGEST_HEAD + 4]))
        if head.kind is Kind.UNFINISHED:
            return
        if head.kind in REFUSED:
            self._refuse(line, REFUSED[head.kind])
            return
        if head.length > self._most():
            line.is_last = True  # the application says no without asking for the body
            line.request.write(bytes(line.came))
            self._hand_over(line)
            return
        self._begin_body(line, head)

    def _begin_body(self, line: Line, head: heads.Head) -> None:
        if self.held + head.length > MOST_HELD:
            self._refuse(line, 503)
            return
        rest = bytes(line.came[head.size :])
        line.request.write(bytes(line.came[: head.size]))
        line.came.clear()
        line.wanted = head.length
        line.holds = head.length
        self.held += head.length
        now = time.monotonic()
        line.enter(State.BODY, now, until=float("inf"))
        if head.expects_go_ahead and head.length > len(rest):
            line.say_at_once(GO_AHEAD)
        self._take_body(line, rest)

    def _take_body(self, line: Line, data: bytes) -> None:
        own, after = data[: line.wanted], data[line.wanted :]
        line.request.write(own)
        line.came += after
        line.wanted -= len(own)
        line.moved += len(own)
        if not line.wanted:
            self._hand_over(line)

    def _hand_over(self, line: Line) -> None:
        self._forget(line)
        line.request.seek(0)
        line.enter(State.WORK, time.monotonic(), until=float("inf"))
        self.enqueue_req(self.lines[line])

    def _refuse(self, line: Line, status: int) -> None:
        """Say no in the fewest words, without any thread."""
        said = f"HTTP/1.1 {status} {SENTENCES[status]}\r\nConnection: close\r\n"
        line.sendall(f"{said}Content-Length: 0\r\n\r\n".encode())
        line.is_last = True
        self._begin_answer(line)

    def _begin_answer(self, line: Line) -> None:
        line.answer.seek(0)
        now = time.monotonic()
        line.enter(State.ANSWER, now, until=float("inf"))
        self._watch(line, selectors.EVENT_WRITE, self._send)
        self._send(line)

    def _send(self, line: Line) -> None:
        if not line.flush():
            return
        if line.is_broken:
            self._drop(line)
        elif line.is_last or not self.alive:
            self._say_farewell(line)
        else:
            self._wait_for_next(line)

    def _wait_for_next(self, line: Line) -> None:
        self._renew(line)
        now = time.monotonic()
        wait = HEAD_SECONDS if line.came else self.cfg.keepalive
        line.enter(State.HEAD, now, until=now + wait)
        self._watch(line, selectors.EVENT_READ, self._hear)
        if line.came:
            self._look_at_head(line)

    def _say_farewell(self, line: Line) -> None:
        """Close our half, and take what is still on its way: a reset would swallow the answer."""
        now = time.monotonic()
        line.enter(State.FAREWELL, now, until=now + FAREWELL_SECONDS)
        self._renew(line)
        try:
            line.connection.shutdown(1)
        except OSError:
            self._drop(line)
            return
        self._watch(line, selectors.EVENT_READ, self._throw_away)

    def _throw_away(self, line: Line) -> None:
        data = line.hear()
        if data is None:
            return
        line.moved += len(data)
        if not data or line.moved > 2 * self._most():
            self._drop(line)

    def _give_up(self, line: Line) -> None:
        if line.state is State.BODY or (line.state is State.HEAD and line.came):
            self._refuse(line, 408)
        else:
            self._drop(line)

    def _drop(self, line: Line) -> None:
        if self.lines.pop(line, None) is None:
            return
        self._forget(line)
        self._let_go(line)
        self.nr_conns -= 1
        line.close()

    def _renew(self, line: Line) -> None:
        self._let_go(line)
        line.renew()

    def _let_go(self, line: Line) -> None:
        self.held -= line.holds
        line.holds = 0

    def _most(self) -> int:
        """What the application takes at all; more is refused by it, with its own sentence."""
        return int(self.wsgi.config["MAX_CONTENT_LENGTH"])


def _is_too_slow(line: Line, now: float) -> bool:
    """Whether less came or went than the slowest pace allows."""
    lasted = now - line.since
    if line.state not in (State.BODY, State.ANSWER) or lasted < GRACE_SECONDS:
        return False
    return line.moved < lasted * SLOWEST
