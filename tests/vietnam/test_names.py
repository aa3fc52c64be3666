import unicodedata

import pytest

from vietnam import names


def test_a_name_is_kept_in_nfc_with_single_spaces() -> None:
    spoilt = unicodedata.normalize("NFD", "  Nguyễn   Thị Mẫu ")
    assert names.normalise(spoilt) == "Nguyễn Thị Mẫu"


@pytest.mark.parametrize(
    ("text", "titled"),
    [
        ("NGUYỄN THỊ ĐẸP", "Nguyễn Thị Đẹp"),
        ("Nguyễn thị Mẫu", "Nguyễn thị Mẫu"),
        ("H'Hen Niê", "H'Hen Niê"),
        ("", ""),
    ],
)
def test_only_capitals_of_a_card_are_lowered(text: str, titled: str) -> None:
    assert names.titled(text) == titled


def test_people_sort_by_given_name_then_letters_then_tones() -> None:
    register = [
        "Trần Văn An",
        "Lê Thị Ân",
        "Bùi Ánh",
        "Đỗ Văn An",
        "Dương Thị An",
        "Ê Ban Đa",
        "Vũ Da",
    ]
    assert sorted(register, key=names.sort_key) == [
        "Dương Thị An", "Đỗ Văn An", "Trần Văn An", "Bùi Ánh", "Lê Thị Ân", "Vũ Da", "Ê Ban Đa",
    ]  # fmt: skip


def test_tones_keep_the_order_of_the_dictionary() -> None:
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(sorted(tones), key=names.sort_key) == tones


def test_case_does_not_part_a_register() -> None:
    assert names.sort_key("NGUYỄN VĂN AN") == names.sort_key("nguyễn văn an")


def test_the_given_name_stands_last() -> None:
    assert names.given_name("Nguyễn Thị  Mẫu") == "Mẫu"
    assert names.given_name("  ") == ""
