"""Numbers of postal items after the UPU's standard S10: EB125966888VN."""

import re

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_ITEM = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})", re.ASCII)


def check_digit(serial: str) -> int:
    """Compute the ninth digit, which catches every single wrong digit a clerk may type."""
    if not re.fullmatch(r"\d{8}", serial, re.ASCII):
        raise ValueError("a serial number has eight digits")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, serial, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def make(service: str, serial: int, country: str = "VN") -> str:
    """Build an item number from its service letters and serial number."""
    digits = f"{serial:08}"
    number = f"{service}{digits}{check_digit(digits)}{country}"
    if not _ITEM.fullmatch(number):
        raise ValueError("an item number needs two capital letters before and after")
    return number


def normalise(text: str) -> str | None:
    """Return the number in capitals without spaces, or None when its check digit is wrong."""
    number = re.sub(r"\s+", "", text).upper()
    match = _ITEM.fullmatch(number)
    return number if match and check_digit(match[2]) == int(match[3]) else None


def is_valid(text: str) -> bool:
    """Tell whether a typed or scanned text is a well-formed item number."""
    return normalise(text) is not None
