"""The forms with which an office takes its steps; each carries the version it was decided on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation

from portal.documents.taken import Taken
from portal.door_form import DoorForm
from portal.dossiers.withdrawals import Asked
from vietnam import money, names

LONGEST_REASON = 2000
MOST_ITEMS = 30

# Why a dossier is not taken (domain.md §2.3); the citizen reads the words, never the code.
REFUSALS = (
    ("authority", _l("Không thuộc thẩm quyền giải quyết của cơ quan")),
    ("procedure", _l("Không thuộc trường hợp được giải quyết theo thủ tục này")),
    ("forged", _l("Giấy tờ giả mạo hoặc không hợp lệ")),
    ("missing", _l("Thành phần hồ sơ thiếu và không bổ sung được")),
    ("other", _l("Lý do khác")),
)


SHOWN = (
    ("card", _l("Thẻ căn cước hoặc hộ chiếu của người nộp")),
    ("authorised", _l("Văn bản ủy quyền và giấy tờ của người được ủy quyền")),
    ("receipt", _l("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")),
)
KINDS = (
    ("granted", _l("Giải quyết theo yêu cầu")),
    ("denied", _l("Không giải quyết theo yêu cầu")),
)


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Pairs of value and words as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


def tidy(text: str | None) -> str:
    """What was typed, without the white space around it and with one kind of line end."""
    return (text or "").replace("\r\n", "\n").strip()


def _reason(label: Any, missing: Any, hint: Any = "") -> TextAreaField:
    longest = Length(max=LONGEST_REASON, message=_l("Rút gọn còn không quá 2.000 ký tự."))
    return TextAreaField(label, [DataRequired(missing), longest], filters=[tidy], description=hint)


class OneOf(RadioField):
    """Radio buttons that say one sentence, ours, whatever was sent."""

    def pre_validate(self, form: DoorForm) -> None:
        """An empty answer is left to DataRequired; a made-up one is told here."""
        known = {str(choice.value) for choice in self.iter_choices()}
        if self.data and self.data not in known:
            raise StopValidation(_l("Chọn một trong các mục dưới đây."))


class SomeOf(SelectMultipleField):
    """Boxes to tick, with the same care for what nobody offered."""

    def pre_validate(self, form: DoorForm) -> None:
        """Whether any must be ticked is the form's own question."""
        known = {str(choice.value) for choice in self.iter_choices()}
        if not set(self.data or ()) <= known:
            raise StopValidation(_l("Chỉ chọn trong các mục dưới đây."))


class StepForm(DoorForm):
    """Any step: `version` is the state of the dossier the person saw when deciding."""

    version = HiddenField()


class RefuseForm(StepForm):
    """Form 03: one of the listed reasons, and in words what exactly."""

    kind = OneOf(
        _l("Lý do không tiếp nhận"),
        [DataRequired(_l("Chọn lý do không tiếp nhận."))],
        choices=choices(REFUSALS),
    )
    reason = _reason(
        _l("Giải thích cụ thể"),
        _l("Giải thích cụ thể vì sao không tiếp nhận."),
        _l("Người nộp đọc được nguyên văn, và được in trên phiếu từ chối."),
    )

    def sentence(self) -> str:
        """The reason as the citizen reads it."""
        label = str(dict(REFUSALS)[self.kind.data])
        return self.reason.data if self.kind.data == "other" else f"{label}: {self.reason.data}"


class ForwardForm(StepForm):
    """The department that decides; its choices come from the view."""

    department = OneOf(_l("Chuyển đến"), [DataRequired(_l("Chọn phòng, ban giải quyết hồ sơ."))])


class SupplementForm(StepForm):
    """Form 02: everything that is missing in one list; choices are the procedure's papers."""

    components = SomeOf(_l("Giấy tờ cần nộp lại hoặc nộp thêm"))
    others = TextAreaField(
        _l("Nội dung khác cần bổ sung, hoàn thiện"),
        [Optional(), Length(max=LONGEST_REASON)],
        filters=[tidy],
        description=_l("Mỗi dòng một nội dung."),
    )
    reason = _reason(
        _l("Lý do"),
        _l("Ghi lý do yêu cầu bổ sung."),
        _l("Người nộp đọc được nguyên văn. Yêu cầu một lần, đầy đủ mọi nội dung."),
    )

    def lines(self) -> list[str]:
        """The free items, one for each line."""
        return [line.strip() for line in (self.others.data or "").splitlines() if line.strip()]

    def validate_others(self, field: TextAreaField) -> None:
        """At least one thing must be asked for, and not more than anyone can answer."""
        count = len(self.components.data or []) + len(self.lines())
        if count > MOST_ITEMS:
            raise ValidationError(_l("Yêu cầu không quá 30 nội dung."))

    def validate_components(self, field: SelectMultipleField) -> None:
        """An empty request would stop the clock for nothing."""
        if not field.data and not self.lines():
            raise ValidationError(_l("Chọn giấy tờ, hoặc ghi ít nhất một nội dung cần bổ sung."))


