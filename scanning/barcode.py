"""Reads QR and bar codes; their text is data, never opened or obeyed."""

import zxingcpp

from scanning.contract import Code
from scanning.page import Pixels

# The code of an identity card is printed so small that it needs every dot of the scan.
_SQUARES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_OTHERS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.ITF,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.PDF417,
        zxingcpp.BarcodeFormat.Aztec,
    ]
)
_LONGEST = 2000  # a full QR code holds 2,953 bytes; a card's has about 150


def codes_of(full: Pixels, reduced: Pixels) -> tuple[Code, ...]:
    """Every code of the page once, with control characters made visible as spaces.

    Searching all of a scan's dots for stripes, light on dark too, costs ten times as much, so only
    QR codes are looked for in `full`, and the rest in the page as it is read.
    """
    plain = zxingcpp.TextMode.Plain
    found = zxingcpp.read_barcodes(full, formats=_SQUARES, text_mode=plain)
    found += zxingcpp.read_barcodes(
        reduced, formats=_OTHERS, text_mode=plain, try_invert=False, try_downscale=False
    )
    codes = (
        Code(_kind(code.format), _clean(code.text)) for code in found if code.valid and code.text
    )
    return tuple(dict.fromkeys(codes))


def _kind(form: zxingcpp.BarcodeFormat) -> str:
    return str(form).removeprefix("BarcodeFormat.").replace(" ", "")


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:_LONGEST])
