"""Writes what came out of a file: searchable PDF, text, JSON, and pictures where wanted."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

_PAGE_KEYS = (
    "number",
    "dpi",
    "dpi_source",
    "width_px",
    "height_px",
    "rotated_by",
    "rotation_sure",
    "skew_degrees",
    "blank",
    "confidence",
    "problems",
    "codes",
    "text_source",
)


class Findings:
    """What a child has reported about one file so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[int, dict[str, Any]] = {}
        self.files: dict[int, dict[str, str]] = {}
        self.answer: dict[str, Any] = {}

    def take(self, event: dict[str, Any]) -> None:
        """Remember the latest of each page, and the answer."""
        if event["event"] == "page":
            number = event["page"]["number"]
            self.pages[number], self.files[number] = event["page"], event["files"]
        elif event["event"] == "done":
            self.answer = event

    @property
    def text(self) -> str:
        """All pages, parted by a form feed."""
        return "\f".join(self.pages[number]["text"] or "" for number in sorted(self.pages))


def publish(
    path: Path, findings: Findings, out: Path, seconds: float, more: dict[str, Any]
) -> None:
    """Write the files of an accepted input; the JSON comes last, so it vouches for the others."""
    stem = out / path.stem
    for number, files in findings.files.items():
        for kind, ending in (
            ("image", ".webp"),
            ("thumb", "-thumb.webp"),
            ("words", ".words.json"),
        ):
            if kind in files:
                _move(findings.folder / files[kind], Path(f"{stem}-{number:03}{ending}"))
    _publish_papers(findings, stem)
    _move(findings.folder / findings.answer["searchable"], Path(f"{stem}.pdf"))
    _write(Path(f"{stem}.txt"), findings.text)
    record = _record(path, seconds) | {
        "verdict": "accepted",
        "warnings": findings.answer["warnings"],
        "signatures": findings.answer["signatures"],
        "engine": findings.answer["engine"],
        "pages": [
            {key: page[key] for key in _PAGE_KEYS} for _, page in sorted(findings.pages.items())
        ],
        "documents": findings.answer["documents"],
    }
    record |= more
    _write_json(Path(f"{stem}.json"), record)


def papers_folder(stem: Path) -> Path:
    """Where the papers of a stack lie, each by itself."""
    return stem.with_name(f"{stem.name}.papers")


def _publish_papers(findings: Findings, stem: Path) -> None:
    folder, answer = papers_folder(stem), findings.answer
    _clear(folder)
    for name, document in zip(answer["papers"], answer["documents"], strict=False):
        folder.mkdir(exist_ok=True)
        target = folder / name.removeprefix("paper-")
        _move(findings.folder / name, target)
        texts = [findings.pages[number]["text"] or "" for number in document["pages"]]
        _write(target.with_suffix(".txt"), "\f".join(texts))


def _clear(folder: Path) -> None:
    """Papers of an earlier run would be taken for this stack's; other files stay."""
    for path in folder.glob("[0-9][0-9][0-9]*"):
        if path.stem.isdigit() and path.suffix in (".pdf", ".txt"):
            path.unlink()


def publish_refusal(
    path: Path, reason: str, out: Path, seconds: float, more: dict[str, Any]
) -> None:
    """Only the JSON; a PDF or text of an earlier run would be taken for this file's."""
    for ending in (".pdf", ".txt"):
        Path(f"{out / path.stem}{ending}").unlink(missing_ok=True)
    _clear(papers_folder(out / path.stem))
    record = _record(path, seconds) | {"verdict": "refused", "reason": reason} | more
    _write_json(Path(f"{out / path.stem}.json"), record)


def fingerprint(path: Path) -> dict[str, Any]:
    """Which file it was, whatever it is called tomorrow."""
    with path.open("rb") as file:
        return {"input": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _record(path: Path, seconds: float) -> dict[str, Any]:
    return fingerprint(path) | {
        "seconds": round(seconds, 2),
        "verdict": "",
        "reason": None,
        "warnings": [],
        "signatures": [],
        "engine": None,
        "pages": [],
        "documents": [],
    }


def _write_json(path: Path, record: dict[str, Any]) -> None:
    _write(path, json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _move(source: Path, target: Path) -> None:
    """Beside the target first: the working folder may lie on another disk."""
    part = target.with_name(f".{target.name}.part")
    shutil.move(source, part)
    part.replace(target)
