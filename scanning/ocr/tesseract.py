"""Tesseract through pytesseract: one call a page gives words, places and confidence."""

import functools
import unicodedata
from pathlib import Path

import pytesseract

from scanning.contract import Engine
from scanning.errors import ScanError
from scanning.page import Word

WHOLE_PAGE, BLOCK = 3, 6  # how Tesseract takes a picture apart
_RULES = "_|¦"  # what the rules beside a word of a table are read as
_SURE_SIGN = 0.7  # a sign alone that is less sure is a grain or a piece of a seal
_SURE_TURN = 2.0  # OCRmyPDF's cautious 14 leaves turned pages turned although it saw them


class TesseractReader:
    """Reads with the languages given; a page that takes too long raises `ScanError`."""

    def __init__(self, languages: str, page_seconds: int) -> None:
        self.languages = languages
        self.page_seconds = page_seconds

    @functools.cached_property
    def engine(self) -> Engine:
        """Asked of the program itself."""
        return Engine("tesseract", installed_version(), self.languages)

    def read(self, picture: Path, dpi: int, *, as_block: bool = False) -> list[Word]:
        """Words from the program's table; there is no second pass for the text."""
        try:
            table = pytesseract.image_to_data(
                str(picture),
                lang=self.languages,
                config=f"--dpi {dpi} --psm {BLOCK if as_block else WHOLE_PAGE}",
                timeout=self.page_seconds,
                output_type=pytesseract.Output.BYTES,
            )
        except pytesseract.TesseractNotFoundError:
            raise _missing() from None
        except pytesseract.TesseractError as error:
            raise ScanError(
                "engine_failed", f"tesseract ended with {error.status}", try_again=True
            ) from None
        except RuntimeError:  # pytesseract's way to say that the time is up
            raise ScanError("page_timeout", "tesseract took too long") from None
        return parse_table(table.decode("utf-8", "replace"))

    def turn_of(self, picture: Path) -> tuple[int, bool]:
        """Tesseract's own orientation test; a second long, so asked only when our own is unsure."""
        try:
            found = pytesseract.image_to_osd(
                str(picture),
                config="--psm 0",
                timeout=self.page_seconds,
                output_type=pytesseract.Output.DICT,
            )
        except pytesseract.TesseractNotFoundError:
            raise _missing() from None
        except (pytesseract.TesseractError, RuntimeError, KeyError, ValueError):
            return 0, False  # too few letters, or no data for the test: then nothing is known
        return int(found["rotate"]), float(found["orientation_conf"]) >= _SURE_TURN


def parse_table(table: str) -> list[Word]:
    """Words of Tesseract's TSV; text in NFC, without what it makes of rules and grains."""
    words = []
    width = height = 1
    lines: dict[tuple[str, ...], int] = {}
    for row in table.splitlines()[1:]:
        cells = row.split("\t", 11)
        if cells[0] == "1":  # the page itself
            width, height = int(cells[8]), int(cells[9])
        if len(cells) < 12 or cells[0] != "5":
            continue
        text, confidence = cells[11].strip().strip(_RULES), max(0.0, float(cells[10])) / 100
        if not text or (confidence < _SURE_SIGN and not any(map(str.isalnum, text))):
            continue
        left, top, wide, high = (int(cell) for cell in cells[6:10])
        line = lines.setdefault(tuple(cells[1:5]), len(lines))
        words.append(
            Word(
                text=unicodedata.normalize("NFC", text),
                box=(left / width, top / height, (left + wide) / width, (top + high) / height),
                confidence=round(confidence, 3),
                line=line,
                block=int(cells[2]) * 1000 + int(cells[3]),
            )
        )
    return words


@functools.cache
def installed_version() -> str:
    """Such as 5.3.0; raises `ScanError` when the program is not there."""
    try:
        return str(pytesseract.get_tesseract_version()).splitlines()[0]
    except (pytesseract.TesseractNotFoundError, SystemExit):
        raise _missing() from None


@functools.cache
def installed_languages() -> frozenset[str]:
    """Codes of the language data on this machine."""
    try:
        return frozenset(pytesseract.get_languages(config=""))
    except pytesseract.TesseractNotFoundError:
        raise _missing() from None


def _missing() -> ScanError:
    return ScanError("engine_missing", "tesseract is not installed", try_again=True)
