import pytest

from vietnam import tax_code
from vietnam.tax_code import TaxCodeKind


@pytest.mark.parametrize(
    "code", ["0100109106", "0100047516", "0301464823", "0102595740", "0100684378"]
)
def test_real_codes_pass_and_no_other_last_digit_does(code: str) -> None:
    passing = [d for d in "0123456789" if tax_code.kind(code[:9] + d) is TaxCodeKind.ORGANISATION]
    assert passing == [code[9]]


@pytest.mark.parametrize(
    ("text", "normal", "kind"),
    [
        ("0100109106-001", "0100109106-001", TaxCodeKind.BRANCH),
        ("0100109106001", "0100109106-001", TaxCodeKind.BRANCH),
        ("0100 109 106", "0100109106", TaxCodeKind.ORGANISATION),
        ("082185012345", "082185012345", TaxCodeKind.PERSON),
        ("0100109106-000", None, None),
        ("0100109107-001", None, None),
        ("0100109107", None, None),
        ("", None, None),
        ("không có", None, None),
    ],
)
def test_codes_are_told_apart(text: str, normal: str | None, kind: TaxCodeKind | None) -> None:
    assert tax_code.normalise(text) == normal
    assert tax_code.kind(text) is kind


def test_a_prefix_without_a_check_digit_was_never_issued() -> None:
    # Find prefixes whose weighted sum leaves 0: their check digit would be 10.
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    prefix = next(
        p
        for p in (f"{n:09}" for n in range(100_000_000, 100_000_100))
        if sum(w * int(d) for w, d in zip(weights, p, strict=True)) % 11 == 0
    )
    assert not any(tax_code.kind(prefix + d) for d in "0123456789")
