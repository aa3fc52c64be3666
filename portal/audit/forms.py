"""The question to the log."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from portal.audit.acts import LABELS
from portal.audit.queries import Filters
from portal.door_form import DoorForm
from vietnam import dates, dossier_code

# Beyond these the midnight of a day is no moment that a database keeps.
FIRST_YEAR, LAST_YEAR = 2000, 2200


class SearchForm(DoorForm):
    """Sent with the address, so that a finding can be kept and passed on."""

    act = SelectField(_l("Việc đã làm"), name="viec", default="")
    actor = StringField(_l("Người làm"), [Optional(), Length(max=120)], name="nguoi")
    code = StringField(_l("Mã hồ sơ"), [Optional(), Length(max=40)], name="ma")
    since = StringField(_l("Từ ngày"), [Optional()], name="tu")
    until = StringField(_l("Đến ngày"), [Optional()], name="den")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        known = sorted((str(words), act) for act, words in LABELS.items())
        self.act.choices = [("", _l("Tất cả")), *((act, words) for words, act in known)]

    def validate_since(self, field: StringField) -> None:
        """A day that exists."""
        _a_day(field)

    def validate_until(self, field: StringField) -> None:
        """A day that exists."""
        _a_day(field)

    def validate_code(self, field: StringField) -> None:
        """A code of ours."""
        if dossier_code.parse(field.data) is None:
            raise ValidationError(_l("Mã hồ sơ có dạng H32.10-261120-0001."))

    def filters(self) -> Filters:
        """What was asked for, once it has been validated."""
        code = dossier_code.parse(self.code.data or "")
        return Filters(
            act=self.act.data or "",
            actor=(self.actor.data or "").strip(),
            code=str(code) if code else "",
            since=dates.parse(self.since.data or ""),
            until=dates.parse(self.until.data or ""),
        )


def _a_day(field: StringField) -> None:
    day = dates.parse(field.data)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_l("Nhập ngày dạng 20/11/2026."))
