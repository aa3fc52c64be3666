"""Tesseract kept in the process: its library asked directly, so that no page pays for its start.

Starting the command and loading its language data costs a sixth of the time of a page. The library
is the one the command itself is made of, so both read alike (see docs/adr/0018).
"""

import ctypes
import functools
import queue
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scanning.contract import Engine
from scanning.errors import ScanError
from scanning.ocr.engine import Reader
from scanning.ocr.tesseract import BLOCK, WHOLE_PAGE, TesseractReader, parse_table
from scanning.page import Pixels, Word

# From the folder over the command's own; the second is Debian's, with the kind of machine between.
_PLACES = ("lib/libtesseract.so.5", "lib/*/libtesseract.so.5", "lib64/libtesseract.so.5")
_INK = 160
# Changes between ink and paper along the rows. A dense page has 300,000; what has more is a picture
# in dots, of which Tesseract makes millions of pieces. The command may run out of memory by itself.
_MOST_EDGES = 1_500_000


def reader_of(languages: str, page_seconds: int) -> Reader:
    """The library beside the command, or the command where there is none.

    Whoever puts a `tesseract` of his own first on the PATH gets that one, as a library or started.
    """
    command = TesseractReader(languages, page_seconds)
    library = _library(shutil.which("tesseract"))
    return command if library is None else LibraryReader(command, library)


class LibraryReader:
    """Reads in this process; asks the command for what may only break a process of its own."""

    def __init__(self, command: TesseractReader, library: Any) -> None:
        self.command, self.library = command, library
        self.engine = Engine("tesseract", library.TessVersion().decode(), command.languages)

    def read(self, picture: Path, dpi: int, *, as_block: bool = False) -> list[Word]:
        """As the command reads; raises `ScanError` when the page takes too long."""
        with Image.open(picture) as image:
            page = np.asarray(image)
        if _edges(page) > _MOST_EDGES:
            return self.command.read(picture, dpi, as_block=as_block)
        with _engine(self.library, self.command.languages) as engine:
            engine.look_for(BLOCK if as_block else WHOLE_PAGE)
            return parse_table(engine.table(page, dpi, self.command.page_seconds))

    def turn_of(self, picture: Path) -> tuple[int, bool]:
        """The command's test: it needs other data, and is asked for few pages."""
        return self.command.turn_of(picture)


class _Tesseract:
    """One engine with its languages loaded; for one thread at a time."""

    def __init__(self, library: Any, languages: str) -> None:
        self.calls = library
        self.handle = ctypes.c_void_p(self.calls.TessBaseAPICreate())
        if self.calls.TessBaseAPIInit3(self.handle, None, languages.encode()):
            raise ScanError("engine_missing", f"no data to read {languages}", try_again=True)

    def look_for(self, mode: int) -> None:
        """How the next picture is taken apart."""
        self.calls.TessBaseAPISetPageSegMode(self.handle, mode)

    def table(self, page: Pixels, dpi: int, seconds: int) -> str:
        """The same table of words as the command's `tsv`."""
        height, width = page.shape
        # Words of the page before, maybe somebody else's, must not speak for those of this one.
        self.calls.TessBaseAPIClearAdaptiveClassifier(self.handle)
        pixels = np.ascontiguousarray(page).tobytes()
        self.calls.TessBaseAPISetImage(self.handle, pixels, width, height, 1, width)
        self.calls.TessBaseAPISetSourceResolution(self.handle, dpi)
        monitor = ctypes.c_void_p(self.calls.TessMonitorCreate())
        try:
            self.calls.TessMonitorSetDeadlineMSecs(monitor, max(1, int(seconds * 1000)))
            if self.calls.TessBaseAPIRecognize(self.handle, monitor):
                raise ScanError("page_timeout", "tesseract took too long")
            return self._take(self.calls.TessBaseAPIGetTsvText(self.handle, 0))
        finally:
            self.calls.TessMonitorDelete(monitor)
            self.calls.TessBaseAPIClear(self.handle)  # of the page; the languages stay

    def _take(self, text: int) -> str:
        try:
            return _HEAD + ctypes.string_at(text).decode("utf-8", "replace")
        finally:
            self.calls.TessDeleteText(ctypes.c_void_p(text))


_HEAD = "level\n"  # the command's table begins with a row of names, the library's does not

_idle: dict[tuple[Any, str], "queue.SimpleQueue[_Tesseract]"] = {}


@contextmanager
def _engine(library: Any, languages: str) -> Iterator[_Tesseract]:
    """One that waits from an earlier page, or a new one."""
    idle = _idle.setdefault((library, languages), queue.SimpleQueue())
    try:
        engine = idle.get_nowait()
    except queue.Empty:
        engine = _Tesseract(library, languages)
    try:
        yield engine
    finally:
        idle.put(engine)


def _edges(page: Pixels) -> int:
    ink = page < _INK
    return int(np.count_nonzero(ink[:, 1:] != ink[:, :-1]))


@functools.cache
def _library(command: str | None) -> Any:
    """The library that was installed with the command, or None."""
    if command is None:
        return None
    prefix = Path(command).parent.parent
    for place in _PLACES:
        for path in prefix.glob(place):
            try:
                return _shaped(ctypes.CDLL(str(path)))
            except (OSError, AttributeError):
                continue
    return None


def _shaped(library: Any) -> Any:
    """Pointers are longer than the numbers that are taken for granted."""
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    shapes = {
        "TessVersion": (text,),
        "TessBaseAPICreate": (pointer,),
        "TessBaseAPIInit3": (number, pointer, text, text),
        "TessBaseAPISetPageSegMode": (None, pointer, number),
        "TessBaseAPISetImage": (None, pointer, text, number, number, number, number),
        "TessBaseAPISetSourceResolution": (None, pointer, number),
        "TessMonitorCreate": (pointer,),
        "TessMonitorSetDeadlineMSecs": (None, pointer, number),
        "TessMonitorDelete": (None, pointer),
        "TessBaseAPIRecognize": (number, pointer, pointer),
        "TessBaseAPIGetTsvText": (pointer, pointer, number),
        "TessBaseAPIClear": (None, pointer),
        "TessBaseAPIClearAdaptiveClassifier": (None, pointer),
        "TessDeleteText": (None, pointer),
    }
    for name, (result, *arguments) in shapes.items():
        call = getattr(library, name)
        call.restype, call.argtypes = result, arguments
    return library
