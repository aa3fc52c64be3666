"""Reads QR and bar codes; their text is data, never opened or obeyed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import zxingcpp

from scanning.contract import Code
from scanning.page import Pixels

# The code of an identity card is printed so small that it needs every dot of the scan.
_SQUARES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_STRIPES = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.ITF,
    ]
)
_FIELDS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.PDF417,
        zxingcpp.BarcodeFormat.Aztec,
    ]
)
_MOST_PIXELS = 12_000_000
_LONGEST = 2000  # a full QR code holds 2,953 bytes; a card's has about 150


def codes_of(full: Pixels, reduced: Pixels) -> tuple[Code, ...]:
    """Every code of the page once, with control characters made visible as spaces.

    Searching all of a scan's dots for stripes, light on dark too, costs ten times as much, so only
    QR codes are looked for in `full`, and the rest in the page as it is read. Stripes are printed
    along a margin too; looking for the other fields across the page costs three times as much, and
    nobody prints them so.
    """
    plain = zxingcpp.TextMode.Plain
    found = zxingcpp.read_barcodes(full, formats=_SQUARES, text_mode=plain)
    for formats, across in ((_STRIPES, True), (_FIELDS, False)):
        found += zxingcpp.read_barcodes(
            reduced,
            formats=formats,
            text_mode=plain,
            try_rotate=across,
            try_invert=False,
            try_downscale=False,
        )
    codes = (
        Code(_kind(code.format), _clean(code.text)) for code in found if code.valid and code.text
    )
    return tuple(dict.fromkeys(codes))


def _kind(form: zxingcpp.BarcodeFormat) -> str:
    return str(form).removeprefix("BarcodeFormat.").replace(" ", "")


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:_LONGEST])


@dataclass(frozen=True)
class Square:
    """A QR code and how far it is turned clockwise from upright."""

    code: Code
    turned_by: float


def square_of(page: Pixels, is_wanted: Callable[[str], bool]) -> Square | None:
    """The wanted QR code of a page that is known to bear it: tried in other sizes and clothes."""
    for picture in _clothes(page):
        for found in zxingcpp.read_barcodes(
            picture, formats=_SQUARES, text_mode=zxingcpp.TextMode.Plain
        ):
            if found.valid and is_wanted(found.text):
                return Square(Code(_kind(found.format), _clean(found.text)), found.orientation)
    return None


def _clothes(page: Pixels) -> Iterator[Pixels]:
    """As it is; smaller, which joins what a worn copy tore; larger; smooth; black and white."""
    yield page
    height, width = page.shape
    for factor in (0.5, 2.0, 0.25):
        if width * height * factor**2 < _MOST_PIXELS:
            size = (max(1, round(width * factor)), max(1, round(height * factor)))
            way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
            yield cv2.resize(page, size, interpolation=way)
    smooth = cv2.medianBlur(page, 5)
    yield smooth
    yield cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
