"""What Vietnamese people are called, to tell a name that was read whole from one that was not.

Only ever used to choose between readings and to ask for review, never to change one.
"""

from collections.abc import Sequence

from vietnam.folding import fold

# Nine in ten bear one of these; a line of words that begins with none is no name.
_FAMILIES = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đoàn Đào Trương "
    "Mai Lương Trịnh Lâm Hà Cao Châu Tô Tạ Thái Lưu Quách Phùng La Tôn Kiều Vương Đàm Giang Tăng "
    "Nghiêm Mạc Khuất Chu Quan Tống"
)
# Middle and given names that are common in all parts of the country.
_GIVEN = (
    "An Anh Ánh Ân Ba Bách Bảo Bắc Bích Bình Bửu Cảnh Cầm Cẩm Chi Chí Chiến Chinh Chính Chung "
    "Công Cúc Cương Cường Danh Diễm Diệp Diệu Dung Dũng Duy Duyên Dương Đài Đại Đan Đào Đạt Đăng "
    "Điền Điệp Định Đoan Đông Đồng Đức Gia Giang Giao Giáp Hà Hải Hạnh Hào Hảo Hân Hằng Hậu Hiên "
    "Hiền Hiển Hiếu Hiệp Hoa Hòa Hoà Hoài Hoan Hoàn Hoàng Hồng Huân Huấn Huệ Hùng Huy Huyền Hưng "
    "Hương Hường Hữu Khải Khanh Khánh Khiêm Khoa Khôi Khuê Khương Kiên Kiệt Kiều Kim Kỳ Lam Lan "
    "Lành Lâm Lân Lập Lệ Lê Liên Liễu Linh Loan Long Lộc Lợi Luân Luận Lực Lương Ly Lý Mai Mạnh "
    "Mẫn Mẫu Mậu Minh Mộng Mùi My Mỹ Nam Nga Ngà Ngân Nghi Nghĩa Ngọc Nguyên Nguyệt Nhã Nhân Nhật "
    "Nhi Nhiên Nhung Như Ninh Oanh Phát Phi Phong Phú Phúc Phụng Phương Phước Phượng Quang Quân "
    "Quế Quốc Quy Quý Quyên Quyền Quyết Quỳnh Sang Sáng Sinh Sen Sỹ Sơn Tài Tâm Tân Tấn Thạch Thái "
    "Thanh Thành Thảo Thắm Thắng Thân Thế Thi Thị Thiên Thiện Thiệu Thịnh Thoa Thọ Thông Thơ Thơm "
    "Thu Thuận Thục Thủy Thuỷ Thúy Thuý Thư Thương Thường Thức Tiên Tiến Tín Tình Toàn Toản Tố Tôn "
    "Trà Trang Tri Trí Triều Triết Trinh Trọng Trúc Trung Trực Trường Tú Tuân Tuấn Tuệ Tùng Tuyên "
    "Tuyến Tuyền Tuyết Tư Tường Tươi Uyên Vân Văn Vi Việt Vinh Vĩnh Vũ Vui Vương Vượng Vy Xuân "
    "Xuyến Ý Yên Yến"
)
_FAMILY_NAMES = frozenset(_FAMILIES.split())
_FOLDED_FAMILIES = frozenset(map(fold, _FAMILY_NAMES))
_KNOWN = frozenset(_GIVEN.split()) | _FAMILY_NAMES

FEWEST, MOST = 2, 5  # words of a name


def begins_like_a_name(text: str) -> bool:
    """Whether its first word is a family's name, with whatever marks it was read."""
    return fold(text.split(maxsplit=1)[0]) in _FOLDED_FAMILIES


def is_name(words: Sequence[str]) -> bool:
    """Whether these words alone, capital for capital, may be what somebody is called."""
    text = " ".join(words)
    is_long = FEWEST <= len(words) <= MOST
    return is_long and all(map(str.isalpha, words)) and text.istitle() and begins_like_a_name(text)


def is_common(name: str) -> bool:
    """Whether family and all other words are ones that many people bear, mark for mark."""
    family, *others = name.split()
    return family in _FAMILY_NAMES and all(word in _KNOWN for word in others)
