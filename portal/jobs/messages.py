"""Why work in the back did not succeed, in words a clerk understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from flask_babel import LazyString

WORKER_DIED = "worker_died"
UNFORESEEN = "unforeseen"

SENTENCES = {
    WORKER_DIED: _l("Tiến trình đọc tệp bị ngắt giữa chừng."),
    UNFORESEEN: _l("Hệ thống gặp lỗi khi đọc tệp này."),
    "store_unavailable": _l("Kho lưu trữ tệp không trả lời."),
    "object_missing": _l("Không tìm thấy tệp gốc trong kho lưu trữ."),
    "object_damaged": _l("Tệp gốc trong kho lưu trữ không còn nguyên vẹn."),
    "object_conflict": _l("Kho lưu trữ đã có một tệp khác mang cùng tên."),
    "child_died": _l("Tiến trình đọc tệp dừng đột ngột, có thể vì trang quá lớn."),
    "out_of_memory": _l("Trang quá lớn so với bộ nhớ của máy."),
    "crashed": _l("Chương trình đọc tệp gặp lỗi với nội dung của tệp này."),
    "scanner_away": _l("Chương trình quét vi-rút không trả lời."),
    "scanner_refused": _l("Chương trình quét vi-rút từ chối tệp này."),
    "engine_missing": _l("Máy chủ chưa cài chương trình nhận dạng chữ."),
}


def sentence(reason: str | None) -> LazyString:
    """The sentence for the reason that a job carries."""
    return SENTENCES.get(reason or "", SENTENCES[UNFORESEEN])
