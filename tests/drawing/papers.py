"""Papers of agencies with two heads, tables, italics, small print and a seal over the signer."""

import random

from tests.drawing.pages import (
    COMMUNES,
    FAMILY,
    GIVEN,
    HAMLETS,
    MIDDLE,
    NATION,
    SENTENCES,
    Sheet,
    person,
)

OFFICES = ("SỞ TÀI NGUYÊN", "SỞ TƯ PHÁP", "SỞ CÔNG THƯƠNG", "PHÒNG NỘI VỤ")
TOWNS = ("Đồng Tháp", "Lạng Sơn", "Thừa Thiên Huế", "Bắc Kạn", "Kiên Giang")
MORE = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Giao Văn phòng chủ trì, phối hợp với các đơn vị có liên quan triển khai thực hiện.",
    "Chậm nhất sau 05 ngày làm việc kể từ ngày nhận được thông báo này, đề nghị ông (bà) nộp lại.",
    "Hồ sơ gồm 02 bộ, mỗi bộ có bản vẽ mặt bằng tỷ lệ 1/500 và ảnh chụp hiện trạng khổ 9 x 12 cm.",
    "Mức thu phí thẩm định là 1.250.000 đồng, nộp một lần bằng chuyển khoản hoặc tiền mặt.",
    "Trường hợp vượt quá thẩm quyền thì báo cáo cấp trên để được hướng dẫn cụ thể.",
)


def _name(rng: random.Random) -> str:
    return f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"


def _heads(sheet: Sheet, rng: random.Random) -> dict[str, str]:
    """Agency at the left, nation at the right; number and date under them."""
    town, office = rng.choice(TOWNS), rng.choice(OFFICES)
    short = "".join(word[0] for word in office.split())
    number = f"{rng.randint(12, 4999)}/{rng.choice(('TB', 'CV', 'BC'))}-{short}"
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2019, 2026)
    left = (f"UBND TỈNH {town.upper()}", office, f"Số: {number}")
    right = (*NATION, f"{town}, ngày {day:02} tháng {month:02} năm {year}")
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        sheet.side_by_side(one, other, bold=row < 2 and (row, one) != (0, left[0]))
    return {
        "document_number": number,
        "issued_on": f"{day:02}/{month:02}/{year}",
        "town": town,
    }


def notice(sheet: Sheet, rng: random.Random) -> dict[str, str]:
    """A letter of a department to a citizen."""
    head, who = _heads(sheet, rng), person(rng)
    sheet.gap(5)
    sheet.line("THÔNG BÁO", bold=True, centre=True, point=15)
    sheet.line("Về việc bổ sung hồ sơ", bold=True, centre=True)
    sheet.gap(3)
    sheet.line(f"Kính gửi: Ông (bà) {who['full_name']}", centre=True)
    sheet.line(f"Địa chỉ: {who['address']}")
    for sentence in rng.sample(SENTENCES + MORE, 7):
        sheet.paragraph(sentence)
    signer = _sign(sheet, rng, "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")
    head.pop("town")
    return head | {
        "document_type": "THÔNG BÁO",
        "full_name": who["full_name"],
        "address": who["address"],
        "signer": signer,
    }


def roll(sheet: Sheet, rng: random.Random) -> dict[str, str]:
    """A list of people in a table."""
    head = _heads(sheet, rng)
    sheet.gap(5)
    sheet.line("DANH SÁCH", bold=True, centre=True, point=15)
    sheet.line("Các hộ được hỗ trợ trong quý", bold=True, centre=True)
    sheet.gap(3)
    columns = (20.0, 30.0, 78.0, 101.0, 160.0)
    sheet.row(columns, ("TT", "Họ và tên", "Năm sinh", "Nơi ở", "Số tiền"), bold=True)
    for number in range(1, rng.randint(9, 14)):
        where = f"{rng.choice(HAMLETS)}, {rng.choice(COMMUNES).split()[0]}"
        money = f"{rng.randint(100, 990)}.000"
        sheet.row(columns, (str(number), _name(rng), str(rng.randint(1950, 2005)), where, money))
    sheet.gap(4)
    signer = _sign(sheet, rng, "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
    head.pop("town")
    return head | {"document_type": "DANH SÁCH", "signer": signer}


def _sign(sheet: Sheet, rng: random.Random, *offices: str) -> str:
    """Who gets copies at the left, who signs at the right with a seal half over his name."""
    signer = _name(rng)
    sheet.gap(5)
    copies = ("Nơi nhận:", "- Như trên;", "- Lưu: VT.")
    for one, other in zip(copies, (*offices, ""), strict=True):
        sheet.side_by_side(one, other, point=(11, 13), italic=one == copies[0])
    top = sheet.y
    sheet.gap(14)
    sheet.side_by_side("", signer, bold=True)
    sheet.seal(128, top * 25.4 / sheet.dpi, 16)
    return signer
