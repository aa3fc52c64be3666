"""What the tests of the scanning module share."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanning.contract import ScanJob, ScanProgress, ScanResult
from scanning.store import ObjectStore, new_key, open_store
from scanning.worker import run


@dataclasses.dataclass
class Scanner:
    """A store in a folder, and a worker that reads from it."""

    url: str
    seen: list[ScanProgress] = dataclasses.field(default_factory=list)

    @property
    def store(self) -> ObjectStore:
        return open_store(self.url)

    def job(self, data: bytes, name: str = "don.jpg", **options: object) -> ScanJob:
        stored = self.store.put(new_key(), data, "application/octet-stream")
        return ScanJob("job-1", "lease-1", stored.key, stored.sha256, name, **options)

    def scan(self, data: bytes, name: str = "don.jpg", **options: object) -> ScanResult:
        return run(self.job(data, name, **options), self.url, self.seen.append, page_jobs=2)

    def read(self, stored) -> bytes:
        return self.store.get(stored.key, stored.sha256)


@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    return Scanner(f"file://{tmp_path}/objects")


@pytest.fixture(scope="session")
def words_found() -> Callable[[str, str], float]:
    """The share of the words of a truth that stand in a text."""

    def share(truth: str, text: str) -> float:
        wanted, found = truth.split(), set(text.split())
        return sum(word in found for word in wanted) / len(wanted)

    return share


@pytest.fixture(scope="session")
def samples() -> Path:
    """Real awkward files that are not ours to copy; SHARED_SAMPLES names their folder."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "samples"
    folder = Path(os.environ.get("SHARED_SAMPLES", beside))
    if not folder.is_dir():
        pytest.skip(f"the sample files are not at hand ({folder})")
    return folder
