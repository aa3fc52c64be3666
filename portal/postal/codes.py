"""What stands in the counter's one field: which kind of code a scanner or a hand has typed."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from vietnam import card_qr, citizen_number, dossier_code, phones, s10

_ITEM_LIKE = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}")
_LONGEST = 600


class Kind(enum.StrEnum):
    """What a typed or scanned text is."""

    NOTHING = "nothing"
    DOSSIER = "dossier"
    ITEM = "item"
    BAD_ITEM = "bad_item"
    PHONE = "phone"
    PERSON = "person"
    OTHER = "other"


@dataclass(frozen=True)
class Reading:
    """A code in the form in which it is kept; OTHER may still be a pick-up's request code."""

    kind: Kind
    value: str


def read(text: str) -> Reading:
    """Recognise a code: a scanner sends whole addresses and cards, a hand any case and spaces."""
    text = text.strip()[:_LONGEST]
    if not text:
        return Reading(Kind.NOTHING, "")
    card = card_qr.parse(text)
    if card is not None:
        return Reading(Kind.PERSON, card.number)
    if "://" in text:
        return _of_address(text)
    return _of_code(text)


def _of_address(text: str) -> Reading:
    """Take the code out of our own addresses, which our papers carry as QR."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return Reading(Kind.OTHER, text)
    codes = parse_qs(parts.query).get("ma")
    last = parts.path.rstrip("/").rpartition("/")[2]
    return _of_code(codes[0] if codes else last)


def _of_code(text: str) -> Reading:
    """Try each kind in turn; those with a check digit or a strict shape come first."""
    bare = re.sub(r"\s+", "", text).upper()
    code = dossier_code.parse(text) or next(iter(dossier_code.find(text)), None)
    person = citizen_number.parse(text)
    tried = (
        (Kind.DOSSIER, str(code) if code else None),
        (Kind.ITEM, s10.normalise(text)),
        (Kind.BAD_ITEM, bare if _ITEM_LIKE.fullmatch(bare) else None),
        (Kind.PHONE, phones.normalise(text)),
        (Kind.PERSON, person.digits if person else None),
    )
    return next((Reading(kind, value) for kind, value in tried if value), Reading(Kind.OTHER, bare))
