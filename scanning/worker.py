"""One ScanJob in, one ScanResult out: fetches, has it read in a closed room, stores, reports."""

import dataclasses
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scanning.codec import ShapeError, decode, decode_list
from scanning.contract import (
    Document,
    Engine,
    PageResult,
    ScanJob,
    ScanProgress,
    ScanResult,
    Separator,
    Signature,
    StoredObject,
)
from scanning.errors import Refused, ScanError
from scanning.limited import LimitedChild
from scanning.scratch import scratch_folder
from scanning.settings import Limits
from scanning.store import ObjectStore, new_key, open_store

OnProgress = Callable[[ScanProgress], None]

_OUTPUT = re.compile(
    r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+"
)  # names the closed room may give its files
_OUTPUT_BYTES = 1 << 30
_TYPES = {".webp": "image/webp", ".json": "application/json", ".pdf": "application/pdf"}


def run(
    job: ScanJob,
    store_url: str,
    on_progress: OnProgress,
    limits: Limits | None = None,
    *,
    page_jobs: int = 1,
) -> ScanResult:
    """Read one file of the store.

    A file that cannot be taken gives a result with verdict `refused`; `ScanError` says that the
    work failed and whether trying again may help. What `on_progress` raises ends the work and is
    passed on, so a lost lease stops the child at once. Objects are stored before they are reported,
    under new random keys: those of a try that failed are left for the sweep.
    """
    started = time.monotonic()
    store = open_store(store_url)
    data = store.get(job.source_key, job.source_sha256)
    with scratch_folder() as folder:
        (folder / "source").write_bytes(data)
        del data
        try:
            result = _Run(job, store, on_progress, folder).read(limits or job.limits, page_jobs)
        except Refused as refusal:
            result = ScanResult(job.job_id, job.lease, "refused", refusal.reason)
        except ShapeError as error:
            raise ScanError(
                "crashed", f"the reading process answered nonsense: {error}", try_again=True
            ) from error
    return dataclasses.replace(result, seconds=round(time.monotonic() - started, 2))


class _Run:
    """One try: what has been stored and reported so far."""

    def __init__(
        self, job: ScanJob, store: ObjectStore, on_progress: OnProgress, folder: Path
    ) -> None:
        self.job, self.store, self.on_progress, self.folder = job, store, on_progress, folder
        self.total = 0
        self.stored: dict[str, StoredObject] = {}
        self.pages: dict[int, PageResult] = {}

    def read(self, limits: Limits, page_jobs: int) -> ScanResult:
        """Ask the closed room and pass on what it reports."""
        out = self.folder / "out"
        out.mkdir()
        answer: dict[str, Any] = {}
        with LimitedChild(
            memory_bytes=limits.memory_bytes,
            data_bytes=limits.data_bytes * page_jobs,
            unpack_bytes=limits.unpack_bytes,
            cpu_seconds=limits.file_seconds,
        ) as child:
            for event in child.ask(
                "scan",
                seconds=limits.file_seconds,
                path=str(self.folder / "source"),
                name=self.job.source_name,
                folder=str(out),
                languages=self.job.languages,
                limits=dataclasses.asdict(limits),
                split=self.job.split,
                keep_blanks=self.job.keep_blanks,
                jobs=page_jobs,
            ):
                if event["event"] == "opened":
                    child.allow(limits.more_seconds(int(event["total"])))
                answer = event
                self._take(event)
        return self._result(answer)

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "opened":
            self.total = int(event["total"])
            self._report(None)
        elif event["event"] == "page":
            objects = {kind: self._store(name) for kind, name in event["files"].items()}
            page = decode(
                PageResult,
                event["page"] | {kind: dataclasses.asdict(o) for kind, o in objects.items()},
            )
            if page.text is not None:
                self.pages[page.number] = page
            self._report(page)

    def _report(self, page: PageResult | None) -> None:
        self.on_progress(
            ScanProgress(self.job.job_id, self.job.lease, len(self.pages), self.total, page)
        )

    def _store(self, name: str) -> StoredObject:
        """Store a file of the closed room once, however often it is named."""
        if name not in self.stored:
            path = self.folder / "out" / name
            if (
                not _OUTPUT.fullmatch(name)
                or path.is_symlink()
                or path.stat().st_size > _OUTPUT_BYTES
            ):
                raise ShapeError("a file that was not asked for")
            self.stored[name] = self.store.put(new_key(), path.read_bytes(), _TYPES[path.suffix])
            path.unlink()
        return self.stored[name]

    def _result(self, answer: dict[str, Any]) -> ScanResult:
        return ScanResult(
            job_id=self.job.job_id,
            lease=self.job.lease,
            verdict="accepted",
            reason=None,
            warnings=decode_list(str, answer["warnings"]),
            signatures=decode_list(Signature, answer["signatures"]),
            engine=decode(Engine, answer["engine"]),
            pages=tuple(self.pages[number] for number in sorted(self.pages)),
            documents=decode_list(Document, answer["documents"]),
            separators=decode_list(Separator, answer["separators"]),
            blanks_dropped=decode_list(int, answer["blanks_dropped"]),
            archive=self._store(answer["archive"]),
            searchable=self._store(answer["searchable"]),
        )
