"""Draws the pages of a PDF, and hands over the text it already carries."""

import ctypes
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from scanning.contract import Box
from scanning.errors import Refused
from scanning.page import Picture, Word

_DRAWN_DPI = 200  # for pages of letters and lines, which have no resolution of their own
_MAX_DPI = 300
_MAX_PIXELS = 20_000_000  # an A3 page at 300 dpi is 17 million
_MAX_CHARACTERS = 50_000  # a page of small print has 6,000
_COVERED = 0.5  # from this share on the page is a scan


@dataclass(frozen=True)
class _Pictures:
    """What the pictures on a page tell of it."""

    dpi: int
    coverage: float


class PdfSource:
    """The pages of one PDF; PDFium is not for several threads at once."""

    def __init__(self, path: Path) -> None:
        try:
            self.document = pdfium.PdfDocument(path)
            self.pages = len(self.document)
        except pdfium.PdfiumError:
            raise Refused("damaged") from None

    def load(self, number: int) -> Picture:
        """Page `number` (from 1) as it would be printed, annotations included; no script runs."""
        page = self._page(number)
        pictures = _pictures_of(page)
        dpi = self._dpi(page, pictures)
        bitmap = page.render(scale=dpi / 72, rev_byteorder=True, prefer_bgrx=False)
        pixels = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
        return Picture(pixels, dpi, "file" if pictures.dpi else "page_size")

    def words(self, number: int) -> tuple[list[Word], float]:
        """The page's own text, and the share of the page that pictures cover."""
        page = self._page(number)
        return _words_of(page), _pictures_of(page).coverage

    def _page(self, number: int) -> pdfium.PdfPage:
        try:
            return self.document[number - 1]
        except pdfium.PdfiumError:
            raise Refused("damaged") from None

    def _dpi(self, page: pdfium.PdfPage, pictures: _Pictures) -> int:
        dpi = pictures.dpi if pictures.coverage >= _COVERED else max(pictures.dpi, _DRAWN_DPI)
        wide, high = (max(1.0, side) / 72 for side in page.get_size())
        return max(1, int(min(dpi, _MAX_DPI, (_MAX_PIXELS / (wide * high)) ** 0.5)))


def _pictures_of(page: pdfium.PdfPage) -> _Pictures:
    wide, high = page.get_size()
    best, covered = 0.0, 0.0
    for picture in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        share = (right - left) * (top - bottom) / max(1.0, wide * high)
        covered += max(0.0, share)
        if share > 0.02:  # logos have any resolution
            across, down = picture.get_px_size()
            if page.get_rotation() % 180 and (right - left > top - bottom) != (across > down):
                across, down = down, across
            best = max(
                best, min(across / max(1.0, right - left), down / max(1.0, top - bottom)) * 72
            )
    return _Pictures(round(best), min(1.0, covered))


def _words_of(page: pdfium.PdfPage) -> list[Word]:
    """Words between the spaces and line ends that PDFium sees."""
    text = page.get_textpage()
    words: list[Word] = []
    letters: list[int] = []
    line = 0
    for index in range(min(text.count_chars(), _MAX_CHARACTERS)):
        code = pdfium_c.FPDFText_GetUnicode(text.raw, index)
        if code > 0x20 and code != 0xA0:
            letters.append(index)
            continue
        _take(words, page, text, letters, line)
        line += code in (0x0A, 0x0D)
    _take(words, page, text, letters, line)
    return words


def _take(
    words: list[Word], page: pdfium.PdfPage, text: pdfium.PdfTextPage, letters: list[int], line: int
) -> None:
    """Move the collected letters into `words` as one word."""
    if letters:
        spelled = "".join(chr(pdfium_c.FPDFText_GetUnicode(text.raw, index)) for index in letters)
        boxes = [text.get_charbox(index) for index in letters]
        box = _on_page(
            page,
            (
                min(b[0] for b in boxes),
                min(b[1] for b in boxes),
                max(b[2] for b in boxes),
                max(b[3] for b in boxes),
            ),
        )
        spelled = unicodedata.normalize(
            "NFC", spelled.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
        words.append(Word(spelled, box, 1.0, line, 0))
        letters.clear()


_GRID = 100_000  # PDFium's device pixels are whole numbers; a fine grid loses nothing


def _on_page(page: pdfium.PdfPage, bounds: tuple[float, float, float, float]) -> Box:
    """Fractions of the page as it is seen, turned and cropped."""
    corners = []
    for x, y in ((bounds[0], bounds[1]), (bounds[2], bounds[3])):
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, _GRID, _GRID, 0, x, y, across, down)
        corners.append((across.value / _GRID, down.value / _GRID))
    (a, b), (c, d) = corners
    return (_clip(min(a, c)), _clip(min(b, d)), _clip(max(a, c)), _clip(max(b, d)))


def _clip(share: float) -> float:
    return min(1.0, max(0.0, share))
