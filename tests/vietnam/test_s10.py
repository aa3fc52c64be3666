import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnam import s10

SERIALS = st.integers(min_value=0, max_value=99_999_999)


@pytest.mark.parametrize("number", ["EB125966888VN", "EI125556888VN"])
def test_real_item_numbers_are_valid(number: str) -> None:
    assert s10.is_valid(number)
    assert s10.make(number[:2], int(number[2:10])) == number


@given(SERIALS)
def test_every_made_number_is_valid(serial: int) -> None:
    number = s10.make("EB", serial)
    assert s10.normalise(number) == number
    assert s10.normalise(f" {number[:2].lower()} {number[2:].lower()} ") == number


@given(SERIALS, st.integers(min_value=2, max_value=9), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_of_the_serial_is_caught_unless_the_check_is_five(
    serial: int, place: int, change: int
) -> None:
    number = s10.make("RR", serial)
    wrong = (int(number[place]) + change) % 10
    spoilt = number[:place] + str(wrong) + number[place + 1 :]
    # The standard writes both 5 and 11 as 5: the one pair of remainders that may be confused.
    assert not s10.is_valid(spoilt) or number[10] == "5"


@pytest.mark.parametrize(
    "text", ["", "EB125966889VN", "EB12596688VN", "1B125966888VN", "EB1259668888N"]
)
def test_other_texts_are_no_item_number(text: str) -> None:
    assert not s10.is_valid(text)


@pytest.mark.parametrize(
    ("service", "serial"), [("E", 1), ("eb", 1), ("EB", 100_000_000), ("EB", -1)]
)
def test_no_number_is_made_outside_the_standard(service: str, serial: int) -> None:
    with pytest.raises(ValueError, match="number"):
        s10.make(service, serial)
