"""Finds the name of a paper on its first page and tells its kind."""

from dataclasses import dataclass

from scanning.ocr.lines import Line, Piece
from vietnam.folding import fold

OTHER = "khac"

# Beginnings of headings, the longer before the shorter. Kinds are their slugs.
_HEADINGS = (
    "ĐƠN ĐỀ NGHỊ",
    "ĐƠN XIN",
    "ĐƠN ĐĂNG KÝ",
    "ĐƠN KHIẾU NẠI",
    "ĐƠN TỐ CÁO",
    "TỜ KHAI",
    "TỜ TRÌNH",
    "QUYẾT ĐỊNH",
    "NGHỊ QUYẾT",
    "CHỈ THỊ",
    "THÔNG BÁO",
    "KẾ HOẠCH",
    "BÁO CÁO",
    "BIÊN BẢN",
    "BIÊN LAI",
    "HÓA ĐƠN",
    "HỢP ĐỒNG",
    "DANH SÁCH",
    "TRÍCH LỤC",
    "GIẤY KHAI SINH",
    "GIẤY CHỨNG TỬ",
    "GIẤY CHỨNG NHẬN",
    "GIẤY XÁC NHẬN",
    "GIẤY TIẾP NHẬN",
    "GIẤY ỦY QUYỀN",
    "GIẤY GIỚI THIỆU",
    "GIẤY PHÉP",
    "GIẤY MỜI",
    "GIẤY CAM ĐOAN",
    "GIẤY RA VIỆN",
    "BẢN CAM KẾT",
    "SƠ YẾU LÝ LỊCH",
    "SỔ HỘ KHẨU",
    "PHIẾU LÝ LỊCH TƯ PHÁP",
    "PHIẾU",
    "CĂN CƯỚC CÔNG DÂN",
    "CĂN CƯỚC",
    "ĐƠN",
)
_FOLDED = tuple((heading, fold(heading)) for heading in _HEADINGS)
_TOP = 0.45  # a heading stands in the upper part of the page
_CENTRED = (0.3, 0.7)


@dataclass(frozen=True)
class Title:
    """A heading and the kind of paper; `is_spelled_right` when its marks were read too."""

    kind: str
    piece: Piece
    is_spelled_right: bool


def title_of(lines: list[Line]) -> Title | None:
    """The first line of a page that is the heading of a paper we know."""
    for line in lines:
        if line.top > _TOP:
            continue
        heading = _heading_of(line)
        if heading:
            piece = line.piece(0, len(line.text.rstrip(" .,_-|")))
            return Title(fold(heading).replace(" ", "_"), piece, piece.text.startswith(heading))
    return None


def _heading_of(line: Line) -> str | None:
    letters = [c for c in line.text if c.isalpha()]
    # "QUYẾT ĐỊNH:" in the middle of a decision is no heading, nor is a sentence about one.
    if not letters or line.text.rstrip().endswith(":"):
        return None
    if sum(c.isupper() for c in letters) < 0.9 * len(letters):
        return None
    if not _CENTRED[0] <= line.middle <= _CENTRED[1]:
        return None
    for heading, folded in _FOLDED:
        if line.folded == folded or line.folded.startswith(f"{folded} "):
            return heading
    return None
