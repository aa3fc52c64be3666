"""Amounts in dong: in figures with dots, and in words as receipts must state them."""

import re

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ((10**9, "tỷ"), (10**6, "triệu"), (10**3, "nghìn"))
_AMOUNT = re.compile(r"(\d{1,3}(?:[. ]\d{3}){1,9}|\d{1,30})\s*(?:đ|đồng|vnd|vnđ)?", re.IGNORECASE)


def dong(amount: int) -> str:
    """Write 1.234.567 đ, with a space that never breaks the line."""
    return f"{amount:,}".replace(",", ".") + "\u00a0đ"


def parse(text: str) -> int | None:
    """Read an amount as people type it: 1.234.567 đ, 20 000, 20000đ."""
    match = _AMOUNT.fullmatch(text.replace("\u00a0", " ").strip())
    return int(re.sub(r"\D", "", match[1])) if match else None


def in_words(amount: int) -> str:
    """Spell an amount: "Một triệu hai trăm ba mươi tư nghìn đồng"."""
    if amount < 0:
        raise ValueError("an amount in words is never negative")
    spelt = " ".join(_number(amount)) + " đồng"
    return spelt[0].upper() + spelt[1:]


def _number(number: int, *, inside: bool = False) -> list[str]:
    """Spell a number; inside a larger one missing hundreds are said ("không trăm linh năm")."""
    if number < 1000:
        return _group(number, inside=inside)
    size, scale = next(step for step in _SCALES if number >= step[0])
    head, rest = divmod(number, size)
    spelt = [*_number(head, inside=inside), scale]
    return [*spelt, *_number(rest, inside=True)] if rest else spelt


def _group(number: int, *, inside: bool) -> list[str]:
    hundreds, below = divmod(number, 100)
    if hundreds or inside:
        spelt = [_DIGITS[hundreds], "trăm"]
        return [*spelt, *_below_hundred(below, after_hundreds=True)] if below else spelt
    return _below_hundred(below, after_hundreds=False)


def _below_hundred(number: int, *, after_hundreds: bool) -> list[str]:
    tens, unit = divmod(number, 10)
    if tens == 0:
        return ["linh", _DIGITS[unit]] if after_hundreds else [_DIGITS[unit]]
    if tens == 1:
        spelt, units = ["mười"], {5: "lăm"}
    else:
        spelt, units = [_DIGITS[tens], "mươi"], {1: "mốt", 4: "tư", 5: "lăm"}
    return [*spelt, units.get(unit, _DIGITS[unit])] if unit else spelt
