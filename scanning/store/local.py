"""Objects as files of a folder: written beside, synced, then linked into place."""

import errno
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from scanning.contract import StoredObject
from scanning.errors import ObjectConflict, ObjectDamaged, ObjectMissing, StoreUnavailable
from scanning.store.base import check_key, describe, matches

_PARTS = ".parts"  # unfinished writes; a dot cannot begin a key, so they are never listed


class LocalStore:
    """A folder of objects; safe for several processes at once."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def put(self, key: str, data: bytes, content_type: str) -> StoredObject:
        """Returns only when bytes and name are on the disk."""
        target = self._path(key)
        stored = describe(key, data, content_type)
        try:
            self._write(target, data)
        except FileExistsError:
            if not matches(target.read_bytes(), stored.sha256):
                raise ObjectConflict(key) from None
        except OSError as error:
            raise StoreUnavailable(
                f"cannot write an object: {os.strerror(error.errno or errno.EIO)}"
            ) from error
        return stored

    def get(self, key: str, sha256: str) -> bytes:
        """Checks the hash on every read."""
        try:
            data = self._path(key).read_bytes()
        except FileNotFoundError:
            raise ObjectMissing(key) from None
        except OSError as error:
            raise StoreUnavailable(
                f"cannot read an object: {os.strerror(error.errno or errno.EIO)}"
            ) from error
        if not matches(data, sha256):
            raise ObjectDamaged(key)
        return data

    def exists(self, key: str) -> bool:
        """Whether the file is there."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Empty folders stay: removing them would race with a writer."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync_folder(path.parent)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Walks folder by folder, so that a large store is never held in memory."""
        for folder, subfolders, files in os.walk(self.root):
            subfolders[:] = sorted(name for name in subfolders if name != _PARTS)
            for name in sorted(files):
                key = Path(folder, name).relative_to(self.root).as_posix()
                if key.startswith(prefix):
                    yield key

    def stored_at(self, key: str) -> datetime:
        """The file's own time: nothing changes an object after it was written."""
        try:
            return _time_of(self._path(key))
        except FileNotFoundError:
            raise ObjectMissing(key) from None

    def drop_unfinished(self, before: datetime) -> int:
        """A writer that was killed leaves its part."""
        old = [part for part in (self.root / _PARTS).glob("*") if _time_of(part) < before]
        for part in old:
            part.unlink(missing_ok=True)
        return len(old)

    def ready(self) -> None:
        """Writes and removes a few bytes, because a full disk still answers `stat`."""
        try:
            part = self._write_part(b"ready")
            part.unlink()
        except OSError as error:
            raise StoreUnavailable(
                f"the object folder cannot be written: {error.strerror}"
            ) from error

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _write(self, target: Path, data: bytes) -> None:
        if target.exists():
            raise FileExistsError
        part = self._write_part(data)
        try:
            self._make_folder(target.parent)
            # A link fails where a rename would replace: two writers of one key cannot both win.
            os.link(part, target)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(target.parent)

    def _write_part(self, data: bytes) -> Path:
        folder = self.root / _PARTS
        self._make_folder(folder)
        part = folder / secrets.token_hex(8)
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            part.unlink(missing_ok=True)
            raise
        return part

    def _make_folder(self, folder: Path) -> None:
        """Make the folder and sync each parent that got a new name."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _time_of(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
