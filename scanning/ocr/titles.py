"""Finds the name of a paper on its first page and tells its kind."""

from dataclasses import dataclass

from scanning.ocr.lines import Line, Piece

OTHER = "khac"

# Folded beginnings of headings, the longer before the shorter. Kinds are slugs of the headings.
_HEADINGS = (
    "don de nghi",
    "don xin",
    "don dang ky",
    "don khieu nai",
    "don to cao",
    "to khai",
    "to trinh",
    "quyet dinh",
    "nghi quyet",
    "chi thi",
    "thong bao",
    "ke hoach",
    "bao cao",
    "bien ban",
    "bien lai",
    "hoa don",
    "hop dong",
    "danh sach",
    "trich luc",
    "giay khai sinh",
    "giay chung tu",
    "giay chung nhan",
    "giay xac nhan",
    "giay tiep nhan",
    "giay uy quyen",
    "giay gioi thieu",
    "giay phep",
    "giay moi",
    "giay cam doan",
    "giay ra vien",
    "ban cam ket",
    "so yeu ly lich",
    "so ho khau",
    "phieu ly lich tu phap",
    "phieu",
    "can cuoc cong dan",
    "can cuoc",
    "don",
)
_TOP = 0.45  # a heading stands in the upper part of the page
_CENTRED = (0.3, 0.7)


@dataclass(frozen=True)
class Title:
    """A heading and what kind of paper it begins."""

    kind: str
    piece: Piece


def title_of(lines: list[Line]) -> Title | None:
    """The first line of a page that is the heading of a paper we know."""
    for line in lines:
        if line.top > _TOP:
            continue
        kind = _kind_of(line)
        if kind:
            end = len(line.text.rstrip(" .,_-|"))
            return Title(kind, line.piece(0, end))
    return None


def _kind_of(line: Line) -> str | None:
    letters = [c for c in line.text if c.isalpha()]
    # "QUYẾT ĐỊNH:" in the middle of a decision is no heading, nor is a sentence about one.
    if not letters or line.text.rstrip().endswith(":"):
        return None
    if sum(c.isupper() for c in letters) < 0.9 * len(letters):
        return None
    if not _CENTRED[0] <= line.middle <= _CENTRED[1]:
        return None
    for heading in _HEADINGS:
        if line.folded == heading or line.folded.startswith(f"{heading} "):
            return heading.replace(" ", "_")
    return None
