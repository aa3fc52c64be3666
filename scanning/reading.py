"""One page: seen first (straightened, judged, stored), then read."""

import threading
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from scanning.barcode import codes_of
from scanning.contract import PageResult
from scanning.errors import ScanError
from scanning.image.blank import Trace, shows_through, trace_of
from scanning.image.clean import clean
from scanning.image.encode import (
    read_grey,
    read_jpeg,
    without_false_colour,
    write_grey,
    write_jpeg,
    write_screen,
)
from scanning.image.glyphs import ink_of
from scanning.image.grains import without_grains
from scanning.image.light import cut_faint, flatten, grey_of
from scanning.image.orient import Lie, lie_of
from scanning.image.quality import is_bare, problems_of
from scanning.image.resize import READING_DPI, to_dpi
from scanning.image.soften import is_hard, soften
from scanning.image.turn import straighten, turn_quarters
from scanning.ocr.engine import Reader
from scanning.ocr.lines import page_lines
from scanning.ocr.plausible import is_plausible
from scanning.ocr.text import confidence_of, text_of
from scanning.page import Picture, Pixels, Word
from scanning.pdf.compose import PdfPage
from scanning.second_look import look_again
from scanning.sheets import Sheet, is_titled_separator, label_of, sheet_of
from scanning.signature import with_name_at_the_foot
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
    trace: Trace | None  # until it has been held against the other side
    is_text_distrusted: bool = False

    def against(self, other: "SeenPage") -> "SeenPage":
        """Blank after all, where its faint marks are the other side's ink shining through."""
        is_shown = self.trace and other.trace and shows_through(self.trace, other.trace)
        if not is_shown or self.words or self.result.separator:
            return self
        if self.to_read is not None:
            self.to_read.unlink()
        result = replace(self.result, blank=True, problems=("blank",), rotation_sure=True)
        return replace(self, result=result, to_read=None)


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
        sheet = sheet_of(grey_of(picture.pixels))
        trace = trace_of(picture.pixels, picture.dpi)
        if sheet is not None and sheet.target is not None:
            return self._see_sheet(number, picture, trace, sheet)
        seen = self._see_page(number, picture, words, trace)
        result = replace(seen.result, separator=sheet is not None)
        return replace(seen, result=result, is_text_distrusted=is_distrusted)

    def _see_page(self, number: int, picture: Picture, words: list[Word], trace: Trace) -> SeenPage:
        blank = trace.is_empty and not words
        lie = self._lie(picture, number, has_words=bool(words))
        upright = straighten(turn_quarters(picture.pixels, lie.turn), lie.skew)
        grey = grey_of(upright)
        reduced = to_dpi(grey, picture.dpi, READING_DPI)
        page = self._write(number, upright, picture.dpi)
        result = replace(
            _result(number, page, picture, lie.turn, lie.skew),
            rotation_sure=lie.is_sure or blank,
            blank=blank,
            problems=("blank",) if blank else _problems(grey, picture.dpi, lie, trace),
            codes=codes_of(grey, reduced),
        )
        hard = is_hard(grey_of(picture.pixels))
        to_read = None if blank or words else self._prepare(number, reduced, is_hard=hard)
        return SeenPage(result, page, to_read, words, trace)

    def _see_sheet(self, number: int, picture: Picture, trace: Trace, sheet: Sheet) -> SeenPage:
        """A separator says itself which way is up, and its words are known: it is not read."""
        quarters = round(sheet.turned_by / 90)
        turn, skew = -90 * quarters % 360, sheet.turned_by - 90 * quarters
        upright = straighten(turn_quarters(picture.pixels, turn), skew)
        page = self._write(number, upright, picture.dpi)
        result = _result(number, page, picture, turn, skew)
        result = replace(result, codes=sheet.codes, separator=True)
        return SeenPage(result, page, None, [], trace)

    def read(self, seen: SeenPage) -> SeenPage:
        """The page with its words, from the reader or from the file itself."""
        words, source = seen.words, "existing" if seen.words else "none"
        problems = seen.result.problems
        if seen.to_read is not None:
            words, source = self._read(seen, seen.to_read), "ocr"
            seen.to_read.unlink()
            if confidence_of(words) < _HOPELESS:
                words, problems = [], (*problems, "unreadable")
        separator = seen.result.separator or is_titled_separator(page_lines(0, words))
        if separator and label_of(seen.result.codes) is None and "unreadable" not in problems:
            problems = (*problems, "unreadable")
        result = replace(
            seen.result,
            text=text_of(words),
            text_source=source if words else "none",
            confidence=confidence_of(words),
            problems=problems,
            separator=separator,
        )
        sheet = replace(seen.sheet, words=words)
        return replace(seen, result=result, sheet=sheet, words=words, trace=None)

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
        if lie.is_sure:
            return lie
        if is_bare(lie.glyphs):
            return replace(lie, turn=0, skew=0.0)
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

    def _read(self, seen: SeenPage, path: Path) -> list[Word]:
        again = partial(self._words_again, path)
        words = look_again(read_grey(path), self._words(path), again)
        return with_name_at_the_foot(
            words,
            partial(read_jpeg, seen.sheet.jpeg),
            seen.sheet.dpi,
            partial(again, as_block=True),
        )

    def _words_again(
        self, path: Path, page: Pixels, dpi: int = READING_DPI, *, as_block: bool = False
    ) -> list[Word]:
        again = path.with_suffix(".again.tif")
        write_grey(again, page)
        try:
            return self._words(again, dpi, as_block=as_block)
        finally:
            again.unlink()

    def _words(self, path: Path, dpi: int = READING_DPI, *, as_block: bool = False) -> list[Word]:
        """What the reader finds; a page that cannot be read does not cost the others."""
        try:
            return self.reader.read(path, dpi, as_block=as_block)
        except ScanError as error:
            if error.code == "page_timeout":
                return []
            raise


def _result(number: int, page: PdfPage, picture: Picture, turn: int, skew: float) -> PageResult:
    """What is known of a page by its picture alone."""
    return PageResult(
        number=number,
        width_px=page.width,
        height_px=page.height,
        dpi=picture.dpi,
        dpi_source=picture.dpi_source,
        rotated_by=turn,
        rotation_sure=True,
        skew_degrees=skew,
        blank=False,
        confidence=0.0,
        problems=(),
        codes=(),
        text_source="none",
    )


def _problems(grey: Pixels, dpi: int, lie: Lie, trace: Trace) -> tuple[str, ...]:
    """Of a page with something on it; one of a few marks is light because it is nearly empty."""
    found = problems_of(grey, dpi, lie.glyphs)
    if trace.is_marked and is_bare(lie.glyphs):
        found = tuple(name for name in found if name != "too_light")
    return found if lie.is_sure else (*found, "orientation_unsure")
