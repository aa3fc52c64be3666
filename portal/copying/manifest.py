"""The last page of a copy: what it holds, part by part, written when all else is safe."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from portal.crypto import Keyring

NAME = "manifest.json"
CHECKPOINTS = "checkpoints"
FORMAT = 1
SEAL = "backup manifest"
CHUNK = 1 << 20


class CopyRefused(Exception):
    """The copy cannot be made or taken back; the sentence is all an operator sees."""


@dataclass(frozen=True)
class Part:
    """A file of the copy."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What the copy holds; `keys` prove which data keys open it, without telling them."""

    version: str
    made_at: str
    revision: str
    is_demo: bool
    keys: list[list[str]]
    tables: dict[str, int]
    objects: int
    size: int
    parts: list[Part] = field(default_factory=list)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(self.tables.values())

    def write(self, folder: Path, keyring: Keyring) -> None:
        """Put the last page in its place, sealed; from then on the copy counts as one."""
        body = asdict(self)
        page = json.dumps(body | {"seal": _seal(body, keyring)}, ensure_ascii=False, indent=1)
        being_written = folder / f"{NAME}.part"
        with being_written.open("xb") as file:
            file.write(page.encode())
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)
        being_written.rename(folder / NAME)
        sync_folder(folder)


def read(folder: Path, keyring: Keyring) -> Manifest:
    """The last page, if it is whole, of our kind, and sealed with the keys we hold."""
    try:
        body = json.loads((folder / NAME).read_text(encoding="utf-8"))
        seal = body.pop("seal")
        if body["format"] != FORMAT:
            raise CopyRefused(f"{folder} was made by another version: format {body['format']}.")
        parts = [Part(**part) for part in body["parts"]]
        manifest = Manifest(**body | {"parts": parts})
    except FileNotFoundError:
        raise CopyRefused(
            f"{folder} holds no {NAME}: it is no backup, or one that was cut off before its end."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CopyRefused(f"{folder}/{NAME} is damaged.") from error
    _hold_keys(manifest, keyring)
    if seal != _seal(body, keyring):
        raise CopyRefused(f"{folder}/{NAME} was changed after it was written.")
    return manifest


def _hold_keys(manifest: Manifest, keyring: Keyring) -> None:
    """Without the very keys the sealed columns stay shut; without the last, nobody is found."""
    held = keyring.fingerprints()
    for name, fingerprint in manifest.keys:
        if held.get(name) != fingerprint:
            raise CopyRefused(
                f"DATA_KEYS does not hold the key {name} with which this backup was sealed."
            )
    if list(held)[-1] != manifest.keys[-1][0]:
        raise CopyRefused(f"The key {manifest.keys[-1][0]} must stand last in DATA_KEYS.")


def _seal(body: dict[str, Any], keyring: Keyring) -> str:
    return keyring.index(json.dumps(body, sort_keys=True), SEAL)


class Writing:
    """A new file of the copy, counted and hashed as it is written; on the disk once closed."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.size, self._digest = name, 0, sha256()
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        self._file: BinaryIO = path.open("xb")

    def write(self, data: bytes) -> int:
        """Called by gzip and tarfile."""
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Nothing is promised before close()."""

    def close(self) -> Part:
        """What the manifest says about the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Part(self.name, self.size, self._digest.hexdigest())


def check_part(folder: Path, part: Part) -> None:
    """Raise unless the file is there, whole and unchanged."""
    path = folder / part.name
    try:
        if path.stat().st_size != part.size:
            raise CopyRefused(f"{path} is not as long as it was when the backup was made.")
        with path.open("rb") as file:
            found = sha256()
            while data := file.read(CHUNK):
                found.update(data)
    except FileNotFoundError:
        raise CopyRefused(f"{path} is missing: the backup is not whole.") from None
    except OSError as error:
        raise CopyRefused(f"{path} cannot be read: {error.strerror}.") from error
    if found.hexdigest() != part.sha256:
        raise CopyRefused(f"{path} was changed or damaged after the backup was made.")


def sync_folder(folder: Path) -> None:
    """Names of files are on the disk only when their folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def product_version() -> str:
    """The version of this program."""
    root = Path(__file__).resolve().parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])
