"""The forms with which people sign in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from portal.access import Role
from portal.directory import queries as directory
from portal.door_form import DoorForm

EMAIL = r"[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+$"


class CarryingForm(DoorForm):
    """Takes along where the person was going, or the name of the form that waits."""

    next = HiddenField()
    resume = HiddenField()


class SignInForm(CarryingForm):
    """E-mail and password."""

    email = StringField(
        _l("Thư điện tử"),
        [
            InputRequired(_l("Nhập thư điện tử của Ông/Bà.")),
            Length(max=200, message=_l("Thư điện tử dài quá 200 ký tự.")),
        ],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mật khẩu"),
        [
            InputRequired(_l("Nhập mật khẩu.")),
            Length(max=256, message=_l("Mật khẩu dài quá 256 ký tự.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class SecondFactorForm(CarryingForm):
    """Six digits from the person's authenticator."""

    code = StringField(
        _l("Mã xác thực 6 chữ số"),
        [InputRequired(_l("Nhập mã 6 chữ số trong ứng dụng xác thực."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class UnlockForm(CarryingForm):
    """The password of the person whose work is behind the shield."""

    password = PasswordField(
        _l("Mật khẩu"),
        [InputRequired(_l("Nhập mật khẩu để mở khoá."))],
        render_kw={"autocomplete": "current-password"},
    )


class RoleForm(DoorForm):
    """A role and the place where it is held."""

    role = SelectField(_l("Vai trò"), [InputRequired(_l("Chọn vai trò."))])
    organisation = SelectField(_l("Tổ chức"), [Optional()])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [("", _l("Chọn vai trò")), *((role.value, role.label) for role in Role)]
        places = directory.every_organisation()
        self.organisation.choices = [
            ("", _l("Không gắn với tổ chức")),
            *((place.public_id, f"{place.name} ({place.code})") for place in places),
        ]


class NewAccountForm(RoleForm):
    """A person, with the first role."""

    email = StringField(
        _l("Thư điện tử"),
        [
            InputRequired(_l("Nhập thư điện tử.")),
            Length(max=200, message=_l("Thư điện tử dài quá 200 ký tự.")),
            Regexp(
                r"[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+$", message=_l("Thư điện tử chưa đúng.")
            ),
        ],
        render_kw={"spellcheck": "false", "autocomplete": "off"},
    )
    name = StringField(
        _l("Họ và tên"),
        [
            DataRequired(_l("Nhập họ và tên.")),
            Length(max=120, message=_l("Họ và tên dài quá 120 ký tự.")),
        ],
        render_kw={"autocomplete": "off"},
    )
    password = PasswordField(
        _l("Mật khẩu ban đầu"),
        [InputRequired(_l("Nhập mật khẩu ban đầu.")), Length(max=256)],
        description=_l("Từ 12 ký tự, khó đoán. Trao tận tay người dùng."),
        render_kw={"autocomplete": "new-password"},
    )


class PasswordForm(DoorForm):
    """A new password for somebody who has lost theirs."""

    password = PasswordField(
        _l("Mật khẩu mới"),
        [InputRequired(_l("Nhập mật khẩu mới.")), Length(max=256)],
        description=_l("Từ 12 ký tự, khó đoán. Người dùng bị đăng xuất ở mọi nơi."),
        render_kw={"autocomplete": "new-password"},
    )


class ReasonForm(DoorForm):
    """Why something is taken away from a person."""

    reason = StringField(
        _l("Lý do"),
        [
            InputRequired(_l("Ghi lý do; lý do được lưu vào nhật ký.")),
            Length(max=300, message=_l("Lý do dài quá 300 ký tự.")),
        ],
    )
