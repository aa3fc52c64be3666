"""Objects in plain tar files: a copy is a few large files and not a million small ones."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from portal.copying.manifest import CopyRefused, Part, Writing
from portal.documents.store import ObjectDamaged, ObjectMissing, ObjectStore

FOLDER = "objects"
LIST = "objects.jsonl.gz"
# Objects are fetched several at a time, for each waits for a disk or the network.
AT_ONCE = 8
BATCH = 16  # held in memory together: some hundred megabytes at the very worst
PACK_BYTES = 1 << 30


@dataclass
class Packing:
    """Objects on their way into packs, and the list of what lies where."""

    folder: Path
    count: int = 0
    size: int = 0
    parts: list[Part] = field(default_factory=list)
    _pack: Writing | None = None

    def take(self, store: ObjectStore, wanted: dict[str, str], alive: Callable[[], None]) -> None:
        """Fetch each object, hashed on the way, and write it down; `alive` is called between."""
        listed = Writing(self.folder, LIST)
        with (
            ThreadPoolExecutor(AT_ONCE) as pool,
            gzip.GzipFile("", "wb", 3, listed, 0) as lines,
        ):
            waiting = iter(wanted.items())
            while batch := list(islice(waiting, BATCH)):
                fetched = pool.map(lambda entry: fetch(store, *entry), batch)
                for (key, digest), data in zip(batch, fetched, strict=True):
                    self._add(key, data)
                    lines.write(json.dumps([key, digest, len(data)]).encode() + b"\n")
                alive()
        self._close()
        self.parts.append(listed.close())

    def _add(self, key: str, data: bytes) -> None:
        if self._pack is None:
            self._pack = Writing(self.folder, f"{FOLDER}/{len(self.parts) + 1:04d}.tar")
        entry = tarfile.TarInfo(key)
        entry.size, entry.mode = len(data), 0o600
        self._pack.write(entry.tobuf(tarfile.USTAR_FORMAT))
        self._pack.write(data)
        self._pack.write(bytes(-len(data) % tarfile.BLOCKSIZE))
        self.count += 1
        self.size += len(data)
        if self._pack.size >= PACK_BYTES:
            self._close()

    def _close(self) -> None:
        if self._pack is not None:
            self._pack.write(bytes(2 * tarfile.BLOCKSIZE))
            self.parts.append(self._pack.close())
            self._pack = None


def fetch(store: ObjectStore, key: str, digest: str) -> bytes:
    """The object, or the sentence why this copy must not count as one."""
    try:
        return store.get(key, digest)
    except ObjectMissing:
        raise CopyRefused(f"The object {key} is missing; `verify` says whose it is.") from None
    except ObjectDamaged:
        raise CopyRefused(f"The object {key} is damaged; `verify` says whose it is.") from None


def listed(folder: Path) -> Iterator[tuple[str, str, int]]:
    """Key, hash and size of each object, in the order of the packs."""
    with gzip.open(folder / LIST, "rt", encoding="utf-8") as lines:
        for line in lines:
            key, digest, size = json.loads(line)
            yield key, digest, size


def unpack(folder: Path, store: ObjectStore) -> int:
    """Store every object again; the hash is checked once more on the way. How many there were."""
    count = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = zip(listed(folder), _contents(folder), strict=True)
        while batch := list(islice(waiting, BATCH)):
            for _done in pool.map(lambda entry: _put(store, *entry), batch):
                count += 1
    return count


def _contents(folder: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted((folder / FOLDER).glob("*.tar")):
        with tarfile.open(path, "r|") as tar:
            for entry in tar:
                file = tar.extractfile(entry)
                yield entry.name, file.read() if file else b""


def _put(store: ObjectStore, wanted: tuple[str, str, int], found: tuple[str, bytes]) -> None:
    key, digest, size = wanted
    if found[0] != key or len(found[1]) != size or sha256(found[1]).hexdigest() != digest:
        raise CopyRefused(f"The object {key} is not what its list says.")
    store.put(key, found[1], "application/octet-stream")
