"""Which text layers are believed."""

import pytest

from scanning.ocr.plausible import is_plausible

VIETNAMESE = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc. Căn cứ Luật Tổ chức "
    "chính quyền địa phương ngày 19 tháng 6 năm 2015; xét đề nghị của Giám đốc Sở Nội vụ, "
    "quyết định ban hành kèm theo Quyết định này quy chế làm việc của Ủy ban nhân dân tỉnh. "
    "Quyết định này có hiệu lực kể từ ngày ký; các cơ quan có liên quan chịu trách nhiệm thi hành."
)
ENGLISH = (
    "The quick brown fox jumps over the lazy dog while seven wise men watch from the old bridge."
)
FOREIGN_READER = (
    "CONG Hcok xA HQI CHiJ NGHiA VIVT NAM DQc lflp - Tlr do - H?nh phric cdn ctr Luflt T6 chr?c"
)
WITHOUT_MARKS = (
    "CONG HOA XA HOI CHU NGHIA VIET NAM Doc lap Tu do Hanh phuc Can cu Luat To chuc chinh "
    "quyen dia phuong ngay thang nam xet de nghi cua Giam doc So Noi vu"
)
SIGNATURE = "Ký bởi: Ủy ban nhân dân tỉnh Cơ quan: Tỉnh Đồng Tháp Thời gian ký: 20/03/2018"


@pytest.mark.parametrize("text", [VIETNAMESE, ENGLISH, "Hello World", "Đơn xin"])
def test_what_reads_like_a_language_is_believed(text):
    assert is_plausible(text, coverage=0.0)


@pytest.mark.parametrize(
    "text",
    [FOREIGN_READER, WITHOUT_MARKS, "", "12", "\ue001\ue002\ue003 Đơn", "G\ufffd\ufffd \ufffd"],
    ids=["foreign reader", "marks lost", "empty", "digits", "private letters", "unknown letters"],
)
def test_what_does_not_is_read_anew(text):
    assert not is_plausible(text, coverage=0.0)


def test_a_signature_on_a_scan_is_not_the_text_of_the_page():
    assert not is_plausible(SIGNATURE, coverage=1.0)
    assert is_plausible(VIETNAMESE, coverage=1.0)
