import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vietnam.folding import cut, fold, words

VIETNAMESE = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậừửữứự ỘĐƯ", max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Trích lục", "trich luc"),
        ("ĐƯỜNG  Nguyễn\tThị\nMinh Khai", "duong nguyen thi minh khai"),
        ("Ằ ẵ ộ ữ Đ đ", "a a o u d d"),
        ("\u00d0ăng ký", "dang ky"),  # the Icelandic eth of old fonts
        ("hồ\u00adsơ", "hoso"),  # a soft hyphen is invisible, so the reader sees one word
        ("hồ\u00a0sơ", "ho so"),
        ("", ""),
        ("1.004873", "1.004873"),
    ],
)
def test_text_folds_to_plain_letters(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@example("İ")
@example("ꭰ")
@example("¨ ͅ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    folded = fold(unicodedata.normalize("NFC", text))
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(VIETNAMESE)
def test_folded_vietnamese_is_plain_ascii_in_lower_case(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.lower() == " ".join(folded.split())


@given(VIETNAMESE, VIETNAMESE)
def test_a_part_of_a_text_is_found_in_the_folded_whole(before: str, needle: str) -> None:
    assert fold(needle) in fold(f"{before} {needle.upper()}")


def test_words_part_at_punctuation() -> None:
    assert words("Số 12/ĐK: Nguyễn-Thị Mẫu, 20/3/2018.") == (
        "so", "12", "dk", "nguyen", "thi", "mau", "20", "3", "2018",
    )  # fmt: skip


@given(st.text())
def test_words_are_those_of_the_folded_text(text: str) -> None:
    assert words(fold(text)) == words(text)
    assert all(word and not word.isspace() for word in words(text))


def test_cut_text_keeps_whole_words_and_fits() -> None:
    assert cut("Nguyễn Văn Ánh", 120) == "nguyen van anh"
    assert cut("Nguyễn Văn Ánh", 11) == "nguyen van"
    assert cut("Nguyễn Văn Ánh", 10) == "nguyen van"
    assert cut("Nguyễnvănánh", 6) == "nguyen"
    assert len(cut("ﷺ" * 100, 120)) <= 120
