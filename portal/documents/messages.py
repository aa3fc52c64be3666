"""What people are told when a file cannot be taken: what is wrong, and what to do next."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from portal.documents.models import DocumentFile, FileState, VirusCheck
from portal.jobs import messages as jobs

FORMATS = "PDF, JPG, PNG, TIFF, HEIC, WebP, BMP"
ACCEPT = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,.heic,.heif,.webp,.bmp"


def limits_hint(max_upload_mb: int) -> str:
    """What stands beside every file field before anybody chooses."""
    return _(
        "%(formats)s; mỗi tệp không quá %(size)s MB.",
        formats=FORMATS,
        size=max_upload_mb,
    )


def refusal(reason: str, name: str, max_upload_mb: int) -> str:
    """The sentence for a file that was refused, whatever the reason."""
    told = {
        "empty": _(
            "Tệp “%(name)s” không có dữ liệu. Hãy chụp hoặc quét lại rồi chọn tệp mới.", name=name
        ),
        "unsupported": _(
            "Tệp “%(name)s” không phải là ảnh hoặc PDF. Hãy chọn tệp %(formats)s.",
            name=name,
            formats=FORMATS,
        ),
        "damaged": _(
            "Tệp “%(name)s” bị hỏng, không mở được. Hãy xuất lại hoặc chụp lại rồi chọn tệp mới.",
            name=name,
        ),
        "encrypted": _(
            "Tệp “%(name)s” có mật khẩu. Hãy bỏ mật khẩu hoặc in ra rồi quét lại.", name=name
        ),
        "no_pages": _("Tệp “%(name)s” không có trang nào. Hãy chọn tệp khác.", name=name),
        "too_large": _(
            "Tệp “%(name)s” quá lớn (tối đa %(size)s MB, ảnh không quá lớn so với khổ A4)."
            " Hãy chụp lại với độ phân giải thấp hơn hoặc chia thành nhiều tệp.",
            name=name,
            size=max_upload_mb,
        ),
        "dynamic_form": _(
            "Tệp “%(name)s” là biểu mẫu PDF động, hệ thống không đọc được."
            " Hãy mở tệp, chọn In thành PDF rồi gửi tệp vừa in.",
            name=name,
        ),
        "infected": _(
            "Tệp “%(name)s” có vi-rút nên không được nhận."
            " Hãy quét vi-rút trên máy của mình rồi quét hoặc chụp lại giấy tờ.",
            name=name,
        ),
        "timeout": _(
            "Tệp “%(name)s” quá phức tạp nên không đọc xong."
            " Hãy chia thành nhiều tệp nhỏ hoặc quét lại thành ảnh.",
            name=name,
        ),
    }
    return told.get(reason) or _(
        "Không nhận được tệp “%(name)s”. Hãy chụp hoặc quét lại rồi chọn tệp mới.", name=name
    )


def reason_of(file: DocumentFile) -> str | None:
    """Why a file was refused or could not be read, and what to do; none while all is well."""
    if file.state is FileState.REFUSED:
        most = current_app.config["SETTINGS"].max_upload_mb
        return refusal(file.reason or "", file.name, most)
    if file.state is FileState.FAILED:
        told = jobs.sentence(file.reason)
        return _("%(reason)s Hãy bỏ tệp này rồi quét hoặc chọn lại.", reason=told)
    return None


def virus_word(file: DocumentFile) -> str:
    """What is known of a file's innocence, in the words that stand beside it."""
    words = {
        VirusCheck.NOT_SCANNED: _("Chưa quét vi-rút"),
        VirusCheck.WAITING: _("Đang chờ quét vi-rút"),
        VirusCheck.CLEAN: _("Đã quét vi-rút"),
        VirusCheck.INFECTED: _("Có vi-rút, đã cách ly"),
    }
    return words[file.virus_check]


def quarantined() -> str:
    """Nobody opens a file in which something was found."""
    return _("Tệp này có vi-rút nên đã bị cách ly, không ai mở được.")


def waits_for_scan() -> str:
    """The original of a file that came while the scanner was away."""
    return _(
        "Tệp đang chờ quét vi-rút nên chưa tải được bản gốc."
        " Ông/Bà xem các trang, hoặc thử lại sau ít phút."
    )


def dossier_full(max_dossier_mb: int) -> str:
    """All files of one dossier together are too much."""
    return _(
        "Tổng dung lượng các tệp của hồ sơ vượt quá %(size)s MB."
        " Hãy bỏ bớt tệp hoặc chụp lại với độ phân giải thấp hơn.",
        size=max_dossier_mb,
    )


def no_longer_kept(name: str) -> str:
    """A file that was kept for its form and is not there any more."""
    if not name:
        return _("Tệp đã gửi lần trước không còn được giữ. Ông/Bà chọn lại tệp.")
    return _("Tệp “%(name)s” không còn được giữ. Ông/Bà chọn lại tệp này.", name=name)


def missing() -> str:
    """No file was chosen where one is needed."""
    return _("Chọn tệp cần gửi.")
