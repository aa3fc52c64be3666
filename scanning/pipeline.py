"""The order of work on one file, inside the closed room."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2

from scanning.codec import decode
from scanning.contract import Intake
from scanning.documents import documents_of
from scanning.image.load import ImageSource
from scanning.inspection import inspect_file
from scanning.ocr.tesseract import TesseractReader
from scanning.pdf.compose import compose
from scanning.pdf.read import PdfSource
from scanning.reading import Desk, SeenPage, Source
from scanning.settings import Limits
from scanning.slots import Slots, Unlimited
from scanning.watch import Watch, refusing

_BATCH = (
    8  # pages seen before they are read: thumbnails come early, and the disk holds few pictures
)

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class ScanRequest:
    """What the child is asked; paths are in a folder of the job alone."""

    path: str
    name: str
    folder: str
    languages: str
    limits: Limits
    split: bool = False
    screens: bool = True  # WebP pictures for viewers
    archive: bool = True  # the picture-only PDF besides the searchable one
    jobs: int = 1
    slots: str | None = None  # folder shared with other children that work at the same time


def scan_task(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Inspect, see, read, compose; pages are reported as they come."""
    cv2.setNumThreads(1)  # pages are the unit of parallel work
    job = decode(ScanRequest, request)
    source_path, folder = Path(job.path), Path(job.folder)
    intake = inspect_file(source_path, job.name, job.limits, pages_looked_at=job.limits.pages)
    reader = TesseractReader(job.languages, job.limits.page_seconds)
    watch = Watch(job.limits.draw_seconds, refusing(report))
    desk = Desk(_open(source_path, intake), reader, folder, job.screens, threading.Lock(), watch)
    report({"event": "opened", "total": intake.pages})
    pages = list(_work(desk, intake.pages, job, report))
    sheets = [page.sheet for page in pages]
    now = datetime.now(UTC)  # noqa: TID251 - the portal's clock is none of ours, and nothing is decided by it
    if job.archive:
        compose(sheets, folder / "archive.pdf", now, with_text=False)
    compose(sheets, folder / "searchable.pdf", now, with_text=True)
    warnings, signatures = _findings(source_path, intake, pages)
    return {
        "warnings": warnings,
        "signatures": signatures,
        "engine": asdict(reader.engine),
        "documents": [asdict(document) for document in documents_of(pages, split=job.split)],
        "archive": "archive.pdf" if job.archive else None,
        "searchable": "searchable.pdf",
    }


def _open(path: Path, intake: Intake) -> Source:
    if intake.kind == "pdf":
        return PdfSource(path)
    return ImageSource(path, intake.kind)


def _work(desk: Desk, total: int, job: ScanRequest, report: Report) -> Iterator[SeenPage]:
    """All pages in order: a few are seen, then those are read, and so on."""

    def see(number: int) -> SeenPage:
        with slots.take():
            page = desk.see(number)
        report({"event": "page", "page": asdict(page.result), "files": _files(page, job)})
        return page

    def read(page: SeenPage) -> SeenPage:
        with slots.take():
            page = desk.read(page)
        report({"event": "page", "page": asdict(page.result), "files": _files(page, job)})
        return page

    slots = Slots(Path(job.slots), job.jobs) if job.slots else Unlimited()

    with ThreadPoolExecutor(job.jobs) as pool:
        for first in range(1, total + 1, _BATCH):
            seen = list(pool.map(see, range(first, min(first + _BATCH, total + 1))))
            yield from pool.map(read, seen)


def _files(page: SeenPage, job: ScanRequest) -> dict[str, str]:
    """Names of the files that go with the page, as far as it is done."""
    if not job.screens:
        return {}
    stem = f"page-{page.result.number:04}"
    files = {"image": f"{stem}.webp", "thumb": f"{stem}-thumb.webp"}
    if page.result.text is not None:
        files["words"] = f"{stem}.words.json"
        content = {
            "number": page.result.number,
            "width_px": page.result.width_px,
            "height_px": page.result.height_px,
            "words": [word.to_dict() for word in page.words],
        }
        Path(job.folder, files["words"]).write_text(
            json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
        )
    return files


def _findings(
    path: Path, intake: Intake, pages: list[SeenPage]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Warnings about the file, and its signatures."""
    found, signatures = list(intake.warnings), []
    if "signed" in found:
        from scanning.pdf.signatures import signatures_of  # noqa: PLC0415 - half a second to import

        listed, is_broken = signatures_of(path)
        signatures = [asdict(signature) for signature in listed]
        found += ["signature_broken"] if is_broken else []
    if any(page.is_text_distrusted for page in pages):
        found.append("existing_text_distrusted")
    if any("low_resolution" in page.result.problems for page in pages):
        found.append("low_resolution")
    return found, signatures
