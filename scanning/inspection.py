"""Looks at a file inside the closed room and says whether it may come in."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scanning.codec import decode
from scanning.contract import Intake
from scanning.formats import CONTENT_TYPES, HEAD_BYTES, check_head
from scanning.settings import Limits

_QUICK_PAGES = 50  # of a PDF searched at upload; the scan itself looks at all of them


def inspect_task(
    request: dict[str, Any], _report: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """The child's answer to "may this come in?"."""
    limits = decode(Limits, request["limits"])
    intake = inspect_file(
        Path(request["path"]), request["name"], limits, pages_looked_at=_QUICK_PAGES
    )
    return {"intake": asdict(intake)}


def inspect_file(path: Path, name: str, limits: Limits, *, pages_looked_at: int) -> Intake:
    """Kind, pages and warnings of an acceptable file; raises `Refused` for any other."""
    kind = _kind_of_file(path, name, limits)
    if kind == "pdf":
        from scanning.pdf.inspect import check_pdf  # noqa: PLC0415 - the check must stay quick

        facts = check_pdf(path, limits, pages_looked_at=pages_looked_at)
        return Intake("accepted", None, facts.pages, kind, CONTENT_TYPES[kind], facts.warnings)
    from scanning.image.header import check_image  # noqa: PLC0415 - the check must stay quick

    return Intake("accepted", None, check_image(path, kind, limits), kind, CONTENT_TYPES[kind])


def _kind_of_file(path: Path, name: str, limits: Limits) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return check_head(head, path.stat().st_size, name, limits)
