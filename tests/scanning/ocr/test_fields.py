"""What is taken from a paper, and what is left for an officer's eye."""

import pytest

from scanning.ocr.fields import fields_of
from scanning.ocr.lines import Line, page_lines
from scanning.ocr.titles import title_of
from scanning.page import Word


def lines_from(text, confidence=0.95, centred=()):
    """Words of a page laid out line by line; `centred` numbers are put in the middle."""
    words = []
    for number, line in enumerate(text.strip().splitlines()):
        x = 0.35 if number in centred else 0.1
        top = 0.05 + number * 0.03
        for part in line.split():
            words.append(
                Word(part, (x, top, x + 0.008 * len(part), top + 0.02), confidence, number, 0)
            )
            x += 0.008 * (len(part) + 1)
    return page_lines(1, words)


def found(lines, title=None):
    return {field.name: field for field in fields_of(lines, title)}


APPLICATION = """
ĐƠN ĐỀ NGHỊ
Tôi tên là: Nguyễn Thị Mẫu; sinh ngày: 02/09/1985
Số căn cước công dân: 082185012345; ngày cấp: 15/04/2021
Địa chỉ thường trú: Ấp 3, xã Mỹ An, tỉnh Đồng Tháp
Mã hồ sơ: 000.11.50.H11-210517-5013
Đồng Tháp, ngày 08 tháng 7 năm 2025
"""


def test_the_values_of_an_application_are_found_and_sure():
    lines = lines_from(APPLICATION, centred=(0,))
    fields = found(lines, title_of(lines))
    assert {name: field.value for name, field in fields.items()} == {
        "document_type": "ĐƠN ĐỀ NGHỊ",
        "full_name": "Nguyễn Thị Mẫu",
        "date_of_birth": "02/09/1985",
        "id_number": "082185012345",
        "address": "Ấp 3, xã Mỹ An, tỉnh Đồng Tháp",
        "dossier_code": "000.11.50.H11-210517-5013",
        "issued_on": "08/07/2025",
    }
    assert not any(field.needs_review for field in fields.values())


def test_a_box_lies_around_the_value_alone():
    field = found(lines_from("Họ và tên: Lê Văn Bình"))["full_name"]
    left, top, right, bottom = field.box
    assert left == pytest.approx(0.1 + 0.008 * len("Họ và tên: "), abs=0.001)
    assert right > left
    assert (top, bottom) == (0.05, 0.07)


def test_what_was_read_badly_stays_and_asks_for_review():
    field = found(lines_from("Họ và tên: Lê Văn Bình", confidence=0.6))["full_name"]
    assert (field.value, field.needs_review) == ("Lê Văn Bình", True)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Số CCCD: 999185012345", "id_number", "999185012345"),  # no such province
        ("Sinh ngày: 31/02/1985", "date_of_birth", "31/02/1985"),
        ("Số: 4†/QĐ-UBND", "document_number", "4†/QĐ-UBND"),
        ("Họ và tên: LÊ V4N BÌNH", "full_name", "LÊ V4N BÌNH"),
        ("Hà Nội, ngày 4† tháng 01 năm 2025", "issued_on", "ngày 4† tháng 01 năm 2025"),
    ],
)
def test_a_failed_check_never_changes_what_stands_there(text, name, value):
    field = found(lines_from(text))[name]
    assert (field.value, field.needs_review) == (value, True)


def test_a_number_that_contradicts_the_birth_date_asks_for_review():
    lines = lines_from("Sinh ngày: 02/09/1990\nSố CCCD: 082185012345")
    assert found(lines)["id_number"].needs_review


def test_further_citizens_are_numbered():
    fields = found(lines_from("Số CCCD: 082185012345\nSố định danh cá nhân: 079090012345"))
    assert fields["id_number"].value == "082185012345"
    assert fields["id_number_2"].value == "079090012345"


def test_numbers_without_a_label_are_offered_but_never_sure():
    fields = found(lines_from("1 Trần Ngọc Hà 079085280357 Đã trả"))
    assert (fields["id_number"].value, fields["id_number"].needs_review) == ("079085280357", True)


def test_longer_numbers_and_account_numbers_are_no_citizens():
    assert "id_number" not in found(lines_from("Tài khoản: 0821850123456 và 12-082185012345"))


def test_a_name_that_goes_on_below_is_joined_and_otherwise_doubted():
    def wrapped(second):
        first = Line(1, tuple(_spread("tiếp nhận hồ sơ của: Bùi Khánh", 0.1, 0.9, 0)))
        return [first, Line(1, tuple(_spread(second, 0.1, 0.16, 1)))]

    assert found(wrapped("Mai"))["full_name"].value == "Bùi Khánh Mai"
    alone = found(wrapped("Số CCCD: x"))["full_name"]
    assert (alone.value, alone.needs_review) == ("Bùi Khánh", True)


