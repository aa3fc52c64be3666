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
from scanning.documents import Stack, stack_of, whole_of
from scanning.errors import Refused
from scanning.inspection import inspect_file
from scanning.ocr.library import reader_of
from scanning.pdf.compose import compose
from scanning.reading import Desk, SeenPage
from scanning.settings import Limits
from scanning.slots import Slots, Unlimited
from scanning.sources import CollatedSource, Opened, open_source
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
    backs: str | None = None  # the other sides, in a stack that was turned over as a whole
    split: bool = False
    keep_blanks: bool = False
    two_sided: bool = False  # every second page is a back
    papers: bool = False  # a searchable PDF of each paper besides that of the stack
    screens: bool = True  # WebP pictures for viewers
    archive: bool = True  # the picture-only PDF besides the searchable one
    jobs: int = 1
    slots: str | None = None  # folder shared with other children that work at the same time


def scan_task(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Inspect, see, read, compose; pages are reported as they come."""
    cv2.setNumThreads(1)  # pages are the unit of parallel work
    job = decode(ScanRequest, request)
    folder = Path(job.folder)
    stacks = [_opened(Path(job.path), job.name, job.limits)]
    if job.backs:
        stacks.append(_opened(Path(job.backs), Path(job.backs).name, job.limits))
    source = CollatedSource(stacks[0].source, stacks[1].source) if job.backs else stacks[0].source
    if source.pages > job.limits.pages:
        raise Refused("too_large")
    reader = reader_of(job.languages, job.limits.page_seconds)
    watch = Watch(job.limits.draw_seconds, refusing(report))
    desk = Desk(source, reader, folder, job.screens, threading.Lock(), watch)
    report({"event": "opened", "total": source.pages})
    pages = list(_work(desk, source.pages, job, report))
    sheets = [page.sheet for page in pages]
    parted = _parted(pages, job)
    now = datetime.now(UTC)  # noqa: TID251 - the portal's clock is none of ours, and nothing is decided by it
    if job.archive:
        compose(sheets, folder / "archive.pdf", now, with_text=False)
    compose(sheets, folder / "searchable.pdf", now, with_text=True)
    papers = _papers(parted, pages, folder, now) if job.papers else []
    warnings, signatures = _findings(stacks, pages)
    return {
        "warnings": warnings,
        "signatures": signatures,
        "engine": asdict(reader.engine),
        **asdict(parted),
        "archive": "archive.pdf" if job.archive else None,
        "searchable": "searchable.pdf",
        "papers": papers,
    }


def _parted(pages: list[SeenPage], job: ScanRequest) -> Stack:
    if not job.split:
        return whole_of(pages)
    return stack_of(pages, keep_blanks=job.keep_blanks, two_sided=job.two_sided)


def _papers(parted: Stack, pages: list[SeenPage], folder: Path, now: datetime) -> list[str]:
    """Each paper by itself, under names in their order."""
    by_number = {page.result.number: page.sheet for page in pages}
    names = []
    for place, document in enumerate(parted.documents, start=1):
        names.append(f"paper-{place:03}.pdf")
        compose([by_number[n] for n in document.pages], folder / names[-1], now, with_text=True)
    return names


@dataclass(frozen=True)
class _Stack:
    """A file that came in: where it lies, what the look at it found, its pages."""

    path: Path
    intake: Intake
    source: Opened


def _opened(path: Path, name: str, limits: Limits) -> _Stack:
    intake = inspect_file(path, name, limits, pages_looked_at=limits.pages)
    return _Stack(path, intake, open_source(path, intake))


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
            yield from pool.map(read, _held_against_backs(seen))


def _held_against_backs(seen: list[SeenPage]) -> list[SeenPage]:
    """Pages whose marks only show through from a neighbour are blank.

    A sheet's two sides lie in one batch, for a batch has an even number of pages.
    """
    settled = []
    for place, page in enumerate(seen):
        for other in seen[max(0, place - 1) : place] + seen[place + 1 : place + 2]:
            page = page.against(other)  # noqa: PLW2901 - blank or not, it is the same page
        settled.append(page)
    return settled


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
    stacks: list[_Stack], pages: list[SeenPage]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Warnings about what came in, and its signatures."""
    found = list(dict.fromkeys(code for stack in stacks for code in stack.intake.warnings))
    signatures: list[dict[str, Any]] = []
    for signed in (stack for stack in stacks if "signed" in stack.intake.warnings):
        from scanning.pdf.signatures import signatures_of  # noqa: PLC0415 - half a second to import

        listed, is_broken = signatures_of(signed.path)
        signatures += [asdict(signature) for signature in listed]
        found += ["signature_broken"] if is_broken else []
    if any(page.is_text_distrusted for page in pages):
        found.append("existing_text_distrusted")
    if any("low_resolution" in page.result.problems for page in pages):
        found.append("low_resolution")
    return found, signatures
