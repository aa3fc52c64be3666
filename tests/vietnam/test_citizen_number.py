import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnam import citizen_number
from vietnam.citizen_number import Doubt, Sex

DIGITS = st.text(alphabet="0123456789", min_size=12, max_size=12)


@pytest.mark.parametrize(
    ("text", "sex", "year", "province"),
    [
        ("082185012345", Sex.FEMALE, 1985, "Tiền Giang"),
        ("001 090 001 234", Sex.MALE, 1990, "Hà Nội"),
        ("056-303.000.001", Sex.FEMALE, 2003, "Khánh Hòa"),
        ("024201000001", Sex.MALE, 2001, "Bắc Giang"),
        ("999409000001", Sex.MALE, 2109, None),
    ],
)
def test_digits_tell_sex_year_and_province(
    text: str, sex: Sex, year: int, province: str | None
) -> None:
    number = citizen_number.parse(text)
    assert number is not None
    assert (number.sex, number.birth_year, number.province) == (sex, year, province)


@pytest.mark.parametrize(
    "text", ["", "123456789", "08218501234", "0821850123456", "08218501234a", "٠" * 12, "²" * 12]
)
def test_anything_but_twelve_digits_is_no_number(text: str) -> None:
    assert citizen_number.parse(text) is None


@given(DIGITS)
def test_every_twelve_digits_are_accepted_whatever_they_say(digits: str) -> None:
    number = citizen_number.parse(digits)
    assert number is not None
    assert number.digits == digits


def test_differences_from_what_was_stated_are_doubts() -> None:
    number = citizen_number.parse("997185012345")
    assert number is not None
    assert number.doubts(sex=Sex.MALE, birth_year=1986) == (
        Doubt.UNKNOWN_PROVINCE, Doubt.OTHER_SEX, Doubt.OTHER_BIRTH_YEAR,
    )  # fmt: skip


def test_a_number_that_agrees_raises_no_doubt() -> None:
    number = citizen_number.parse("056185012345")
    assert number is not None
    assert number.doubts(sex=Sex.FEMALE, birth_year=1985) == ()
    assert number.doubts() == ()


def test_sixty_three_provinces_are_known() -> None:
    assert len(citizen_number.PROVINCES) == 63
    assert len(set(citizen_number.PROVINCES.values())) == 63


def test_nine_digits_are_the_old_card() -> None:
    assert citizen_number.is_old("310 123 456")
    assert not citizen_number.is_old("082185012345")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("001212343456", "0012••••3456"),
        ("310123456", "31•••••56"),
        ("C1234567", "C1••••67"),
        ("12345", "•••••"),
        ("", ""),
    ],
)
def test_the_middle_is_hidden(text: str, masked: str) -> None:
    assert citizen_number.mask(text) == masked
