import pytest

from portal.dossiers.excerpts import Piece, boxes, excerpt

TEXT = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
    "ĐƠN XIN XÁC NHẬN\nTôi tên là Nguyễn Thị Mẫu, sinh ngày 05/11/1990, trú tại Diên Khánh."
)


def test_excerpt_marks_a_phrase_typed_without_diacritics() -> None:
    assert [p.text for p in excerpt(TEXT, "nguyen thi mau") if p.is_hit] == ["Nguyễn Thị Mẫu,"]


def test_excerpt_keeps_the_neighbours_of_the_hit_and_says_where_it_was_cut() -> None:
    pieces = excerpt(TEXT, "mau", around=2)
    assert pieces == (
        Piece("… ", is_hit=False),
        Piece("Nguyễn Thị ", is_hit=False),
        Piece("Mẫu,", is_hit=True),
        Piece(" sinh ngày 05/11/1990,", is_hit=False),
        Piece(" …", is_hit=False),
    )


@pytest.mark.parametrize("typed", ["05/11/1990", "5-11 1990"[1:], "dien khan", "DIÊN KHÁNH"])
def test_excerpt_finds(typed: str) -> None:
    assert any(piece.is_hit for piece in excerpt(TEXT, typed))


def test_excerpt_marks_scattered_words_when_the_phrase_stands_nowhere() -> None:
    hits = [p.text for p in excerpt(TEXT, "khanh mau") if p.is_hit]
    assert hits == ["Mẫu,", "Khánh."]


@pytest.mark.parametrize("typed", ["", "  ", "...", "không có"])
def test_excerpt_is_empty_where_nothing_stands(typed: str) -> None:
    assert excerpt("Tờ khai", typed) == ()


def test_excerpt_never_interprets_the_text_of_a_page() -> None:
    pieces = excerpt("a <script>alert(1)</script> b", "script")
    assert "".join(p.text for p in pieces) == "a <script>alert(1)</script> b"


def test_neighbouring_words_of_a_phrase_share_one_box() -> None:
    words = [
        {"text": "Nguyễn", "box": [0.1, 0.2, 0.2, 0.25], "line": 1},
        {"text": "Văn", "box": [0.2, 0.2, 0.3, 0.25], "line": 1},
        {"text": "Nguyễn", "box": [0.1, 0.4, 0.2, 0.45], "line": 2},
        {"text": "Thị", "box": [0.22, 0.41, 0.3, 0.46], "line": 2},
        {"text": "Mẫu", "box": [0.1, 0.6, 0.2, 0.65], "line": 3},
    ]
    assert boxes(words, "nguyen thi") == ((0.1, 0.4, 0.3, 0.46),)
    assert boxes(words, "nguyen thi mau") == ((0.1, 0.4, 0.3, 0.46), (0.1, 0.6, 0.2, 0.65))
    assert boxes(words, "") == ()
