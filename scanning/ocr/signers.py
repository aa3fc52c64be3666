"""Finds who signed a paper of an agency: a name alone, low on the page and to the right."""

from scanning.ocr.lines import Line, Piece
from scanning.ocr.titles import Title
from vietnam.folding import fold

# Nine Vietnamese in ten bear one of these; a line of words that begins with none is no name.
_FAMILIES = (
    "nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh doan dao truong "
    "mai luong trinh lam ha cao chau to ta thai luu quach phung la ton kieu vuong dam giang tang "
    "nghiem mac khuat chu quan tong"
)
# Papers that citizens sign: there the name at the foot is the applicant's.
_BY_CITIZENS = ("don", "to_khai", "giay_uy_quyen", "giay_cam_doan", "ban_cam_ket", "so_yeu_ly_lich")


def signer_of(lines: list[Line], title: Title | None) -> Piece | None:
    """The lowest such name of the last page that has one; None for papers signed by citizens."""
    if title is None or title.kind.startswith(_BY_CITIZENS):
        return None
    for line in reversed(lines):
        if line.top > 0.4 and (piece := _name_at_the_right(line)):
            return piece
    return None


def _name_at_the_right(line: Line) -> Piece | None:
    """Of a line that runs across two columns only the right end can be the signer's name."""
    words = [word for word in line.words if word.box[0] > 0.45]
    text = " ".join(word.text for word in words)
    if not 2 <= len(words) <= 5 or not all(word.text.isalpha() for word in words):
        return None
    if not text.istitle() or not begins_like_a_name(text):
        return None
    return Piece(line.page, text, tuple(words))


def begins_like_a_name(text: str) -> bool:
    """Whether its first word is a family's name."""
    return fold(text.split(maxsplit=1)[0]) in _FAMILIES.split()
