"""Looking a dossier up and verifying a paper: open to everyone, and nobody learns a name."""

import re

import pytest

from portal import clock, verification
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.factories.country import Country, send_extract
from tests.rig.reader import Reader

WRONG = "Mã hồ sơ hoặc khoá tra cứu chưa đúng."


def key_of(country: Country, dossier: Dossier) -> str:
    with country.app.app_context():
        return db.session.get_one(Dossier, dossier.id).lookup_key or ""


@pytest.fixture
def dossier(country: Country) -> Dossier:
    return send_extract(country, country.citizen())


def look(reader: Reader, code: str, key: str) -> Reader:
    return reader.open("/tra-cuu").send("code", code=code, key=key)


def test_code_and_key_show_the_standing_without_any_name(
    country: Country, dossier: Dossier
) -> None:
    page = look(country.visitor(), dossier.code or "", key_of(country, dossier)).page
    assert "Đến lượt bộ phận một cửa" in page
    assert "Hồ sơ đã được gửi." in page
    for private in ("Nguyễn Thị Mẫu", "Mẫu", "0900", "056185", "đường", "mau@vidu.test"):
        assert private not in page


def test_a_code_may_be_typed_in_any_case_with_spaces(country: Country, dossier: Dossier) -> None:
    code = (dossier.code or "").lower().replace("-", " – ")
    key = " ".join(key_of(country, dossier).lower())
    assert "Đến lượt bộ phận một cửa" in look(country.visitor(), code, key).page


def test_an_unknown_code_and_a_wrong_key_get_the_same_answer(
    country: Country, dossier: Dossier
) -> None:
    wrong_key = look(country.visitor(), dossier.code or "", "AAAAAA")
    unknown = look(country.visitor(), "H32.10-261122-9999", "AAAAAA")
    assert (wrong_key.status, unknown.status) == (422, 422)
    assert WRONG in wrong_key.page
    first = wrong_key.page.replace(dossier.code or "", "")
    second = unknown.page.replace("H32.10-261122-9999", "")
    assert without_token(first) == without_token(second)


def without_token(page: str) -> str:
    return re.sub(r'(csrf[_-]token"? (?:value|content)=")[^"]*', r"\1", page)


def test_an_empty_look_up_says_what_is_missing(country: Country) -> None:
    visitor = look(country.visitor(), "", "")
    assert visitor.status == 422
    assert "Nhập mã hồ sơ" in visitor.page
    assert "Nhập khoá tra cứu" in visitor.page


def test_guessing_is_slowed_down_for_a_code(country: Country, dossier: Dossier) -> None:
    visitor = country.visitor()
    answers = [look(visitor, dossier.code or "", f"AAAAA{n % 10}").status for n in range(11)]
    assert answers == [422] * 10 + [429]
    assert "quá nhiều lần" in visitor.page


def test_the_qr_of_a_paper_fills_in_the_code_and_never_the_key(
    country: Country, dossier: Dossier
) -> None:
    visitor = country.visitor().open(f"/tra-cuu?ma={dossier.code}&key=AAAAAA")
    assert visitor.form("code").values == visitor.form("code").values | {
        "code": [dossier.code],
        "key": [""],
    }


def test_a_genuine_paper_is_confirmed_and_a_changed_one_is_not(country: Country) -> None:
    with country.app.app_context():
        mark = verification.seal("receipt", "H32.10-261122-0001", clock.now())
    page = country.visitor().open(f"/xac-thuc?ma={mark}").page
    assert "Giấy này do cổng phát hành" in page
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" in page
    changed = mark.replace("0001", "0002")
    assert "Không xác thực được" in country.visitor().open(f"/xac-thuc?ma={changed}").page


def test_verification_explains_itself_without_a_mark(country: Country) -> None:
    assert "quét mã QR" in country.visitor().open("/xac-thuc").page


@pytest.mark.parametrize("mark", ["x", "a~b~c~d", "~~~", "receipt~H1~9999~" + "0" * 20, "ｘ~é~1~2"])
def test_nonsense_is_not_verified_and_breaks_nothing(country: Country, mark: str) -> None:
    visitor = country.visitor().open(f"/xac-thuc?ma={mark}")
    assert visitor.status == 200
    assert "Không xác thực được" in visitor.page
