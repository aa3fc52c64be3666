"""The forms with which people sign in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class CarryingForm(FlaskForm):
    """Takes along where the person was going, or the form whose session had ended."""

    class Meta:
        """The door checks the token, once for every form."""

        csrf = False

    next = HiddenField()
    resume_path = HiddenField()
    resume_fields = HiddenField()


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
