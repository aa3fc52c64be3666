"""A connection as a worker's thread sees it: all has come already, and nothing waits to be sent.

Between thread and network stand two stores, so that only the reception ever waits for a stranger.
"""

from __future__ import annotations

import contextlib
import enum
import socket
from tempfile import SpooledTemporaryFile

IN_MEMORY = 256 * 1024
PIECE = 128 * 1024


class State(enum.Enum):
    """What the connection is doing."""

    HEAD = "head"  # waiting for a request, or for the rest of its head
    BODY = "body"
    WORK = "work"  # a thread has it
    ANSWER = "answer"
    FAREWELL = "farewell"  # all is said; what still comes is thrown away


class Line:
    """One connection; to gunicorn it is a socket."""

    def __init__(self, connection: socket.socket, now: float) -> None:
        connection.settimeout(0)
        self.connection = connection
        self.state, self.since, self.until = State.HEAD, now, now
        self.came = bytearray()  # of the head, or of the next request
        self.wanted = 0  # bytes of the body that are still to come
        self.holds = 0  # bytes of the whole body, as long as its store is kept
        self.moved = 0  # bytes of body or answer that went through in this state
        self.is_last = False
        self.is_broken = False
        self.request = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the line
        self.answer = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the line
        self.unsent = b""
        self.has_stored_answer = False

    def enter(self, state: State, now: float, *, until: float) -> None:
        """Begin something else, with a time by which it must be done."""
        self.state, self.since, self.until, self.moved = state, now, until, 0

    # What the reception does

    def hear(self) -> bytes | None:
        """What has come: None when there is nothing yet, empty when the other side has ended."""
        try:
            return self.connection.recv(PIECE)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            self.is_broken = True
            return b""

    def say_at_once(self, data: bytes) -> int:
        """Send as much as goes without waiting."""
        try:
            return self.connection.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.is_broken = True
            return len(data)

    def flush(self) -> bool:
        """Send from the store what goes; True when nothing is left."""
        while not self.is_broken:
            if not self.unsent:
                self.unsent = self.answer.read(PIECE) if self.has_stored_answer else b""
            if not self.unsent:
                return True
            sent = self.say_at_once(self.unsent)
            self.moved += sent
            self.unsent = self.unsent[sent:]
            if self.unsent:
                return False
        return True

    def renew(self) -> None:
        """Empty both stores for the next request."""
        for store in (self.request, self.answer):
            store.close()
        self.request = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the line
        self.answer = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the line
        self.has_stored_answer, self.unsent, self.wanted = False, b"", 0

    # What gunicorn does with a socket, in one of its threads

    def recv(self, size: int) -> bytes:
        """The request, and then its end, as if the other side had closed."""
        return self.request.read(size)

    def sendall(self, data: bytes) -> None:
        """Send what goes at once and store the rest."""
        if self.is_broken:
            raise BrokenPipeError
        if not self.has_stored_answer:
            data = data[self.say_at_once(data) :]
        if data:
            self.answer.write(data)
            self.has_stored_answer = True

    send = sendall

    def setblocking(self, _flag: object) -> None:
        """Nothing here waits."""

    settimeout = setblocking

    def gettimeout(self) -> float:
        """It never waits."""
        return 0.0

    def fileno(self) -> int:
        """For whoever asks the system about the connection."""
        return self.connection.fileno()

    def shutdown(self, _how: int) -> None:
        """The reception takes its leave itself."""
        self.is_last = True

    def close(self) -> None:
        """Let go of the connection and both stores."""
        with contextlib.suppress(OSError):
            self.connection.close()
        self.request.close()
        self.answer.close()
