"""Telephone numbers of Viet Nam: one form for keeping, one for reading, one for hiding."""

import re

_NOISE = re.compile(r"[\s.\-()\u00a0]+")
_MOBILE = re.compile(r"0[35789]\d{8}")
_FIXED = re.compile(r"02\d{8,9}")
_HOTLINE = re.compile(r"1[89]00\d{4,6}")
_TWO_CITIES = ("024", "028")  # Hà Nội and Hồ Chí Minh City: three-digit area codes, all others four


def normalise(text: str) -> str | None:
    """Return the number as +84…, or None when nobody could be called on it.

    Eleven-digit mobile numbers died in 2018 and are refused; they cannot be told apart safely.
    """
    number = _national(text)
    return "+84" + number[1:] if number else None


def is_mobile(text: str) -> bool:
    """Tell whether a text message can reach this number."""
    number = _national(text)
    return number is not None and _MOBILE.fullmatch(number) is not None


def display(text: str) -> str:
    """Write 0912 345 678 or 0258 3822 123; what is not a number comes back as it was."""
    number = _national(text)
    if number is None:
        digits = _NOISE.sub("", text)
        return f"{digits[:4]} {digits[4:]}" if _HOTLINE.fullmatch(digits) else text
    if _MOBILE.fullmatch(number):
        return f"{number[:4]} {number[4:7]} {number[7:]}"
    area = 3 if number.startswith(_TWO_CITIES) else 4
    return f"{number[:area]} {number[area : area + 4]} {number[area + 4 :]}"


def mask(text: str) -> str:
    """Hide the middle of a number: 09••••678."""
    number = _national(text)
    if number is None:
        return "•" * len(text.strip())
    return number[:2] + "••••" + number[-3:]


def _national(text: str) -> str | None:
    number = _NOISE.sub("", text.strip())
    if not number.isascii():
        return None
    if number.startswith(("+84", "0084")):
        number = "0" + number.removeprefix("00").removeprefix("+")[2:].removeprefix("0")
    elif number.startswith("84") and len(number) >= 11:
        number = "0" + number[2:]
    return number if _MOBILE.fullmatch(number) or _FIXED.fullmatch(number) else None
