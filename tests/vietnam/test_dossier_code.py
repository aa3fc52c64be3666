from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnam import dossier_code
from vietnam.dossier_code import DossierCode


@pytest.mark.parametrize(
    "code",
    [
        "000.00.12.H62-201105-0004",
        "G22.99-251225-020175",
        "G22.99.08-260921-896048",
        "G22.99.09-240114-0001",
        "H20.34.12-261122-0007",
    ],
)
def test_real_codes_come_apart_and_together(code: str) -> None:
    parsed = dossier_code.parse(code)
    assert parsed is not None
    assert str(parsed) == code


@pytest.mark.parametrize(
    "text", [" h20.34.12-261122-0007\n", "H20.34.12 – 261122 – 0007", "h20.34.12−261122−0007"]
)
def test_a_code_is_read_however_it_was_typed(text: str) -> None:
    assert dossier_code.parse(text) == DossierCode("H20.34.12", date(2026, 11, 22), "0007")


@pytest.mark.parametrize(
    "text",
    ["", "H20-261122-7", "H20-261322-0007", "20.H-261122-0007", "H20.34.12.1.1-261122-0007",
     "H20-261122-00000007"],
)  # fmt: skip
def test_other_texts_are_no_code(text: str) -> None:
    assert dossier_code.parse(text) is None


@given(
    st.sampled_from(["H56", "H56.12", "000.00.12.H62", "G22.99.08"]),
    st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)),
    st.integers(min_value=1, max_value=9_999_999),
)
def test_every_made_code_parses_back(agency: str, on: date, sequence: int) -> None:
    code = dossier_code.make(agency, on, sequence)
    assert dossier_code.parse(str(code)) == code
    assert int(code.sequence) == sequence
    assert dossier_code.find(f"Mã hồ sơ: {code}. Ngày nhận") == (code,)


@pytest.mark.parametrize(
    ("agency", "sequence"), [("h56", 1), ("56", 1), ("H56", 0), ("H56", 10_000_000), ("H56-1", 1)]
)
def test_no_code_is_made_that_could_not_be_read(agency: str, sequence: int) -> None:
    with pytest.raises(ValueError, match="no dossier code"):
        dossier_code.make(agency, date(2026, 11, 22), sequence)


def test_codes_are_found_only_where_they_stand_alone() -> None:
    text = "Mã: H20.34.12-261122-0007, H20-261122-0008; XH20-261122-0009 H20-261122-0010-1"
    assert [str(code) for code in dossier_code.find(text)] == [
        "H20.34.12-261122-0007", "H20-261122-0008",
    ]  # fmt: skip
