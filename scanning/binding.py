"""Binds pages that came one by one from a scanner into one file, in the closed room."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from scanning.errors import Refused, ScanError
from scanning.limited import LimitedChild
from scanning.scratch import scratch_folder
from scanning.settings import MEGABYTE

_SECONDS = 60
_MEMORY = 600 * MEGABYTE
_ASSUMED_DPI = 300  # of a scanner that does not tell


def bind(pages: Sequence[bytes], made_at: datetime) -> bytes:
    """One PDF of these JPEG pages in this order; their bytes go in as they are.

    Raises `Refused` for what is no such page, `ScanError` when the machine could not do it.
    """
    with (
        LimitedChild(memory_bytes=_MEMORY, cpu_seconds=_SECONDS, nice=0) as room,
        scratch_folder() as folder,
    ):
        paths = [folder / f"{number:04d}.jpg" for number in range(1, len(pages) + 1)]
        for path, data in zip(paths, pages, strict=True):
            path.write_bytes(data)
        target = folder / "bound.pdf"
        request = {
            "paths": [str(path) for path in paths],
            "target": str(target),
            "made_at": made_at.isoformat(),
        }
        for _event in room.ask("bind", seconds=_SECONDS, **request):
            pass
        try:
            return target.read_bytes()
        except OSError as error:
            raise ScanError("child_died", "no file was bound", try_again=True) from error


def bind_task(request: dict[str, Any], _report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The child's part: reads the head of each page and writes the file."""
    from PIL import Image  # noqa: PLC0415 - only once the limits are set

    from scanning.pdf.compose import PdfPage, compose  # noqa: PLC0415 - the same

    pages = []
    for path in map(Path, request["paths"]):
        with Image.open(path) as picture:
            if picture.format != "JPEG" or picture.mode not in ("L", "RGB"):
                raise Refused("unsupported")
            dpi = round(picture.info.get("dpi", (0, 0))[0]) or _ASSUMED_DPI
            pages.append(PdfPage(path, *picture.size, is_grey=picture.mode == "L", dpi=dpi))
    made_at = datetime.fromisoformat(request["made_at"])
    compose(pages, Path(request["target"]), made_at, with_text=False)
    return {"pages": len(pages)}
