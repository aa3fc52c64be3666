"""Reads QR and bar codes; their text is data, never opened or obeyed."""

import zxingcpp

from scanning.contract import Code
from scanning.page import Pixels

_LONGEST = 2000  # a full QR code holds 2,953 bytes; a card's has about 150


def codes_of(grey: Pixels) -> tuple[Code, ...]:
    """Every code of the page once, with control characters made visible as spaces."""
    found = zxingcpp.read_barcodes(grey)
    codes = (
        Code(_kind(code.format), _clean(code.text)) for code in found if code.valid and code.text
    )
    return tuple(dict.fromkeys(codes))


def _kind(form: zxingcpp.BarcodeFormat) -> str:
    return str(form).removeprefix("BarcodeFormat.").replace(" ", "")


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:_LONGEST])
