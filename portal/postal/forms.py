"""The forms of the counter, the courier and the hand-over table."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from portal.catalogue.models import PaperKind
from portal.door_form import DoorForm, Words
from portal.dossiers.models.dossier import ReturnMode
from portal.postal.lifecycle import FailureReason, Relation
from vietnam import citizen_number, names, phones

MOST_PAGES = 999

KIND_LABELS = {
    PaperKind.ORIGINAL: _l("Bản chính"),
    PaperKind.CERTIFIED_COPY: _l("Bản sao chứng thực"),
    PaperKind.COPY: _l("Bản sao"),
}


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class WalkInForm(DoorForm):
    """A person without an account stands at the counter."""

    card = StringField(
        _l("Quét QR thẻ căn cước"),
        [Optional(), Length(max=600)],
        description=_l(
            "Đặt con trỏ vào ô rồi quét thẻ; họ tên, số và nơi cư trú được điền vào dưới."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    procedure = SelectField(
        _l("Thủ tục"), [InputRequired(_l("Chọn thủ tục người dân cần làm."))], validate_choice=False
    )
    applicant_name = StringField(
        _l("Họ và tên người nộp"),
        [DataRequired(_l("Nhập họ và tên người nộp hồ sơ.")), Length(max=120)],
        filters=[lambda text: names.normalise(text) if text else text],
        render_kw={"autocomplete": "off"},
    )
    citizen_number = StringField(
        _l("Số định danh cá nhân / CCCD"),
        [Optional(), Length(max=20)],
        filters=[_stripped],
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )
    phone = TelField(
        _l("Số điện thoại"),
        [DataRequired(_l("Nhập số điện thoại để bưu điện liên hệ khi cần.")), Length(max=30)],
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        _l("Thư điện tử"),
        [Optional(), Length(max=200)],
        description=_l("Có thư điện tử thì mỗi bước của hồ sơ được báo qua thư."),
        render_kw={"autocomplete": "off"},
    )
    commune_code = SelectField(_l("Xã, phường, đặc khu"), [Optional()], validate_choice=False)
    address = StringField(
        _l("Địa chỉ"),
        [DataRequired(_l("Nhập địa chỉ của người nộp.")), Length(max=300)],
        description=_l("Số nhà, đường, thôn hoặc tổ dân phố."),
        render_kw={"autocomplete": "off"},
    )
    return_mode = RadioField(
        _l("Nhận kết quả"),
        [InputRequired(_l("Chọn cách nhận kết quả."))],
        choices=[
            SelectChoice(ReturnMode.POST.value, _l("Bưu điện phát tại địa chỉ")),
            SelectChoice(ReturnMode.DESK.value, _l("Tự đến bộ phận một cửa nhận")),
        ],
    )
    return_address = StringField(
        _l("Địa chỉ nhận kết quả"),
        [Optional(), Length(max=300)],
        description=_l("Để trống nếu nhận tại địa chỉ ở trên."),
        render_kw={"autocomplete": "off"},
    )

    def validate_citizen_number(self, field: Field) -> None:
        """Twelve digits whose province, century and sex can be."""
        if field.data and citizen_number.parse(field.data) is None:
            raise ValidationError(
                _("Số định danh gồm 12 chữ số. Số vừa nhập chưa đúng, hãy xem lại trên thẻ.")
            )

    def validate_phone(self, field: Field) -> None:
        """A number somebody can be called on."""
        if phones.normalise(field.data or "") is None:
            raise ValidationError(_("Số điện thoại chưa đúng. Ví dụ: 0912 345 678."))

    def validate_email(self, field: Field) -> None:
        """The least an address needs."""
        before, _at, after = (field.data or "").partition("@")
        if not before or "." not in after or " " in (field.data or ""):
            raise ValidationError(_("Thư điện tử chưa đúng. Ví dụ: ten@vidu.vn."))


class PaperForm(Form):
    """One row of the tally. It is no DoorForm: the whole page is one form with many prefixes."""

    class Meta(Words):
        """Our sentences here too."""

    is_present = BooleanField(_l("Có"))
    is_shown_only = BooleanField(_l("Đã xem và trả lại ngay"))
    kind = SelectField(
        _l("Loại"),
        [AnyOf([kind.value for kind in KIND_LABELS], _l("Chọn loại giấy tờ."))],
        choices=[SelectChoice(k.value, v) for k, v in KIND_LABELS.items()],
        validate_choice=False,
    )
    pages = IntegerField(
        _l("Số trang"),
        [
            Optional(),
            NumberRange(1, MOST_PAGES, _l("Số trang là số từ 1 đến 999.")),
        ],
        render_kw={"autocomplete": "off"},
    )

    def validate_pages(self, field: Field) -> None:
        """Say it in Vietnamese when what was typed is no number."""
        if field.raw_data and field.raw_data[0].strip() and field.data is None:
            field.errors = []
            raise StopValidation(_("Số trang phải là chữ số."))


class SealForm(DoorForm):
    """What is asked once for the whole envelope; sent together with the tally."""

    version = HiddenField()
    seal_number = StringField(
        _l("Số niêm phong"),
        [Optional(), Length(max=40, message=_l("Số niêm phong dài nhất 40 ký tự."))],
        description=_l("Quét hoặc nhập số trên tem dán phong bì."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
    override_reason = TextAreaField(
        _l("Lý do niêm phong khi số trang chưa khớp"),
        [Optional(), Length(max=500)],
        description=_l("Chỉ ghi khi đã quét lại mà số trang vẫn khác; lý do được lưu vào lịch sử."),
    )


class ReasonForm(DoorForm):
    """A step back that needs a reason."""

    version = HiddenField()
    reason = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Ghi lý do.")), Length(max=500)],
        filters=[_stripped],
    )


class PaperTitleForm(DoorForm):
    """A paper that the procedure does not ask for: only ever voluntary."""

    title = StringField(
        _l("Tên giấy tờ nộp thêm"),
        [DataRequired(_l("Nhập tên giấy tờ.")), Length(max=200)],
        filters=[_stripped],
        description=_l("Chỉ khi người dân tự nguyện nộp; không được yêu cầu thêm giấy tờ."),
        render_kw={"autocomplete": "off"},
    )


class ProposeForm(DoorForm):
    """Which sealed envelopes go on one hand-over record."""

    codes = TextAreaField(
        _l("Quét mã bưu gửi"),
        [Optional(), Length(max=2000)],
        description=_l("Mỗi mã một dòng; máy quét tự xuống dòng. Hoặc đánh dấu trong bảng."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class LineForm(Form):
    """One dossier counted again by the officer."""

    verdict = RadioField(
        _l("Kết quả kiểm đếm"),
        [InputRequired(_l("Chọn nhận hay không nhận."))],
        choices=[SelectChoice("accept", _l("Nhận")), SelectChoice("refuse", _l("Không nhận"))],
    )
    originals = IntegerField(_l("Bản chính"), render_kw={"autocomplete": "off"})
    copies = IntegerField(_l("Bản sao"), render_kw={"autocomplete": "off"})
    pages = IntegerField(_l("Trang"), render_kw={"autocomplete": "off"})
    note = StringField(
        _l("Ghi chú"), [Optional(), Length(max=500)], render_kw={"autocomplete": "off"}
    )

    def validate_originals(self, field: Field) -> None:
        """Counted, not guessed: an empty box is no zero."""
        _counted(field)

    def validate_copies(self, field: Field) -> None:
        """Counted, not guessed: an empty box is no zero."""
        _counted(field)

    def validate_pages(self, field: Field) -> None:
        """Counted, not guessed: an empty box is no zero."""
        _counted(field)


def _counted(field: Field) -> None:
    if field.data is None or not 0 <= field.data <= MOST_PAGES:
        field.errors = []
        raise StopValidation(_("Nhập số đã đếm, từ 0 đến 999."))


class CollectForm(DoorForm):
    """Who at the agency gave the result."""

    version = HiddenField()
    giver_name = StringField(
        _l("Người của cơ quan giao kết quả"),
        [DataRequired(_l("Nhập họ tên người của cơ quan đã giao kết quả.")), Length(max=120)],
        filters=[lambda text: names.normalise(text) if text else text],
        render_kw={"autocomplete": "off"},
    )
    note = StringField(
        _l("Ghi chú"),
        [Optional(), Length(max=300)],
        description=_l("Ví dụ: số bản, tình trạng phong bì."),
        render_kw={"autocomplete": "off"},
    )


class PapersForm(DoorForm):
    """Papers counted again as they change hands on their way home."""

    version = HiddenField()
    pages = IntegerField(
        _l("Số trang đã đếm"), render_kw={"autocomplete": "off", "inputmode": "numeric"}
    )
    note = StringField(
        _l("Ghi chú"),
        [Optional(), Length(max=300)],
        description=_l("Bắt buộc khi số trang khác số đã ghi; người gửi đọc được."),
        render_kw={"autocomplete": "off"},
        filters=[_stripped],
    )

    def validate_pages(self, field: Field) -> None:
        """Counted, not guessed: an empty box is no zero."""
        _counted(field)


class CollectPapersForm(PapersForm):
    """Who at the agency gave the papers back."""

    giver_name = StringField(
        _l("Người của cơ quan giao lại giấy tờ"),
        [DataRequired(_l("Nhập họ tên người của cơ quan đã giao lại giấy tờ.")), Length(max=120)],
        filters=[lambda text: names.normalise(text) if text else text],
        render_kw={"autocomplete": "off"},
    )


class CourierForm(DoorForm):
    """Whose round a result goes on."""

    version = HiddenField()
    courier = SelectField(_l("Bưu tá"), [InputRequired(_l("Chọn bưu tá."))], validate_choice=False)


class DeliveryForm(DoorForm):
    """Proof of delivery (TT 17/2017, article 5.2)."""

    version = HiddenField()
    relation = RadioField(
        _l("Người nhận là"),
        [InputRequired(_l("Chọn người nhận là ai."))],
        choices=[SelectChoice(r.value, r.label) for r in Relation],
    )
    recipient_name = StringField(
        _l("Họ và tên người nhận"),
        [DataRequired(_l("Nhập họ tên người nhận.")), Length(max=120)],
        filters=[lambda text: names.normalise(text) if text else text],
        render_kw={"autocomplete": "off"},
    )
    is_checked = BooleanField(
        _l("Đã kiểm tra căn cước hoặc hộ chiếu của người nhận"),
        [InputRequired(_l("Phải kiểm tra căn cước hoặc hộ chiếu của người nhận trước khi phát."))],
    )
    authority_paper = StringField(
        _l("Giấy uỷ quyền"),
        [Optional(), Length(max=40)],
        description=_l("Bắt buộc với người được uỷ quyền: loại giấy, ngày lập."),
        render_kw={"autocomplete": "off"},
    )


class PapersDeliveryForm(DeliveryForm, PapersForm):
    """Proof that papers are back with whom they belong to, counted with him."""


class FailureForm(DoorForm):
    """Why nobody took it: the one list for pick-ups and deliveries."""

    version = HiddenField()
    reason = RadioField(
        _l("Lý do"),
        [InputRequired(_l("Chọn lý do."))],
        choices=[SelectChoice(r.value, r.label) for r in FailureReason],
    )
    note = StringField(
        _l("Ghi chú"), [Optional(), Length(max=300)], render_kw={"autocomplete": "off"}
    )


class SendBackForm(DoorForm):
    """Who at the agency took the result back."""

    version = HiddenField()
    taker_name = StringField(
        _l("Người của cơ quan nhận lại"),
        [DataRequired(_l("Nhập họ tên người của cơ quan đã nhận lại.")), Length(max=120)],
        filters=[lambda text: names.normalise(text) if text else text],
        render_kw={"autocomplete": "off"},
    )


def choices_of(rows: Iterable[tuple[str, str]], first: str) -> list[SelectChoice]:
    """Options of a select with its invitation to choose."""
    return [SelectChoice("", first), *(SelectChoice(value, text) for value, text in rows)]


class StationForm(DoorForm):
    """A computer that is to be paired."""

    office = SelectField(_l("Bưu cục"), [InputRequired(_l("Chọn bưu cục."))])
    name = StringField(
        _l("Tên máy trạm"),
        [DataRequired(_l("Đặt tên để nhận ra máy, ví dụ: Quầy 1.")), Length(max=60)],
        description=_l("Giao dịch viên chọn máy theo tên này, ví dụ: Quầy 1."),
        filters=[_stripped],
    )
