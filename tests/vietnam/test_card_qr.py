import unicodedata
from datetime import date

import pytest

from vietnam import card_qr
from vietnam.citizen_number import Sex
from vietnam.dates import PartialDate

SAMPLE = (
    "082185012345|310123456|Nguyễn Thị Mẫu|02091985|Nữ|"
    "Ấp 3, Xã Mỹ An, Tháp Mười, Đồng Tháp|15042021"
)


def test_seven_fields_are_read() -> None:
    card = card_qr.parse(SAMPLE)
    assert card == card_qr.CardData(
        number="082185012345",
        old_number="310123456",
        full_name="Nguyễn Thị Mẫu",
        born=PartialDate(1985, 9, 2),
        sex=Sex.FEMALE,
        residence="Ấp 3, Xã Mỹ An, Tháp Mười, Đồng Tháp",
        issued_on=date(2021, 4, 15),
        looks_broken=False,
    )


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE + "|15042031|Nguyễn Văn Cha|",
        unicodedata.normalize("NFD", SAMPLE) + "\r\n",
        "  " + SAMPLE.replace("|", " | "),
    ],
)
def test_later_fields_decomposed_letters_and_spaces_change_nothing(text: str) -> None:
    assert card_qr.parse(text) == card_qr.parse(SAMPLE)


def test_a_missing_day_of_issue_and_old_number_are_no_error() -> None:
    card = card_qr.parse("056201000001||Trần Văn Thử|1950|Nam|Phường Nha Trang, Khánh Hòa")
    assert card is not None
    assert card.old_number is None
    assert card.issued_on is None
    assert card.born == PartialDate(1950)
    assert card.sex is Sex.MALE


def test_a_birth_of_which_only_the_year_is_known_is_read() -> None:
    card = card_qr.parse(SAMPLE.replace("02091985", "00001985"))
    assert card is not None
    assert card.born == PartialDate(1985)


def test_unreadable_fields_come_back_empty() -> None:
    card = card_qr.parse("056201000001||Trần Văn Thử|31021950|?|Khánh Hòa|x")
    assert card is not None
    assert (card.born, card.sex, card.issued_on) == (None, None, None)


def test_letters_spoilt_by_a_keyboard_scanner_are_noticed() -> None:
    card = card_qr.parse(SAMPLE.replace("ễ", "?"))
    assert card is not None
    assert card.looks_broken


@pytest.mark.parametrize("text", ["", "082185012345", "1|2|3|4|5|6|7", "https://example.vn/a|b"])
def test_other_codes_are_no_card(text: str) -> None:
    assert card_qr.parse(text) is None