def _spread(text, left, right, line):
    parts = text.split()
    width = (right - left) / len(parts)
    return [
        Word(part, (left + i * width, 0.1, left + (i + 1) * width, 0.12), 0.95, line, 0)
        for i, part in enumerate(parts)
    ]


def test_the_date_of_a_law_is_not_the_date_of_the_paper():
    assert "issued_on" not in found(lines_from("Căn cứ Luật ngày 19 tháng 6 năm 2015 của Quốc hội"))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("QUYẾT ĐỊNH", "quyet_dinh"),
        ("TỜ KHAI ĐĂNG KÝ KHAI SINH", "to_khai"),
        ("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "giay_tiep_nhan"),
        ("CHÍ THỊ", "chi_thi"),  # a mark misread
    ],
)
def test_a_heading_tells_the_kind(line, kind):
    title = title_of(lines_from(f"ỦY BAN NHÂN DÂN\n{line}", centred=(1,)))
    assert (title.kind, title.piece.text) == (kind, line)


def test_a_misread_heading_asks_for_review():
    lines = lines_from("CHÍ THỊ", centred=(0,))
    assert found(lines, title_of(lines))["document_type"].needs_review


@pytest.mark.parametrize("line", ["QUYẾT ĐỊNH:", "Quyết định này có hiệu lực", "CÔNG TY MẪU"])
def test_a_sentence_or_a_name_is_no_heading(line):
    assert title_of(lines_from(line, centred=(0,))) is None


def test_the_signer_stands_low_at_the_right_of_an_agency_paper():
    text = "QUYẾT ĐỊNH\n" + "\n".join(["Điều khoản chung"] * 14)
    lines = lines_from(text, centred=(0,))
    name = Line(1, tuple(_low("Huỳnh Xuân Trung")))
    assert found([*lines, name], title_of(lines))["signer"].value == "Huỳnh Xuân Trung"


def test_the_name_under_an_application_is_not_a_signer():
    lines = lines_from("ĐƠN ĐỀ NGHỊ", centred=(0,))
    assert "signer" not in found(
        [*lines, Line(1, tuple(_low("Huỳnh Xuân Trung")))], title_of(lines)
    )


def _low(text):
    return [
        Word(part, (0.6 + i * 0.08, 0.8, 0.66 + i * 0.08, 0.82), 0.95, 99, 0)
        for i, part in enumerate(text.split())
    ]


def test_a_name_in_a_sentence_is_offered_for_review():
    lines = lines_from(
        """
Điều 1. Giao ông (bà) Đinh Thị
Bích Giang chủ trì thực hiện, ông bà có trách nhiệm.
"""
    )
    name = found(lines)["full_name"]
    assert (name.value, name.needs_review) == ("Đinh Thị Bích Giang", True)


@pytest.mark.parametrize(
    "sentence",
    [
        "Ông bà có trách nhiệm thi hành.",
        "bà Rịa Vũng Tàu",
        "ông Giám đốc Sở",
        "Bà Trưng Trắc đường",
    ],
)
def test_not_everything_behind_a_form_of_address_is_a_name(sentence):
    assert "full_name" not in found(lines_from(sentence))


def test_a_label_comes_before_a_sentence():
    lines = lines_from("Theo đề nghị của bà Lê Thị Hoa.\nHọ và tên: Trần Văn Nam")
    assert found(lines)["full_name"].value == "Trần Văn Nam"


def test_the_first_row_of_a_list_names_a_person_and_its_head_does_not():
    lines = lines_from(
        """
TT Họ và tên Ngày sinh Số CCCD Nơi cư trú
1 Vũ Thị Bích Thảo 03/06/1959 060159006760 Ấp 3
2 Nguyễn Thị Nga 16/10/1981 068181205185 Ấp 4
"""
    )
    fields = found(lines)
    assert fields["full_name"].value == "Vũ Thị Bích Thảo"
    assert fields["date_of_birth"].value == "03/06/1959"
    assert fields["full_name"].needs_review
    assert fields["date_of_birth"].needs_review


def test_a_list_of_papers_names_nobody():
    lines = lines_from("STT Tên giấy tờ Số lượng\n1 Tờ khai lệ phí 2\n2 Bản sao 1")
    assert "full_name" not in found(lines)


def test_a_value_may_stand_under_its_label():
    lines = lines_from(
        "Bộ phận Một cửa tiếp nhận hồ sơ của:\nLương Khánh Tuyết\nSố CCCD: 082418969933"
    )
    assert found(lines)["full_name"].value == "Lương Khánh Tuyết"
    lines = lines_from("Họ và tên:\nĐịa chỉ thường trú: Ấp 3, xã Mỹ An")
    assert "full_name" not in found(lines)


def test_a_name_does_not_go_on_on_the_next_page():
    lines = [*lines_from("Giao cho bà"), *page_lines(2, lines_from("Lê Thị Hoa ở nhà")[0].words)]
    assert "full_name" not in found(lines)
