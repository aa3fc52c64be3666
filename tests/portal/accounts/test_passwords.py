"""A password that a guesser would try early is refused; no other rule is made."""

import pytest

from portal.accounts.passwords import check
from portal.errors import Invalid

PERSON = ("tran.thi.buoi@buudien.test", "Trần Thị Bưởi")


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "password1234",
        "matkhau123456",
        "Matkhau@2026",
        "Mật khẩu 2026",
        "qwertyuiop12",
        "aaaaaaaaaaaaaaaaaaaa",
        "tranthibuoi1",
        "buudien.test",
        "123456789a@A",
    ],
)
def test_what_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(password, *PERSON)
    assert "dễ đoán" in str(refusal.value.sentence)


@pytest.mark.parametrize(
    "password",
    [
        "quả cam tím bay qua",
        "trời hôm nay xanh lắm",
        "only lower case letters here",
        "7 con mèo đọc báo",
        "x9$kQ2!vB7&z",
        "cá kho tộ ăn với cơm trắng " * 9,
    ],
)
def test_any_composition_will_do(password: str) -> None:
    check(password, *PERSON)
