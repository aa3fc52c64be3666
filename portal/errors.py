"""What can go wrong, by name; each error knows its status and its sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from flask_babel import LazyString


class PortalError(Exception):
    """Parent of all errors that people may see."""

    status = 400
    retry_after: int | None = None
    sentence: str | LazyString = _l("Yêu cầu chưa đúng. Ông/Bà kiểm tra lại rồi thử lại.")

    def __init__(self, sentence: str | LazyString | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        super().__init__(str(self.sentence))


class NotFound(PortalError):
    """There is no such thing, or not for this person: nobody can tell which."""

    status = 404
    sentence = _l("Không tìm thấy nội dung này, hoặc Ông/Bà không có quyền xem.")


class Forbidden(PortalError):
    """The function exists and is not this person's."""

    status = 403
    sentence = _l("Tài khoản của Ông/Bà không có quyền làm việc này.")


class Unauthorised(PortalError):
    """A machine without a token that we know (any more); people are led to the sign-in page."""

    status = 401
    sentence = _l("Máy này chưa ghép với cổng, hoặc đã bị thu hồi.")


class Conflict(PortalError):
    """Somebody was faster; carries what changed since the person looked."""

    status = 409
    sentence = _l("Hồ sơ vừa được người khác thay đổi. Ông/Bà xem lại rồi thử lại.")

    def __init__(
        self, sentence: str | LazyString | None = None, changes: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.changes = changes
        self.typed: tuple[tuple[str, str], ...] = ()  # what stood in the form, with its labels


class StepRefused(Conflict):
    """The dossier's status does not allow this step."""

    sentence = _l("Hồ sơ đang ở trạng thái không cho phép bước này.")


class Invalid(PortalError):
    """A field is wrong; `field` is its name in the form, the sentence stands beside it."""

    status = 422

    def __init__(self, field: str, sentence: str | LazyString) -> None:
        super().__init__(sentence)
        self.field = field


class TooMany(PortalError):
    """Tried too often; says how long to wait."""

    status = 429

    def __init__(self, seconds: int = 60) -> None:
        minutes = max(1, -(-seconds // 60))
        super().__init__(
            _l(
                "Ông/Bà đã thử quá nhiều lần. Vui lòng đợi %(minutes)s phút rồi thử lại.",
                minutes=minutes,
            )
        )
        self.retry_after = seconds


class Unavailable(PortalError):
    """Something we depend on does not answer; nothing was taken."""

    status = 503
    retry_after = 10
    sentence = _l("Hệ thống đang tạm gián đoạn nên chưa nhận được. Vui lòng thử lại sau ít phút.")
