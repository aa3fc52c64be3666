"""Invented people for the demonstration: names, numbers and addresses that belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from vietnam.folding import fold

# No province and no country has the code 999, so a number that begins with it was never given.
NOBODYS_PROVINCE = "999"
# No network has numbers that begin with 050, so nobody answers and nobody is called.
NOBODYS_NETWORK = "+8450"

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ")
WOMEN = ("Thị Mẫu", "Thị Hạnh", "Ngọc Ánh", "Thu Hằng", "Thị Tuyết", "Minh Thư", "Thanh Trúc")
MEN = ("Văn Thử", "Hữu Phước", "Quốc Khánh", "Minh Đức", "Văn Dũng", "Thanh Tùng", "Đình Vượng")
WOMEN_MORE = ("Thị Bích", "Kim Ngân", "Thị Hương", "Hồng Nhung", "Thị Xuân", "Mỹ Duyên")
MEN_MORE = ("Văn Bình", "Công Thành", "Gia Bảo", "Trọng Nghĩa", "Văn Lâm", "Nhật Trường")
STREETS = ("đường Mẫu", "đường Thử Nghiệm", "đường Minh Họa", "hẻm Ví Dụ")
# Communes of Khánh Hòa near the two post offices of the demonstration.
COMMUNES = ("22366", "22366", "22366", "22651")


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    name: str
    is_woman: bool
    birth_year: int
    citizen_number: str
    phone: str
    address: str
    commune_code: str

    @property
    def folded(self) -> str:
        """The name as lists search for it."""
        return fold(self.name)


def invent(rng: Random, number: int) -> Person:
    """The person with this running number; two of them never share a citizen number or phone."""
    is_woman = rng.random() < 0.5
    given = rng.choice(WOMEN + WOMEN_MORE if is_woman else MEN + MEN_MORE)
    year = rng.randint(1950, 2005)
    century = (0 if year < 2000 else 2) + is_woman
    return Person(
        name=f"{rng.choice(FAMILY)} {given}",
        is_woman=is_woman,
        birth_year=year,
        citizen_number=f"{NOBODYS_PROVINCE}{century}{year % 100:02}{number:06}",
        phone=f"{NOBODYS_NETWORK}{number:07}",
        address=f"Số {rng.randint(1, 200)}, {rng.choice(STREETS)}, tổ dân phố {rng.randint(1, 12)}",
        commune_code=rng.choice(COMMUNES),
    )
