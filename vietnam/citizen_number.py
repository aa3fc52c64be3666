"""Reads the twelve digits of a citizen's number: format only, for it carries no check digit."""

import re
from dataclasses import dataclass
from enum import StrEnum

# Provinces of birth registration by the old 63 units; numbers are never issued anew after mergers.
PROVINCES = {
    "001": "Hà Nội",
    "002": "Hà Giang",
    "004": "Cao Bằng",
    "006": "Bắc Kạn",
    "008": "Tuyên Quang",
    "010": "Lào Cai",
    "011": "Điện Biên",
    "012": "Lai Châu",
    "014": "Sơn La",
    "015": "Yên Bái",
    "017": "Hòa Bình",
    "019": "Thái Nguyên",
    "020": "Lạng Sơn",
    "022": "Quảng Ninh",
    "024": "Bắc Giang",
    "025": "Phú Thọ",
    "026": "Vĩnh Phúc",
    "027": "Bắc Ninh",
    "030": "Hải Dương",
    "031": "Hải Phòng",
    "033": "Hưng Yên",
    "034": "Thái Bình",
    "035": "Hà Nam",
    "036": "Nam Định",
    "037": "Ninh Bình",
    "038": "Thanh Hóa",
    "040": "Nghệ An",
    "042": "Hà Tĩnh",
    "044": "Quảng Bình",
    "045": "Quảng Trị",
    "046": "Thừa Thiên Huế",
    "048": "Đà Nẵng",
    "049": "Quảng Nam",
    "051": "Quảng Ngãi",
    "052": "Bình Định",
    "054": "Phú Yên",
    "056": "Khánh Hòa",
    "058": "Ninh Thuận",
    "060": "Bình Thuận",
    "062": "Kon Tum",
    "064": "Gia Lai",
    "066": "Đắk Lắk",
    "067": "Đắk Nông",
    "068": "Lâm Đồng",
    "070": "Bình Phước",
    "072": "Tây Ninh",
    "074": "Bình Dương",
    "075": "Đồng Nai",
    "077": "Bà Rịa – Vũng Tàu",
    "079": "Thành phố Hồ Chí Minh",
    "080": "Long An",
    "082": "Tiền Giang",
    "083": "Bến Tre",
    "084": "Trà Vinh",
    "086": "Vĩnh Long",
    "087": "Đồng Tháp",
    "089": "An Giang",
    "091": "Kiên Giang",
    "092": "Cần Thơ",
    "093": "Hậu Giang",
    "094": "Sóc Trăng",
    "095": "Bạc Liêu",
    "096": "Cà Mau",
}

_SEPARATORS = re.compile(r"[\s.\-\u00a0]+")
_DOT = "•"


class Sex(StrEnum):
    """Sex as cards and declarations state it."""

    MALE = "male"
    FEMALE = "female"


class Doubt(StrEnum):
    """What looks odd about a number: a warning, never a block, for real cards have errors."""

    UNKNOWN_PROVINCE = "unknown_province"
    OTHER_SEX = "other_sex"
    OTHER_BIRTH_YEAR = "other_birth_year"


@dataclass(frozen=True)
class CitizenNumber:
    """A well-formed number and what its digits say."""

    digits: str
    sex: Sex
    birth_year: int

    @property
    def province(self) -> str | None:
        """Return where the birth was registered; None for births abroad and unknown codes."""
        return PROVINCES.get(self.digits[:3])

    def doubts(self, *, sex: Sex | None = None, birth_year: int | None = None) -> tuple[Doubt, ...]:
        """Compare the digits with what the person stated and name each difference."""
        found = []
        if self.province is None:
            found.append(Doubt.UNKNOWN_PROVINCE)
        if sex is not None and sex is not self.sex:
            found.append(Doubt.OTHER_SEX)
        if birth_year is not None and birth_year != self.birth_year:
            found.append(Doubt.OTHER_BIRTH_YEAR)
        return tuple(found)


def bare(text: str) -> str:
    """Drop the spaces, dots and hyphens people put between groups of digits."""
    return _SEPARATORS.sub("", text)


def parse(text: str) -> CitizenNumber | None:
    """Read a number as typed, or return None when it is not twelve digits."""
    digits = bare(text)
    if not (len(digits) == 12 and digits.isascii() and digits.isdigit()):
        return None
    century = 1900 + 100 * (int(digits[3]) // 2)
    sex = Sex.FEMALE if int(digits[3]) % 2 else Sex.MALE
    return CitizenNumber(digits, sex, century + int(digits[4:6]))


def is_old(text: str) -> bool:
    """Tell a nine-digit number of the old identity card, which still stands on old papers."""
    digits = bare(text)
    return len(digits) == 9 and digits.isascii() and digits.isdigit()


def mask(text: str) -> str:
    """Hide the middle so that its owner knows it and nobody else learns it: 0012••••3456."""
    value = bare(text)
    if len(value) == 12:
        return value[:4] + _DOT * 4 + value[-4:]
    if len(value) >= 8:
        return value[:2] + _DOT * (len(value) - 4) + value[-2:]
    return _DOT * len(value)
