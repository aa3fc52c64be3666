"""Asks a ClamAV daemon whether bytes carry a virus, in the daemon's own words over a socket."""

from __future__ import annotations

import socket
import struct
import time
from urllib.parse import urlsplit

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 10.0
CHUNK = 256 * 1024
LONGEST_ANSWER = 4096
END = struct.pack("!L", 0)


class Away(Exception):
    """The daemon does not answer, or not in time: nothing is known of the bytes."""


class Refused(Exception):
    """The daemon answered that it would not look; its words say why."""


def scan(url: str, data: bytes, *, seconds: float = ANSWER_SECONDS) -> str | None:
    """The name of what was found, or None for clean; raises Away or Refused.

    A daemon that stops listening in the middle has often said why: its answer is read all the same.
    """
    answer = _ask(url, b"zINSTREAM\0", data, seconds)
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return None
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    if not said:
        raise Away("closed without an answer")
    raise Refused(said)


def answers(url: str) -> bool:
    """Whether the daemon is there."""
    try:
        return _ask(url, b"zPING\0", None, CONNECT_SECONDS) == "PONG"
    except Away:
        return False


def _ask(url: str, command: bytes, data: bytes | None, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    try:
        with _connect(url) as connection:
            _send(connection, command, data, deadline)
            return _read(connection, deadline)
    except OSError as error:
        raise Away(type(error).__name__) from error


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or 0), CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, command: bytes, data: bytes | None, deadline: float) -> None:
    _hurry(connection, deadline)
    connection.sendall(command)
    if data is None:
        return
    try:
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            _hurry(connection, deadline)
            connection.sendall(struct.pack("!L", len(part)) + part)
        connection.sendall(END)
    except (BrokenPipeError, ConnectionResetError):
        return


def _read(connection: socket.socket, deadline: float) -> str:
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        _hurry(connection, deadline)
        part = connection.recv(LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _hurry(connection: socket.socket, deadline: float) -> None:
    """All of it together has the time, not each part of it."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
