"""Knows a separator sheet of ours when it sees one, with its code or without."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from scanning.barcode import square_of
from scanning.contract import Code
from scanning.image.squares import has_squares
from scanning.ocr.lines import Line
from scanning.page import Pixels
from scanning.separators import TITLE, Target, target_of
from vietnam.folding import fold

_TITLE = fold(TITLE)
_FEW_WORDS = 150  # of the sheet: a page that speaks about such sheets has more
_PATHS = ("/tra-cuu", "/xac-thuc")  # where the codes on papers of the portal lead


@dataclass(frozen=True)
class Sheet:
    """A page with the black squares; without a target its code could not be read."""

    target: Target | None
    codes: tuple[Code, ...]
    turned_by: float


def sheet_of(grey: Pixels) -> Sheet | None:
    """The sheet, whichever way it lies, if the page is one."""
    if not has_squares(grey):
        return None
    square = square_of(grey, lambda text: target_of(text) is not None)
    if square is None:
        return Sheet(None, (), 0.0)
    return Sheet(target_of(square.code.text), (square.code,), square.turned_by)


def is_titled_separator(lines: Sequence[Line]) -> bool:
    """Whether a page whose squares were not seen has the sheet's title in capitals."""
    if sum(len(line.words) for line in lines) > _FEW_WORDS:
        return False
    return any(line.folded.startswith(_TITLE) and line.text[:5].isupper() for line in lines)


def label_of(codes: Sequence[Code]) -> Target | None:
    """What a separator's code says that stands on a paper itself, as a label does."""
    return next((target for code in codes if (target := target_of(code.text))), None)


def own_code_of(codes: Sequence[Code]) -> str | None:
    """The code of a paper that a portal has printed: it begins another paper."""
    return next((code.text for code in codes if _is_ours(code.text)), None)


def _is_ours(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:  # a code may say anything
        return False
    is_web = address.scheme in ("http", "https") and address.path in _PATHS
    return is_web and bool(parse_qs(address.query).get("ma"))
