"""Tax codes: ten checked digits, branches of them, and persons with their citizen number."""

import re
from enum import StrEnum

from vietnam import citizen_number

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_COMPANY = re.compile(r"\d{10}", re.ASCII)
_BRANCH = re.compile(r"(\d{10})-?(\d{3})", re.ASCII)


class TaxCodeKind(StrEnum):
    """Whose code it is."""

    ORGANISATION = "organisation"
    BRANCH = "branch"
    PERSON = "person"


def kind(text: str) -> TaxCodeKind | None:
    """Tell whose code this is, or None when it is no tax code.

    Since July 2025 persons and household businesses use their twelve-digit number; it has no
    check digit, so only its form is checked.
    """
    code = _bare(text)
    if _COMPANY.fullmatch(code) and _checks(code):
        return TaxCodeKind.ORGANISATION
    if (match := _BRANCH.fullmatch(code)) and _checks(match[1]) and match[2] != "000":
        return TaxCodeKind.BRANCH
    if citizen_number.parse(code):
        return TaxCodeKind.PERSON
    return None


def normalise(text: str) -> str | None:
    """Return the code as papers print it (0100109106-001), or None when it is no tax code."""
    code = _bare(text)
    found = kind(code)
    if found is TaxCodeKind.BRANCH:
        digits = code.replace("-", "")
        return f"{digits[:10]}-{digits[10:]}"
    return code if found else None


def _bare(text: str) -> str:
    return re.sub(r"[\s.\u00a0]+", "", text)


def _checks(digits: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits[:9], strict=True))
    return 10 - total % 11 == int(digits[9])
