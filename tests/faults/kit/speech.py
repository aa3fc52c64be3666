"""What passes over a wire, cut into pieces that end where something becomes durable."""

from collections.abc import Iterator
from typing import Protocol

Piece = tuple[bytes, str | None]

_STARTUP = 196608  # PostgreSQL's protocol 3.0, in the first message that has no type letter


class Speech(Protocol):
    """Cuts what a client says; a piece with a word beside it completes a boundary."""

    def pieces(self, data: bytes) -> Iterator[Piece]: ...


class Bytes:
    """Any protocol: no boundaries."""

    def pieces(self, data: bytes) -> Iterator[Piece]:
        yield data, None


class Postgres:
    """Messages of a PostgreSQL client: every COMMIT is a boundary, or every question is.

    COMMIT comes as a simple query ("Q") or, prepared, as a parse ("P").
    """

    def __init__(self, *, every_message: bool = False) -> None:
        self.every_message = every_message
        self.unread = b""
        self.is_started = False

    def pieces(self, data: bytes) -> Iterator[Piece]:
        self.unread += data
        while (size := self._size()) and len(self.unread) >= size:
            message, self.unread = self.unread[:size], self.unread[size:]
            yield message, self._word(message)

    def _size(self) -> int:
        """Of the next message, once its length can be read."""
        start = 1 if self.is_started else 0
        if len(self.unread) < start + 4:
            return 0
        return start + int.from_bytes(self.unread[start : start + 4], "big")

    def _word(self, message: bytes) -> str | None:
        if not self.is_started:
            self.is_started = int.from_bytes(message[4:8], "big") == _STARTUP
            return None
        said = message[5:]
        if message[:1] == b"P":
            said = said.partition(b"\0")[2]
        if message[:1] in b"QP" and said.lstrip()[:6].upper() == b"COMMIT":
            return "COMMIT"
        return "MESSAGE" if self.every_message and message[:1] in b"QS" else None


def query(statement: str) -> bytes:
    """A question as a client of PostgreSQL asks it."""
    said = statement.encode() + b"\0"
    return b"Q" + (len(said) + 4).to_bytes(4, "big") + said


def failing(sqlstate: str) -> bytes:
    """A question that the server answers with this error, as if it had met it by itself."""
    return query(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$")


class ObjectStore:
    """Requests to an S3 server: the last byte of every PUT is a boundary."""

    def __init__(self) -> None:
        self.unread = b""
        self.left = 0  # of the body
        self.method = b""

    def pieces(self, data: bytes) -> Iterator[Piece]:
        self.unread += data
        while self.unread:
            if self.left:
                body, self.unread = self.unread[: self.left], self.unread[self.left :]
                self.left -= len(body)
                yield body, None if self.left else self._word()
                continue
            head, end, rest = self.unread.partition(b"\r\n\r\n")
            if not end:
                return
            self.unread = rest
            self.method = head.split(b" ", 1)[0]
            self.left = _length(head)
            yield head + end, None if self.left else self._word()

    def _word(self) -> str | None:
        return "PUT" if self.method == b"PUT" else None


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
