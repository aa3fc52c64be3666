"""The sheet that parts papers of a stack: what its code says, and how it looks without its code."""

import re
from dataclasses import dataclass

# Every character is of the QR code's small alphabet, so the code has few and large squares.
_MARK = "MOTCUA:TACH1:"
_NAME = r"[0-9A-Z.-]{0,40}"
_PAYLOAD = re.compile(rf"{_MARK}({_NAME}):({_NAME})")

TITLE = "TỜ PHÂN CÁCH GIẤY TỜ"

# A row of black squares along the upper and the lower edge: seen at 50 dots per inch, upside down,
# leaning, and on a sheet whose code a coffee cup stood on. Nothing else on paper looks like it.
A4_MM = (210, 297)
SQUARES = 9
SQUARE_MM = 10
PITCH_MM = 20  # from square to square
FIRST_MM = (A4_MM[0] - (SQUARES - 1) * PITCH_MM - SQUARE_MM) / 2
EDGE_MM = 9  # what no printer prints is half of it
CODE_MM = 80


@dataclass(frozen=True)
class Target:
    """Where the pages behind a separator belong; without names it only says "a new paper"."""

    dossier: str | None = None
    component: str | None = None


def payload_of(target: Target) -> str:
    """The text of the sheet's code; raises ValueError for a name that the code cannot carry."""
    text = f"{_MARK}{target.dossier or ''}:{target.component or ''}"
    if not _PAYLOAD.fullmatch(text):
        raise ValueError("a name in a separator has capital letters, digits, dots and dashes only")
    return text


def target_of(text: str) -> Target | None:
    """What a code says if it is one of ours."""
    found = _PAYLOAD.fullmatch(text)
    return Target(found[1] or None, found[2] or None) if found else None


def squares_mm() -> list[tuple[float, float]]:
    """Left upper corner of every black square of the sheet."""
    rows = (EDGE_MM, A4_MM[1] - EDGE_MM - SQUARE_MM)
    return [(FIRST_MM + PITCH_MM * i, top) for top in rows for i in range(SQUARES)]
