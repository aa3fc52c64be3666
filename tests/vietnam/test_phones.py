import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnam import phones


@pytest.mark.parametrize(
    ("text", "kept", "shown", "masked"),
    [
        ("0912 345 678", "+84912345678", "0912 345 678", "09••••678"),
        ("+84 912.345.678", "+84912345678", "0912 345 678", "09••••678"),
        ("(+84) 0912345678", "+84912345678", "0912 345 678", "09••••678"),
        ("84912345678", "+84912345678", "0912 345 678", "09••••678"),
        ("0084912345678", "+84912345678", "0912 345 678", "09••••678"),
        ("0258-3822-123", "+842583822123", "0258 3822 123", "02••••123"),
        ("024 3825 1234", "+842438251234", "024 3825 1234", "02••••234"),
    ],
)
def test_a_number_is_kept_shown_and_hidden(text: str, kept: str, shown: str, masked: str) -> None:
    assert phones.normalise(text) == kept
    assert phones.display(text) == shown
    assert phones.mask(text) == masked


@pytest.mark.parametrize("text", ["", "abc", "0123", "0161234567", "01612345678", "0912345678901"])
def test_what_nobody_can_be_called_on_is_refused(text: str) -> None:
    assert phones.normalise(text) is None
    assert phones.display(text) == text


def test_hotlines_are_shown_but_are_nobodys_number() -> None:
    assert phones.display("19001234") == "1900 1234"
    assert phones.normalise("19001234") is None


def test_only_mobiles_take_text_messages() -> None:
    assert phones.is_mobile("0912345678")
    assert not phones.is_mobile("02583822123")
    assert not phones.is_mobile("nobody")


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True))
def test_normalising_again_changes_nothing(number: str) -> None:
    kept = phones.normalise(number)
    assert kept is not None
    assert phones.normalise(kept) == kept
    assert phones.normalise(phones.display(kept)) == kept


@given(st.text(max_size=20))
def test_a_mask_never_shows_more_than_five_digits(text: str) -> None:
    assert sum(char.isdigit() for char in phones.mask(text)) <= 5
