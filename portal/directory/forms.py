"""The forms with which an administrator keeps the directory."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from portal.directory.models import Organisation
from portal.directory.services import Contact
from portal.door_form import DoorForm

TOO_LONG = _l("Nội dung quá dài.")


class ContactForm(DoorForm):
    """How people reach an organisation."""

    address = StringField(_l("Địa chỉ"), [Optional(), Length(max=300, message=TOO_LONG)])
    phone = StringField(
        _l("Điện thoại"),
        [Optional(), Length(max=20, message=TOO_LONG)],
        render_kw={"inputmode": "tel"},
    )
    hours = TextAreaField(_l("Giờ làm việc"), [Optional(), Length(max=500, message=TOO_LONG)])
    contact = StringField(_l("Người liên hệ"), [Optional(), Length(max=120, message=TOO_LONG)])

    @classmethod
    def of(cls, organisation: Organisation) -> ContactForm:
        """The form as the organisation has it now."""
        return cls(formdata=None, obj=organisation)

    def given(self) -> Contact:
        """What was typed."""
        return Contact(
            address=self.address.data or "",
            phone=self.phone.data or "",
            hours=self.hours.data or "",
            contact=self.contact.data or "",
        )


class CloseForm(DoorForm):
    """Why an organisation is closed."""

    reason = StringField(
        _l("Lý do"),
        [DataRequired(_l("Ghi lý do ngừng tổ chức.")), Length(max=300, message=TOO_LONG)],
    )
