"""Papers find their place in a procedure's list, or nobody pretends to know it."""

import json
import re
from pathlib import Path

import pytest

from scanning.ocr.proposals import Component, Paper, propose

BIRTH = [
    Component("1", "Tờ khai đăng ký khai sinh"),
    Component("2", "Giấy chứng sinh (nếu không có: văn bản của người làm chứng)"),
    Component("3", "Giấy chứng nhận kết hôn của cha mẹ (xuất trình)"),
    Component("4", "Thẻ căn cước, căn cước công dân hoặc hộ chiếu còn giá trị sử dụng"),
    Component("5", "Văn bản ủy quyền"),
]
CATALOGUE = Path(__file__).resolve().parents[3] / "data" / "procedures.json"


def proposed(text, title=None, component=None, components=BIRTH):
    proposal = propose(components, Paper(text, title, component))
    return proposal and (proposal.component, proposal.reason)


@pytest.mark.parametrize(
    ("title", "text", "component"),
    [
        ("TỜ KHAI", "TỜ KHAI\nĐĂNG KÝ KHAI SINH\nKính gửi: Ủy ban nhân dân xã", "1"),
        ("TỜ KHAI", "TỜ KHAI\nKính gửi: UBND xã. Đề nghị đăng ký khai sinh cho", "1"),
        (None, "SỞ Y TẾ\nGIẤY CHỨNG SINH\nHọ và tên mẹ: Nguyễn Thị Mẫu", "2"),
        ("GIẤY CHỨNG NHẬN", "GIẤY CHỨNG NHẬN\nKẾT HÔN\nHọ tên vợ", "3"),
        ("CĂN CƯỚC CÔNG DÂN", "CĂN CƯỚC CÔNG DÂN\nSố / No.: 001", "4"),
        ("GIẤY CHỨNG NHẬN", "GIẤY CHỨNG NHẬN\nQUYỀN SỬ DỤNG ĐẤT", None),
        ("TỜ KHAI", "TỜ KHAI\nTHUẾ THU NHẬP CÁ NHÂN", None),
        ("THÔNG BÁO", "THÔNG BÁO\nVề việc nộp tiền sử dụng đất", None),
        (None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc", None),
        (None, "", None),
    ],
)
def test_a_paper_is_proposed_by_its_heading(title, text, component):
    expected = (component, "title") if component else None
    assert proposed(text, title) == expected


def test_what_the_separator_says_wins():
    assert proposed("TỜ KHAI\nĐĂNG KÝ KHAI SINH", "TỜ KHAI", "5") == ("5", "separator")
    assert proposed("TỜ KHAI\nĐĂNG KÝ KHAI SINH", "TỜ KHAI", "9") is None  # of another procedure


def test_of_two_like_names_none_is_proposed():
    alike = [Component("1", "Đơn đề nghị (bản chính)"), Component("2", "Đơn đề nghị (bản sao)")]
    assert proposed("ĐƠN ĐỀ NGHỊ\nKính gửi", "ĐƠN ĐỀ NGHỊ", components=alike) is None


def test_in_the_whole_catalogue_no_paper_headed_by_its_name_is_proposed_wrongly():
    rows = json.loads(CATALOGUE.read_text(encoding="utf-8"))["procedures"]
    found = total = 0
    for procedure in rows:
        components = [
            Component(str(n), row["name"]) for n, row in enumerate(procedure["components"], 1)
        ]
        for component in components:
            plain = re.sub(r"\([^)]*\)", "", component.title)
            heading = re.split(r",| hoặc ", plain)[0].strip().upper()
            told = proposed(f"{heading}\nKính gửi: Ủy ban nhân dân", heading, None, components)
            assert told is None or told[0] == component.id, component.title
            found, total = found + (told is not None), total + 1
    assert found >= 0.9 * total
