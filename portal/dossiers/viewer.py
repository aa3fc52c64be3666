"""One scanned page under the eyes: which one, turned and magnified how far, and what is marked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from portal.documents.models import DocumentPage
from portal.documents.services import open_object
from portal.dossiers import excerpts
from portal.dossiers.opened import Opened

TURNS = (0, 90, 180, 270)
ZOOMS = (100, 150, 200, 300)
LONGEST_TYPED = 200


@dataclass(frozen=True)
class Wanted:
    """What an address asks to see; `field` names a value that was read from the page."""

    page: str = ""
    typed: str = ""
    turn: int = 0
    zoom: int = 100
    field: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Wanted:
        """Read an address; what nobody offered becomes the usual."""
        return cls(
            page=args.get("trang", ""),
            typed=args.get("tim", "")[:LONGEST_TYPED],
            turn=_number(args.get("xoay", ""), TURNS),
            zoom=_number(args.get("co", ""), ZOOMS),
            field=args.get("o", ""),
        )

    def as_query(self) -> dict[str, str]:
        """The same as part of an address, without what is usual."""
        pairs = {
            "trang": self.page,
            "tim": self.typed,
            "xoay": str(self.turn or ""),
            "co": str(self.zoom) if self.zoom != ZOOMS[0] else "",
            "o": self.field,
        }
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True)
class View:
    """One page under the eyes, with what stands before and after it."""

    page: DocumentPage
    number: int
    total: int
    before: DocumentPage | None
    after: DocumentPage | None
    wanted: Wanted
    boxes: tuple[excerpts.Box, ...]
    words: tuple[dict[str, Any], ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the page as it is turned."""
        width, height = self.page.width_px, self.page.height_px
        return (height, width) if self.wanted.turn in (90, 270) else (width, height)

    @property
    def transform(self) -> str:
        """How the upright picture is laid into the turned frame, in the words of SVG."""
        width, height = self.page.width_px, self.page.height_px
        moved = {0: "0 0", 90: f"{height} 0", 180: f"{width} {height}", 270: f"0 {width}"}
        return f"translate({moved[self.wanted.turn]}) rotate({self.wanted.turn})"

    def at(self, page: DocumentPage) -> dict[str, str]:
        """Another page, as part of an address; what was typed goes on being marked there."""
        return replace(self.wanted, page=page.public_id, turn=0, field="").as_query()

    def turned(self, by: int) -> dict[str, str]:
        """This page turned further."""
        return self._here(turn=(self.wanted.turn + by) % 360)

    def nearer(self) -> dict[str, str] | None:
        """This page larger, as far as that goes."""
        larger = [zoom for zoom in ZOOMS if zoom > self.wanted.zoom]
        return self._here(zoom=larger[0]) if larger else None

    def farther(self) -> dict[str, str] | None:
        """This page smaller, down to the width of the frame."""
        smaller = [zoom for zoom in ZOOMS if zoom < self.wanted.zoom]
        return self._here(zoom=smaller[-1]) if smaller else None

    def _here(self, **changes: Any) -> dict[str, str]:
        return replace(self.wanted, page=self.page.public_id, **changes).as_query()


def look_at(desk: Opened, wanted: Wanted) -> View | None:
    """The page asked for, else the first; words typed or a field read from it are marked."""
    pages = desk.pages
    if not pages:
        return None
    at = next((number for number, one in enumerate(pages) if one.public_id == wanted.page), 0)
    shown = pages[at]
    words = _words(shown)
    return View(
        page=shown,
        number=at + 1,
        total=len(pages),
        before=pages[at - 1] if at else None,
        after=pages[at + 1] if at + 1 < len(pages) else None,
        wanted=wanted,
        boxes=excerpts.boxes(words, wanted.typed) + _field_boxes(shown, wanted.field),
        words=words,
    )


def _number(text: str, known: tuple[int, ...]) -> int:
    return next((number for number in known if str(number) == text), known[0])


def _words(page: DocumentPage) -> tuple[dict[str, Any], ...]:
    """The words with their places, as the reader left them beside the picture."""
    if not (page.words_key and page.words_sha256):
        return ()
    content = json.loads(open_object(page.words_key, page.words_sha256))
    return tuple(content["words"])


def _field_boxes(page: DocumentPage, mark: str) -> tuple[excerpts.Box, ...]:
    """Where a field that was read stands, if it stands on this page."""
    return tuple(
        (box[0], box[1], box[2], box[3])
        for one in page.file.fields
        if (box := one.get("box")) and one.get("name") == mark and one.get("page") == page.number
    )
