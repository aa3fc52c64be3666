"""Reads the QR of an identity card to pre-fill a form: plain text that proves nobody's identity."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from vietnam import citizen_number, dates, names
from vietnam.citizen_number import Sex
from vietnam.dates import PartialDate
from vietnam.folding import fold

_LEAST_FIELDS = 6
_BROKEN = ("\ufffd", "?")


@dataclass(frozen=True)
class CardData:
    """What the card says; each field but the number may be missing or unreadable."""

    number: str
    old_number: str | None
    full_name: str
    born: PartialDate | None
    sex: Sex | None
    residence: str
    issued_on: date | None
    looks_broken: bool


def parse(text: str) -> CardData | None:
    """Read "number|old number|name|ddmmyyyy|sex|residence|ddmmyyyy"; later fields are ignored.

    Newer cards append fields and some scanners swallow the last ones, so the exact count means
    nothing. `looks_broken` tells that a keyboard scanner has spoilt letters on the way, and that
    the person should correct name and address by hand.
    """
    fields = [part.strip() for part in unicodedata.normalize("NFC", text).strip().split("|")]
    if len(fields) < _LEAST_FIELDS:
        return None
    number = citizen_number.parse(fields[0])
    if number is None:
        return None
    old = citizen_number.bare(fields[1]) if citizen_number.is_old(fields[1]) else None
    return CardData(
        number=number.digits,
        old_number=old,
        full_name=names.normalise(fields[2]),
        born=_born(fields[3]),
        sex={"nam": Sex.MALE, "nu": Sex.FEMALE}.get(fold(fields[4])),
        residence=" ".join(fields[5].split()),
        issued_on=dates.parse_compact(fields[6]) if len(fields) > _LEAST_FIELDS else None,
        looks_broken=any(mark in fields[2] + fields[5] for mark in _BROKEN),
    )


def _born(text: str) -> PartialDate | None:
    if len(text) == 8 and text.startswith("0000"):  # day and month unknown
        text = text[4:]
    whole = dates.parse_compact(text)
    if whole:
        return PartialDate(whole.year, whole.month, whole.day)
    return dates.parse_partial(text)
