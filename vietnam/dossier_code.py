"""The legal code of a dossier: agency, day of sending, number of that day."""

import re
from dataclasses import dataclass
from datetime import date

_AGENCY = r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d{1,3}){0,3}"
_CODE = re.compile(rf"(?P<agency>{_AGENCY})-(?P<date>\d{{6}})-(?P<seq>\d{{4,7}})", re.ASCII)
_INSIDE = re.compile(rf"(?<![\w.-]){_CODE.pattern}(?![\w-])", re.ASCII)
_DASHES = str.maketrans("‐‑‒–—−", "------")


@dataclass(frozen=True)
class DossierCode:
    """A code taken apart; `str()` puts it together as it was."""

    agency: str
    on: date
    sequence: str

    def __str__(self) -> str:
        return f"{self.agency}-{self.on:%y%m%d}-{self.sequence}"


def parse(text: str) -> DossierCode | None:
    """Read a code as typed or scanned: any case, any dash, spaces around or inside."""
    match = _CODE.fullmatch(re.sub(r"\s+", "", text.translate(_DASHES)).upper())
    return _taken_apart(match) if match else None


def find(text: str) -> tuple[DossierCode, ...]:
    """Find every code inside a longer text, such as the text of a scanned page."""
    matches = _INSIDE.finditer(text.translate(_DASHES).upper())
    return tuple(code for match in matches if (code := _taken_apart(match)))


def make(agency: str, on: date, sequence: int) -> DossierCode:
    """Build the code for the given number of the day; at least four digits, never cut."""
    code = parse(f"{agency}-{on:%y%m%d}-{sequence:04}")
    if code is None or code.agency != agency or sequence < 1:
        raise ValueError(f"no dossier code can be built for agency {agency!r}, number {sequence}")
    return code


def _taken_apart(match: re.Match[str]) -> DossierCode | None:
    digits = match["date"]
    try:
        on = date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None
    return DossierCode(match["agency"], on, match["seq"])
