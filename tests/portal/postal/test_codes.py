"""The one field of the counter understands everything that is printed or spoken."""

import pytest

from portal.postal.codes import Kind, Reading, read
from vietnam import s10

DOSSIER = "H32.10-261120-0001"
ITEM = s10.make("RH", 12)


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("", Kind.NOTHING, ""),
        ("   ", Kind.NOTHING, ""),
        (DOSSIER, Kind.DOSSIER, DOSSIER),
        (" h32.10–261120–0001 ", Kind.DOSSIER, DOSSIER),
        (f"https://motcua.test/tra-cuu?ma={DOSSIER}", Kind.DOSSIER, DOSSIER),
        (f"http://127.0.0.1:8000/tra-cuu?ma={DOSSIER}&khoa=ABC234", Kind.DOSSIER, DOSSIER),
        (f"Mã hồ sơ: {DOSSIER}", Kind.DOSSIER, DOSSIER),
        (ITEM, Kind.ITEM, ITEM),
        (f"{ITEM[:2]} {ITEM[2:6]} {ITEM[6:]}".lower(), Kind.ITEM, ITEM),
        (f"https://motcua.test/tra-cuu?ma={ITEM}", Kind.ITEM, ITEM),
        ("RH000000121VN", Kind.BAD_ITEM, "RH000000121VN"),
        ("0912 345 678", Kind.PHONE, "+84912345678"),
        ("+84 912 345 678", Kind.PHONE, "+84912345678"),
        ("056199000123", Kind.PERSON, "056199000123"),
        (
            "056199000123||NGUYỄN THỊ MẪU|01011999|Nữ|Phường Nha Trang|01012022",
            Kind.PERSON,
            "056199000123",
        ),
        ("tg-7k2m9q", Kind.OTHER, "TG-7K2M9Q"),
        ("https://motcua.test/thu-gom/TG-7K2M9Q", Kind.OTHER, "TG-7K2M9Q"),
        ("http://[", Kind.OTHER, "http://["),
        ("không phải mã", Kind.OTHER, "KHÔNGPHẢIMÃ"),
    ],
)
def test_a_code_is_recognised(typed: str, kind: Kind, value: str) -> None:
    assert read(typed) == Reading(kind, value)


def test_a_text_without_end_is_cut() -> None:
    assert len(read("X" * 100_000).value) <= 600