class PaymentForm(StepForm):
    """What the citizen has to pay, and why; the clock stands until it is confirmed."""

    amount = StringField(
        _l("Số tiền phải nộp"),
        [DataRequired(_l("Nhập số tiền phải nộp."))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    reason = _reason(
        _l("Nội dung nghĩa vụ tài chính"),
        _l("Ghi nội dung nghĩa vụ tài chính."),
        _l("Loại phí, lệ phí hoặc thuế, căn cứ và cách nộp. Người nộp đọc được nguyên văn."),
    )

    def validate_amount(self, field: StringField) -> None:
        """People write 15.000 đ; a duty of nothing is no duty."""
        amount = money.parse(field.data or "")
        if amount is None:
            raise ValidationError(_l("Nhập số tiền bằng số, ví dụ 15.000."))
        if not 0 < amount < 10**12:
            raise ValidationError(_l("Số tiền phải lớn hơn 0 và nhỏ hơn 1.000 tỷ đồng."))

    def dong(self) -> int:
        """The amount as a number; only after validation."""
        amount = money.parse(self.amount.data or "")
        assert amount is not None
        return amount


class StopForm(StepForm):
    """Why the agency stops the work."""

    reason = _reason(
        _l("Lý do dừng xử lý"),
        _l("Ghi lý do dừng xử lý."),
        _l("Người nộp đọc được nguyên văn."),
    )


class WithdrawalForm(StepForm):
    """The applicant takes it back at a desk: who asks, by which paper he was known, and why."""

    receiver = StringField(
        _l("Họ và tên người yêu cầu rút"),
        [DataRequired(_l("Nhập họ và tên người yêu cầu rút hồ sơ.")), Length(max=120)],
        filters=[lambda text: names.normalise(text or "")],
        render_kw={"autocomplete": "off"},
    )
    shown = OneOf(
        _l("Giấy tờ đã kiểm tra"),
        [DataRequired(_l("Chọn giấy tờ đã kiểm tra."))],
        choices=choices(SHOWN[:2]),
    )
    reason = _reason(
        _l("Lý do rút hồ sơ"),
        _l("Ghi lý do rút hồ sơ."),
        _l("Ghi theo lời người nộp; người nộp đọc được nguyên văn."),
    )

    def asked(self) -> Asked:
        """Who asks, for the history; only after validation."""
        return Asked(self.receiver.data or "", str(dict(SHOWN)[self.shown.data]).lower())


class WrittenWithdrawalForm(WithdrawalForm):
    """At the agency the request is a paper that goes into the file."""

    is_written = BooleanField(
        _l("Đã nhận văn bản yêu cầu rút hồ sơ có chữ ký của người nộp"),
        [InputRequired(_l("Phải có văn bản yêu cầu rút hồ sơ của người nộp."))],
    )


class DecideForm(StepForm):
    """The decision, and the paper that carries it; `kept` holds a file of an earlier try."""

    kind = OneOf(
        _l("Kết quả giải quyết"),
        [DataRequired(_l("Chọn kết quả giải quyết."))],
        choices=choices(KINDS),
    )
    number = StringField(
        _l("Số, ký hiệu văn bản kết quả"),
        [Optional(), Length(max=60, message=_l("Số, ký hiệu dài không quá 60 ký tự."))],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )
    summary = _reason(
        _l("Tóm tắt kết quả"),
        _l("Ghi tóm tắt kết quả giải quyết."),
        _l("Nếu không giải quyết, ghi rõ lý do. Người nộp đọc được nguyên văn."),
    )
    outcome = FileField(_l("Tệp kết quả"), [Optional()])
    kept = HiddenField()
    kept_file: Taken | None = None
    kept_name = ""


class ReturnForm(StepForm):
    """Who takes the result at the desk, and by which paper he was known."""

    receiver = StringField(
        _l("Họ và tên người nhận"),
        [DataRequired(_l("Nhập họ và tên người nhận kết quả.")), Length(max=120)],
        filters=[lambda text: names.normalise(text or "")],
        render_kw={"autocomplete": "off"},
    )
    shown = OneOf(
        _l("Giấy tờ đã kiểm tra"),
        [DataRequired(_l("Chọn giấy tờ đã kiểm tra."))],
        choices=choices(SHOWN),
    )

    def note(self) -> str:
        """Which paper was checked, in words for the control sheet."""
        return str(dict(SHOWN)[self.shown.data])
