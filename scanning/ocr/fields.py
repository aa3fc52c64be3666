"""Takes from a paper what officers type again and again: who, which number, which date.

A value is what stands on the paper. A check that fails lowers nothing but our trust: the value is
marked for review and stays as it was read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from scanning.contract import Field
from scanning.ocr.lines import Line, Piece
from scanning.ocr.people import is_table_head, people_of
from scanning.ocr.signers import signer_of
from scanning.ocr.titles import Title
from vietnam import citizen_number, dates, dossier_code

_MARGIN = 0.85  # of the page: a line that reaches it may go on in the next
_SURE = 0.85  # of Tesseract's worst word in the value; below it one value in four was wrong

# A value ends where the next label of the same line begins.
_NEXT_LABEL = re.compile(
    r"\s*(?:[;]|\b(?:gioi tinh|dan toc|quoc tich|so dien thoai|dien thoai|email|sinh ngay|sinh nam"
    r"|nam sinh|ngay sinh|ngay cap|noi cap|nghe nghiep|so cccd|so cmnd|so can cuoc"
    r"|so dinh danh)\b).*"
)
_NAME = re.compile(r"[^\W\d_]+(?:\s+[^\W\d_]+){1,5}")
_NUMBER = re.compile(r"\d{12}")
_DAY = re.compile(r"\d{1,2}\s?[/.\-]\s?\d{1,2}\s?[/.\-]\s?\d{4}")
_LONG_DAY = re.compile(r"ngay\s+(\S{1,3})\s+thang\s+(\S{1,3})\s+nam\s+(\d{4})")
_DOCUMENT_NUMBER = re.compile(r"\d+(?:/[0-9A-ZĐƯƠ]+(?:[-.][0-9A-ZĐƯƠ&]+)*)+|[0-9]{2}[A-Z0-9]{6,}")


@dataclass(frozen=True)
class _Rule:
    """A label, and what a right value looks like."""

    name: str
    label: re.Pattern[str]
    check: Callable[[str], bool]
    take: re.Pattern[str] | None = None  # only this part of what follows the label


def _label(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[^a-z])(?:{pattern})\s*[:;.]?\s*:?\s*")


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and (text.istitle() or text.isupper())


def _is_day(text: str) -> bool:
    return dates.parse(text.replace(" ", "")) is not None


def _is_address(text: str) -> bool:
    return len(text) >= 10 and "," in text


_RULES = (
    _Rule("child_name", _label(r"^ho,? chu dem,? ten\s*:"), _is_name),
    _Rule(
        "full_name",
        _label(
            r"toi ten la|ten toi la|(?<!ro )ho va ten|(?<!ro )ho ten"
            r"|ho,? chu dem,? ten(?: nguoi yeu cau)?|tiep nhan ho so cua|kinh gui\s*: ong \(ba\)"
        ),
        _is_name,
    ),
    _Rule(
        "date_of_birth",
        _label(r"sinh ngay|ngay sinh|ngay,? thang,? nam sinh"),
        _is_day,
        _DAY,
    ),
    _Rule(
        "address",
        _label(
            r"dia chi(?: thuong tru| lien he)?|noi cu tru|noi thuong tru|thuong tru tai"
            r"|dia diem kinh doanh|noi dang ky ho khau thuong tru"
        ),
        _is_address,
    ),
    _Rule(
        "amount",
        _label(r"tong so tien|tong cong|so tien|le phi da nop"),
        lambda text: re.fullmatch(r"\d{1,3}(?:\.\d{3})*", text) is not None,
        re.compile(r"\d[\d.]*\d"),
    ),
)
_ID_LABEL = re.compile(r"cccd|cmnd|can cuoc|dinh danh|chung thuc ca nhan|giay to tuy than")


def fields_of(lines: list[Line], title: Title | None) -> tuple[Field, ...]:
    """Each field at most once, further numbers of citizens numbered from 2."""
    found: dict[str, Field] = {}
    if title is not None:
        found["document_type"] = _field(
            "document_type", title.piece, is_right=title.is_spelled_right
        )
    is_birth = title is not None and "khai sinh" in title.piece.text.lower()
    for line, following in zip_longest(lines, lines[1:]):
        for field in _in_line(line, following, is_birth=is_birth):
            found.setdefault(field.name, field)
    for name, piece in people_of(lines):
        found.setdefault(name, _field(name, piece, is_right=False))
    if (signer := signer_of(lines, title)) is not None:
        found["signer"] = _field("signer", signer, is_right=True)
    for number, field in enumerate(_citizen_numbers(lines, found.get("date_of_birth")), start=1):
        name = "id_number" if number == 1 else f"id_number_{number}"
        found[name] = Field(
            name, field.value, field.page, field.box, field.confidence, field.needs_review
        )
    return tuple(found.values())


def _in_line(line: Line, following: Line | None, *, is_birth: bool) -> Iterator[Field]:
    for rule in () if is_table_head(line) else _RULES:
        if rule.name == "child_name" and not is_birth:
            continue
        match = rule.label.search(line.folded)
        if match and (piece := _value(line, match.end(), rule) or _below(line, following, rule)):
            piece, is_whole = _continued(line, following, piece)
            yield _field(rule.name, piece, is_right=is_whole and rule.check(piece.text))
            if rule.name == "child_name":
                return  # the same label must not name the applicant too
    yield from _dossier_codes(line)
    yield from _document_numbers(line)
    yield from _issue_dates(line)


def _value(line: Line, start: int, rule: _Rule) -> Piece | None:
    end = len(line.text)
    if rule.take is not None:
        match = rule.take.search(line.text, start)
        return line.piece(*match.span()) if match else None
    if stop := _NEXT_LABEL.search(line.folded, start):
        end = stop.start()
    value = line.text[start:end].strip(" .,:;_|-…")
    if not value:
        return None
    start = line.text.index(value, start)
    return line.piece(start, start + len(value))


def _below(line: Line, following: Line | None, rule: _Rule) -> Piece | None:
    """The next line, where a label ends its own with a colon and that line is all value."""
    if following is None or following.page != line.page or not line.text.endswith(":"):
        return None
    return following.piece(0, len(following.text)) if rule.check(following.text) else None


def _continued(line: Line, following: Line | None, piece: Piece) -> tuple[Piece, bool]:
    """A value that runs to the margin may go on below: join what plainly belongs to it.

    Returns whether the value is thought to be whole.
    """
    if following is None or not line.text.endswith(piece.text) or line.right < _MARGIN:
        return piece, True
    if following.page != line.page or len(following.words) > 3 or following.left > line.left + 0.1:
        return piece, False
    if re.search(r"[:\d]", following.text) or not following.text.istitle():
        return piece, False
    return Piece(piece.page, f"{piece.text} {following.text}", piece.words + following.words), True


def _dossier_codes(line: Line) -> Iterator[Field]:
    for code in dossier_code.find(line.text):
        start = line.text.upper().find(str(code))
        if start >= 0:
            yield _field("dossier_code", line.piece(start, start + len(str(code))), is_right=True)


def _document_numbers(line: Line) -> Iterator[Field]:
    """As in "Số: 917/TB-SXD" at the head of a line in the upper part; often written by hand."""
    match = re.match(r"so\s*[:;.]\s*", line.folded)
    if match is None or line.top > 0.5:
        return
    end = line.text.find(" ", match.end())
    piece = line.piece(match.end(), end if end >= 0 else len(line.text))
    if piece.text and not _NUMBER.fullmatch(piece.text):
        yield _field(
            "document_number", piece, is_right=bool(_DOCUMENT_NUMBER.fullmatch(piece.text))
        )


def _issue_dates(line: Line) -> Iterator[Field]:
    """As in "Đồng Tháp, ngày 08 tháng 7 năm 2019": behind a place, never in a sentence."""
    match = _LONG_DAY.search(line.folded)
    if match is None or not re.search(r", $", line.folded[: match.start()]):
        return
    day = "/".join((match[1].zfill(2), match[2].zfill(2), match[3]))
    piece = line.piece(*match.span())
    is_right = _is_day(day)
    value = day if is_right else piece.text
    yield _field("issued_on", Piece(piece.page, value, piece.words), is_right=is_right)


def _citizen_numbers(lines: list[Line], born: Field | None) -> Iterator[Field]:
    """Numbers behind their label; on papers without one, the first two that stand alone."""
    labelled: list[Piece] = []
    alone: list[Piece] = []
    for line in lines:
        for match in _NUMBER.finditer(line.text):
            if re.search(r"[\w.\-]$", line.text[: match.start()]) or re.match(
                r"\w", line.text[match.end() :]
            ):
                continue
            is_labelled = bool(_ID_LABEL.search(line.folded[: match.start()]))
            (labelled if is_labelled else alone).append(line.piece(*match.span()))
    for piece in labelled:
        yield _field(
            "id_number", piece, is_right=_fits(piece.text, born if piece is labelled[0] else None)
        )
    if not labelled:
        yield from (_field("id_number", piece, is_right=False) for piece in alone[:2])


def _fits(number: str, born: Field | None) -> bool:
    parsed = citizen_number.parse(number)
    day = dates.parse(born.value.replace(" ", "")) if born else None
    return parsed is not None and not parsed.doubts(birth_year=day.year if day else None)


def _field(name: str, piece: Piece, *, is_right: bool) -> Field:
    sure = is_right and piece.confidence >= _SURE
    return Field(
        name, piece.text, piece.page, piece.box, round(piece.confidence, 3), needs_review=not sure
    )
