"""Signed marks of how far the log had come, kept where nobody who holds the database can write."""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from portal.audit.chain import instant
from portal.crypto import Keyring, keyring

TAIL = 16 * 1024  # many lines; a torn one at the end does not hide the last whole one
KEPT_FOR_OWNER = 0o600


@dataclass(frozen=True)
class Checkpoint:
    """At `at` the log had `sequence` sealed lines and ended in `hash`.

    `previous` is the fingerprint of the line before in this book, so that none can be taken out.
    """

    sequence: int
    hash: str
    at: str
    previous: str
    key: str = ""
    signature: str = ""

    @property
    def message(self) -> bytes:
        """What is signed: everything but the signature, and by which key."""
        told = {name: value for name, value in asdict(self).items() if name != "signature"}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode("ascii")

    @property
    def line(self) -> str:
        """How it stands in the book."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def moment(self) -> datetime:
        """When it was left."""
        return datetime.fromisoformat(self.at)


class Book:
    """A folder of files, one for each month, each only ever appended to."""

    def __init__(self, folder: Path, ring: Keyring) -> None:
        self.folder = folder
        self.ring = ring

    def newest(self) -> Checkpoint | None:
        """The last whole line, if there is one."""
        for path in reversed(self.files()):
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - TAIL))
                lines = file.read().split(b"\n")
            for line in reversed(lines):
                found = _parse(line)
                if found is not None:
                    return found
        return None

    def append(self, sequence: int, end: bytes, at: datetime) -> Checkpoint:
        """Add a line and see it on the disk; one that is half written is left behind as it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            before = self.newest()
            previous = _fingerprint(before) if before else ""
            bare = Checkpoint(sequence, end.hex(), instant(at), previous, self.ring.primary)
            signature = base64.b64encode(self.ring.sign(bare.message)).decode()
            left = Checkpoint(bare.sequence, bare.hash, bare.at, bare.previous, bare.key, signature)
            self._write(f"{instant(at)[:7]}.jsonl", left.line)
            return left

    def read(self) -> Iterator[Checkpoint | str]:
        """Every line in its order, or a sentence about one that proves nothing."""
        previous = ""
        for path in self.files():
            for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
                found = _parse(line)
                if found is None:
                    continue  # half written when the machine stopped; the next one took its place
                place = f"checkpoint {found.sequence} ({path.name}, line {number})"
                if not self._is_ours(found):
                    yield f"{place} does not carry a signature of this site"
                    continue
                if found.previous != previous:
                    yield f"{place} does not follow the one before it: checkpoints were taken out"
                previous = _fingerprint(found)
                yield found

    def _is_ours(self, checkpoint: Checkpoint) -> bool:
        try:
            signature = base64.b64decode(checkpoint.signature, validate=True)
        except ValueError:
            return False
        return self.ring.has_signed(checkpoint.key, checkpoint.message, signature)

    def files(self) -> list[Path]:
        """One for each month in which something was left, oldest first."""
        return sorted(self.folder.glob("[0-9]*.jsonl"))

    def fill(self, name: str, lines: bytes) -> None:
        """Bring a month back from a copy; raises FileExistsError rather than change one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, KEPT_FOR_OWNER)
        with os.fdopen(handle, "wb") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        _sync(self.folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        handle = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, name: str, line: str) -> None:
        path = self.folder / name
        is_new = not path.exists()
        flags = os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC
        handle = os.open(path, flags, KEPT_FOR_OWNER)
        try:
            data = f"{line}\n".encode("ascii")
            if _is_torn(handle):
                data = b"\n" + data
            if os.write(handle, data) != len(data):
                raise OSError(f"{path} could not be written whole")
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            _sync(self.folder)


def book() -> Book:
    """The book of the running site."""
    url = current_app.config["SETTINGS"].audit_checkpoints
    return Book(Path(urlsplit(url).path), keyring())


def _parse(line: bytes) -> Checkpoint | None:
    try:
        found = Checkpoint(**json.loads(line))
        _ = found.moment, bytes.fromhex(found.hash), found.previous + found.key + found.signature
    except (ValueError, TypeError):
        return None
    return found if isinstance(found.sequence, int) else None


def _fingerprint(checkpoint: Checkpoint) -> str:
    return sha256(checkpoint.line.encode("ascii")).hexdigest()


def _is_torn(handle: int) -> bool:
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
