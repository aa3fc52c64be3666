"""Finds who signed a paper of an agency: a name alone, low on the page and to the right."""

from scanning.ocr.lines import Line, Piece
from scanning.ocr.names import is_name
from scanning.ocr.titles import Title

# Papers that citizens sign: there the name at the foot is the applicant's.
_BY_CITIZENS = ("don", "to_khai", "giay_uy_quyen", "giay_cam_doan", "ban_cam_ket", "so_yeu_ly_lich")


def signer_of(lines: list[Line], title: Title | None) -> Piece | None:
    """The lowest such name of the last page that has one; None for papers signed by citizens."""
    if title is None or is_by_citizens(title):
        return None
    return name_at_the_foot(lines)


def is_by_citizens(title: Title) -> bool:
    """Whether the name at its foot is the applicant's."""
    return title.kind.startswith(_BY_CITIZENS)


def name_at_the_foot(lines: list[Line]) -> Piece | None:
    """The lowest name that stands alone at the right."""
    for line in reversed(lines):
        if line.top > 0.4 and (piece := _name_at_the_right(line)):
            return piece
    return None


def _name_at_the_right(line: Line) -> Piece | None:
    """Of a line that runs across two columns only the right end can be the signer's name."""
    words = [word for word in line.words if word.box[0] > 0.45]
    texts = [word.text for word in words]
    return Piece(line.page, " ".join(texts), tuple(words)) if is_name(texts) else None
