import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vietnam import money

DIGITS = {"không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5,
          "lăm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9}  # fmt: skip
SCALES = {"nghìn": 10**3, "triệu": 10**6}


def heard(text: str) -> int:
    """Work out a spelt amount, word by word, as somebody writing it down would."""
    billions = group = total = last = 0
    for word in text.lower().removesuffix(" đồng").split():
        if word in DIGITS:
            last = DIGITS[word]
            group += last
        elif word in SCALES:
            total, group = total + group * SCALES[word], 0
        elif word == "tỷ":
            billions, total, group = (billions + total + group) * 10**9, 0, 0
        else:
            group += {"mười": 10, "mươi": last * 9, "trăm": last * 99, "linh": 0}[word]
    return billions + total + group


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (8_000, "Tám nghìn đồng"),
        (15_000, "Mười lăm nghìn đồng"),
        (21_000, "Hai mươi mốt nghìn đồng"),
        (30_500, "Ba mươi nghìn năm trăm đồng"),
        (105, "Một trăm linh năm đồng"),
        (1_234_567, "Một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy đồng"),
        (1_000_005, "Một triệu không trăm linh năm đồng"),
        (2_000_000_000, "Hai tỷ đồng"),
        (1_005_000_000_000, "Một nghìn không trăm linh năm tỷ đồng"),
    ],
)
def test_an_amount_is_spelt_as_receipts_spell_it(amount: int, words: str) -> None:
    assert money.in_words(amount) == words


@given(st.integers(min_value=0, max_value=10**15))
@example(10**9 + 5)
@example(1_000_011_000)
def test_who_hears_the_words_writes_the_same_amount(amount: int) -> None:
    assert heard(money.in_words(amount)) == amount


def test_a_negative_amount_has_no_words() -> None:
    with pytest.raises(ValueError, match="negative"):
        money.in_words(-1)


def test_figures_are_parted_by_dots() -> None:
    assert money.dong(1_234_567) == "1.234.567\u00a0đ"
    assert money.dong(0) == "0\u00a0đ"


@given(st.integers(min_value=0, max_value=10**12))
def test_written_figures_read_back(amount: int) -> None:
    assert money.parse(money.dong(amount)) == amount
    assert money.parse(str(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [("20 000đ", 20_000), ("20.000 VND", 20_000), ("1.5", None), ("-5", None), ("miễn phí", None)],
)
def test_amounts_are_read_as_people_type_them(text: str, amount: int | None) -> None:
    assert money.parse(text) == amount
