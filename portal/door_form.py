"""The parent of every form: no token of its own, and no sentence that is not Vietnamese."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field

# What WTForms says by itself, which it cannot say in Vietnamese. The first words are enough to know
# a sentence by, and hold through its small changes from one version to the next.
SENTENCES = {
    "This field is required": _l("Ô này cần được điền."),
    "Not a valid choice": _l("Chọn một trong các mục có sẵn."),
    "Invalid Choice": _l("Chọn một trong các mục có sẵn."),
    "'%(value)s' is not": _l("Chọn trong các mục có sẵn."),
    "'%(value)s' are not": _l("Chọn trong các mục có sẵn."),
    "Not a valid integer": _l("Nhập một số, không có chữ hay dấu phẩy."),
    "Not a valid decimal": _l("Nhập một số."),
    "Not a valid float": _l("Nhập một số."),
    "Not a valid date value": _l("Ngày chưa đúng. Nhập theo ngày, tháng, năm."),
    "Not a valid time": _l("Giờ chưa đúng. Nhập theo giờ và phút, ví dụ 14:30."),
    "Field must be at least %(min)d": _l("Nhập ít nhất %(min)d ký tự."),
    "Field cannot be longer than %(max)d": _l("Rút gọn còn không quá %(max)d ký tự."),
    "Field must be exactly %(max)d": _l("Nhập đúng %(max)d ký tự."),
    "Field must be between %(min)d": _l("Nhập từ %(min)d đến %(max)d ký tự."),
    "Number must be at least": _l("Nhập số từ %(min)s trở lên."),
    "Number must be at most": _l("Nhập số không quá %(max)s."),
    "Number must be between": _l("Nhập số từ %(min)s đến %(max)s."),
}


class Vietnamese:
    """What WTForms asks for the words of its sentences."""

    def gettext(self, sentence: str) -> str:
        """Ours for a sentence of theirs; one we do not know yet must not be read in English."""
        for beginning, ours in SENTENCES.items():
            if sentence.startswith(beginning):
                return str(ours)
        return _("Nội dung này chưa đúng. Ông/Bà kiểm tra lại.")

    def ngettext(self, singular: str, _plural: str, _number: int) -> str:
        """Vietnamese has one form for one and for many."""
        return self.gettext(singular)


class Words:
    """For the Meta of any form, also one that the door does not take as a whole."""

    def get_translations(self, _form: object) -> Vietnamese:
        """The same for everybody: also who reads our pages in English fills them in so."""
        return Vietnamese()


class DoorForm(FlaskForm):
    """A form behind a door, which has already checked the token, once for every form."""

    class Meta(Words):
        """No token for each form by itself."""

        csrf = False

    def refuse(self, field: str, sentence: str) -> None:
        """Put a sentence that a service said beside its field, or on top where there is none."""
        target: Field | None = self._fields.get(field)
        if target is None:
            self.form_errors.append(sentence)
        else:
            errors: list[Any] = [*target.errors, sentence]
            target.errors = errors
