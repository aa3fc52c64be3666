"""The form for procedures that have none of their own: who asks, and for what."""

from __future__ import annotations

from typing import Any

from portal.dossiers.application import Application, Condition, Page, Question, read

# Same shape and names as data/forms/*.json, so that officers and searches meet one kind of answers.
GENERIC: dict[str, Any] = {
    "title": "Thông tin người yêu cầu",
    "status_note": "Thủ tục này chưa có mẫu tờ khai điện tử chính thức trên cổng",
    "pages": [
        {
            "id": "requester",
            "title": "Người yêu cầu",
            "fields": [
                {
                    "name": "requester_name",
                    "label": "Họ, chữ đệm, tên",
                    "type": "text",
                    "required": True,
                    "hint": "Ghi đúng như trên thẻ căn cước",
                    "autocomplete": "name",
                    "max_length": 100,
                    "purpose": "Ghi tên trên giấy tiếp nhận và kết quả",
                },
                {
                    "name": "requester_birth",
                    "label": "Ngày sinh",
                    "type": "year_or_date",
                    "required": True,
                    "hint": "Ví dụ 02/09/1985; chỉ biết năm thì ghi năm",
                    "autocomplete": "bday",
                    "purpose": "Phân biệt người trùng họ tên",
                },
                {
                    "name": "requester_citizen_number",
                    "label": "Số định danh cá nhân",
                    "type": "citizen_number",
                    "required": True,
                    "hint": "12 chữ số trên thẻ căn cước",
                    "purpose": "Đối chiếu với người có mặt khi nộp và khi nhận",
                },
                {
                    "name": "requester_phone",
                    "label": "Số điện thoại",
                    "type": "phone",
                    "required": True,
                    "hint": "Bưu điện và cơ quan sẽ gọi số này",
                    "autocomplete": "tel",
                    "purpose": "Báo tin về hồ sơ",
                },
                {
                    "name": "requester_email",
                    "label": "Thư điện tử",
                    "type": "email",
                    "required": False,
                    "autocomplete": "email",
                    "purpose": "Gửi giấy xác nhận và thông báo",
                },
                {
                    "name": "requester_commune",
                    "label": "Nơi cư trú: xã, phường, đặc khu",
                    "type": "commune",
                    "required": True,
                    "purpose": "Xác định địa chỉ liên hệ",
                },
                {
                    "name": "requester_address",
                    "label": "Nơi cư trú: thôn, tổ dân phố, số nhà, đường",
                    "type": "text",
                    "required": True,
                    "hint": "Không ghi lại tên xã, tỉnh",
                    "autocomplete": "street-address",
                    "max_length": 200,
                    "purpose": "Địa chỉ liên hệ",
                },
            ],
        },
        {
            "id": "request",
            "title": "Nội dung yêu cầu",
            "fields": [
                {
                    "name": "request_content",
                    "label": "Ông/Bà yêu cầu giải quyết việc gì?",
                    "type": "textarea",
                    "required": True,
                    "hint": "Viết ngắn gọn bằng lời của mình",
                    "max_length": 2000,
                    "purpose": "Cơ quan hiểu đúng yêu cầu trước khi mở giấy tờ",
                }
            ],
        },
    ],
}

REQUESTER_COMMUNE = "requester_commune"
REQUESTER_ADDRESS = "requester_address"
RETURN_PAGE = "return"
RETURN_MODE = "return_mode"
RETURN_COMMUNE = "return_commune"
RETURN_ADDRESS = "return_address"


def generic() -> Application:
    """The requester's page and one open question."""
    return read(GENERIC)


def return_page(*, by_post: bool, online: bool = True) -> Page:
    """How the result shall come home; only the ways that are open for the procedure."""
    options = [("desk", "Đến lấy tại bộ phận một cửa")]
    if by_post:
        options.append(("post", "Bưu điện mang đến địa chỉ của tôi"))
    if online:
        options.append(("online", "Xem và tải bản điện tử trên cổng"))
    to_address = Condition(RETURN_MODE, "post")
    return Page(
        id=RETURN_PAGE,
        title="Cách nhận kết quả",
        intro="",
        questions=(
            Question(
                RETURN_MODE,
                "Ông/Bà muốn nhận kết quả bằng cách nào?",
                kind="radio",
                required=True,
                options=tuple(options),
            ),
            Question(
                RETURN_COMMUNE,
                "Địa chỉ nhận: xã, phường, đặc khu",
                kind="commune",
                required=True,
                condition=to_address,
            ),
            Question(
                RETURN_ADDRESS,
                "Địa chỉ nhận: thôn, tổ dân phố, số nhà, đường",
                required=True,
                condition=to_address,
                max_length=200,
                autocomplete="street-address",
            ),
        ),
    )
