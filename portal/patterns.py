"""The pattern page: every component in every state, for those who draw pages."""

from __future__ import annotations

from flask import render_template
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Form,
    HiddenField,
    IntegerField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal import clock
from portal.dossiers.lifecycle import Status


class PatternForm(Form):
    """One field of each kind our pages use."""

    step = HiddenField(default="2")
    full_name = StringField("Họ và tên", [InputRequired("Nhập họ và tên")])
    email = EmailField("Thư điện tử", [Optional()], description="Để nhận mã hồ sơ")
    password = PasswordField("Mật khẩu", [InputRequired("Nhập mật khẩu")])
    phone = TelField(
        "Số điện thoại",
        [Length(10, 10, "Số điện thoại có 10 chữ số")],
        render_kw={"autocomplete": "tel"},
    )
    copies = IntegerField("Số bản", [NumberRange(1, 20, "Nhập từ 1 đến 20 bản")])
    born = DateField("Ngày sinh", [InputRequired("Nhập ngày sinh")], format="%d/%m/%Y")
    reason = TextAreaField("Mục đích", [InputRequired("Nhập mục đích")])
    province = SelectField(
        "Tỉnh",
        [InputRequired("Chọn tỉnh")],
        choices=[SelectChoice("", "Chọn"), SelectChoice("44", "Quảng Trị")],
    )
    way = RadioField(
        "Nhận kết quả ở đâu?",
        [InputRequired("Chọn nơi nhận")],
        choices=[SelectChoice("home", "Tại nhà"), SelectChoice("office", "Tại bưu cục")],
    )
    papers = SelectMultipleField(
        "Giấy tờ có sẵn",
        [InputRequired("Chọn ít nhất một")],
        choices=[SelectChoice("a", "Căn cước")],
    )
    scans = MultipleFileField("Bản quét", [InputRequired("Chọn ít nhất một tệp")])
    is_true = BooleanField("Tôi chịu trách nhiệm", [InputRequired("Đánh dấu để xác nhận")])


def show() -> str:
    """The page, with a form that is untouched and one that came back with mistakes."""
    sent = MultiDict({"failed-phone": "09", "failed-born": "31/02/2026"})
    failed = PatternForm(sent, prefix="failed-")
    failed.validate()
    return render_template(
        "patterns.html",
        plain=PatternForm(prefix="plain-"),
        failed=failed,
        now=clock.now(),
        statuses=list(Status),
    )
