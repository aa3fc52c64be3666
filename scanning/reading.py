"""One page: seen first (straightened, judged, stored), then read."""

import threading
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from scanning.barcode import codes_of
from scanning.contract import PageResult
from scanning.errors import ScanError
from scanning.image.clean import clean
from scanning.image.encode import (
    read_grey,
    without_false_colour,
    write_grey,
    write_jpeg,
    write_screen,
)
from scanning.image.glyphs import ink_of
from scanning.image.grains import without_grains
from scanning.image.light import cut_faint, flatten, grey_of
from scanning.image.orient import Lie, lie_of
from scanning.image.quality import is_blank, problems_of
from scanning.image.resize import READING_DPI, to_dpi
from scanning.image.soften import is_hard, soften
from scanning.image.turn import straighten, turn_quarters
from scanning.ocr.engine import Reader
from scanning.ocr.plausible import is_plausible
from scanning.ocr.text import confidence_of, text_of
from scanning.page import Picture, Pixels, Word
from scanning.pdf.compose import PdfPage
from scanning.second_look import look_again
from scanning.watch import Watch

_HOPELESS = 0.4  # mean confidence under which words are guesses at a picture, not text


class Source(Protocol):
    """A file whose pages can be had one by one."""

    pages: int

    def load(self, number: int) -> Picture:
        """Page `number`, from 1."""


@dataclass(frozen=True)
class SeenPage:
    """A page after the first look, with what reading it needs."""

    result: PageResult
    sheet: PdfPage
    to_read: Path | None  # grey picture for the reader
    words: list[Word]
    is_text_distrusted: bool


@dataclass(frozen=True)
class Desk:
    """What every page is worked on with."""

    source: Source
    reader: Reader
    folder: Path
    with_screens: bool
    lock: threading.Lock  # neither PDFium nor Pillow's open file is for two threads
    watch: Watch

    def see(self, number: int) -> SeenPage:
        """Straighten, judge and write the pictures of a page."""
        with self.lock, self.watch.over():
            picture = self.source.load(number)
            words, is_distrusted = self._own_text(number)
        lie = self._lie(picture, number, has_words=bool(words))
        upright = straighten(turn_quarters(picture.pixels, lie.turn), lie.skew)
        grey = grey_of(upright)
        reduced = to_dpi(grey, picture.dpi, READING_DPI)
        sheet = self._write(number, upright, picture.dpi)
        blank = is_blank(lie.glyphs) and not words
        problems = ("blank",) if blank else problems_of(grey, picture.dpi, lie.glyphs)
        result = PageResult(
            number=number,
            width_px=sheet.width,
            height_px=sheet.height,
            dpi=picture.dpi,
            dpi_source=picture.dpi_source,
            rotated_by=lie.turn,
            rotation_sure=lie.is_sure or blank,
            skew_degrees=lie.skew,
            blank=blank,
            confidence=0.0,
            problems=problems if lie.is_sure or blank else (*problems, "orientation_unsure"),
            codes=codes_of(grey, reduced),
            text_source="none",
        )
        hard = is_hard(grey_of(picture.pixels))
        to_read = None if blank or words else self._prepare(number, reduced, is_hard=hard)
        return SeenPage(result, sheet, to_read, words, is_distrusted)

    def read(self, seen: SeenPage) -> SeenPage:
        """The page with its words, from the reader or from the file itself."""
        words, source = seen.words, "existing" if seen.words else "none"
        problems = seen.result.problems
        if seen.to_read is not None:
            words, source = self._read(seen.to_read), "ocr"
            seen.to_read.unlink()
            if confidence_of(words) < _HOPELESS:
                words, problems = [], (*problems, "unreadable")
        result = replace(
            seen.result,
            text=text_of(words),
            text_source=source if words else "none",
            confidence=confidence_of(words),
            problems=problems,
        )
        return replace(seen, result=result, sheet=replace(seen.sheet, words=words), words=words)

    def _own_text(self, number: int) -> tuple[list[Word], bool]:
        """Text the file brings along, if it can be believed, and whether some was thrown away."""
        own_words = getattr(self.source, "words", None)
        if own_words is None:
            return [], False
        words, coverage = own_words(number)
        if is_plausible(" ".join(word.text for word in words), coverage=coverage):
            return words, False
        return [], sum(len(word.text) for word in words) > 200

    def _lie(self, picture: Picture, number: int, *, has_words: bool) -> Lie:
        lie = lie_of(ink_of(grey_of(picture.pixels), picture.dpi))
        if has_words:  # text that stands in its place says which way is up
            return replace(lie, turn=0, is_sure=True, skew=0.0)
        if lie.is_sure or is_blank(lie.glyphs):
            return lie
        return self._ask_reader(picture, lie, number)

    def _ask_reader(self, picture: Picture, lie: Lie, number: int) -> Lie:
        """The reader's own test, a second long, for pages of few or strange letters."""
        grey = to_dpi(grey_of(picture.pixels), picture.dpi, READING_DPI)
        path = self.folder / f"page-{number:04}-lie.tif"
        write_grey(path, grey)
        turn, is_sure = self.reader.turn_of(path)
        path.unlink()
        if not is_sure:
            return replace(lie, turn=0, skew=0.0) if lie.glyphs.count < 30 else lie
        if turn % 180 == lie.turn % 180:
            return replace(lie, turn=turn, is_sure=True)
        return replace(
            lie_of(ink_of(turn_quarters(grey, turn), READING_DPI)), turn=turn, is_sure=True
        )

    def _write(self, number: int, upright: Pixels, dpi: int) -> PdfPage:
        name = self.folder / f"page-{number:04}"
        kept = without_false_colour(upright)
        write_jpeg(name.with_suffix(".jpg"), kept)
        if self.with_screens:
            write_screen(name.with_suffix(".webp"), Path(f"{name}-thumb.webp"), kept, dpi)
        height, width = kept.shape[:2]
        return PdfPage(name.with_suffix(".jpg"), width, height, kept.ndim == 2, dpi)

    def _prepare(self, number: int, reduced: Pixels, *, is_hard: bool) -> Path:
        path = self.folder / f"page-{number:04}.tif"
        page = without_grains(clean(cut_faint(flatten(reduced, READING_DPI))))
        write_grey(path, soften(page) if is_hard else page)
        return path

    def _read(self, path: Path) -> list[Word]:
        return look_again(read_grey(path), self._words(path), partial(self._words_again, path))

    def _words_again(self, path: Path, page: Pixels) -> list[Word]:
        again = path.with_suffix(".again.tif")
        write_grey(again, page)
        try:
            return self._words(again)
        finally:
            again.unlink()

    def _words(self, path: Path) -> list[Word]:
        """What the reader finds; a page that cannot be read does not cost the others."""
        try:
            return self.reader.read(path, READING_DPI)
        except ScanError as error:
            if error.code == "page_timeout":
                return []
            raise
