"""Turns one page of an electronic form into the fields people fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Optional

from portal.door_form import DoorForm
from portal.dossiers import answers as rules
from portal.dossiers.application import YES, Answers, Application, Page, Question, tidy
from portal.dossiers.forms import choices

PROVINCE = "_province"
LONGEST_DRAFT = 60_000
WIDTHS = {"citizen_number": 20, "phone": 20, "date": 10, "year_or_date": 10, "number": 10}
KEYBOARDS = {"citizen_number": "numeric", "number": "numeric", "date": "numeric"}


class Unit(Protocol):
    """A province or a commune, as far as a list of choices needs it."""

    code: str
    name: str
    parent_code: str | None


class Places(Protocol):
    """Where the choices of an address come from."""

    def provinces(self) -> Sequence[Unit]:
        """All provinces and cities."""
        ...

    def communes(self, province_code: str) -> Sequence[Unit]:
        """The communes of one province."""
        ...

    def unit(self, code: str) -> Unit | None:
        """One unit by its code."""
        ...


class AnswerForm(DoorForm):
    """Parent of the forms built here."""


@dataclass
class Node:
    """A question with its field and, by answer, the questions that follow only from it."""

    question: Question
    field: Any
    width: int | None = None
    province: Any = None
    communes: Sequence[tuple[str, str]] = ()
    doubt: str = ""
    branches: dict[str, list[Node]] = field(default_factory=dict)


class PageForm:
    """The fields of one page, filled with what was sent now or else with what was kept."""

    def __init__(
        self,
        application: Application,
        page: Page,
        kept: Answers,
        places: Places,
        sent: MultiDict[str, str] | None = None,
    ) -> None:
        self.application = application
        self.page = page
        self.kept = kept
        self.places = places
        self.communes: dict[str, list[tuple[str, str]]] = {}
        made: dict[str, Any] = {}
        for question in page.questions:
            made.update(_fields_of(question, page))
        kind = type("PageFields", (AnswerForm,), made)
        self.fields = kind(formdata=sent, data=self._start())
        self._fill_places()

    @property
    def given(self) -> dict[str, str]:
        """What stands in the fields now, tidied, by question."""
        return {question.name: self._text(question) for question in self.page.questions}

    def fits(self) -> bool:
        """Whether a draft keeps all this, finished or not; else a sentence beside what is longest.

        A draft is no place to store things: each answer has its length, and so have all together.
        """
        given = self.given
        for question in self.page.questions:
            sentence = rules.too_long(question, given[question.name])
            if sentence:
                self.fields[question.name].errors = [sentence]
        if any(self.fields[name].errors for name in given):
            return False
        if sum(map(len, {**self.kept, **given}.values())) <= LONGEST_DRAFT:
            return True
        longest = max(given, key=lambda name: len(given[name]))
        self.fields[longest].errors = [
            _(
                "Bản nháp chỉ giữ được %(most)s ký tự. Ông/Bà viết gọn lại rồi lưu.",
                most=LONGEST_DRAFT,
            )
        ]
        return False

    def check(self, today: date) -> bool:
        """Put a sentence beside each field that is wrong; whether there was none."""
        together = {**self.kept, **self.given}
        found = rules.problems(self.application, together, today, self.page.id)
        for problem in found:
            self.fields[problem.name].errors = [problem.sentence]
        return not found and self._communes_fit()

    @property
    def nodes(self) -> list[Node]:
        """The questions in order, those that depend on an answer of this page beneath it."""
        odd = rules.doubts(self.application, {**self.kept, **self.given})
        nodes = {q.name: self._node(q, odd) for q in self.page.questions}
        top = []
        for question in self.page.questions:
            condition = question.condition
            if condition is not None and condition.field in nodes:
                branch = nodes[condition.field].branches.setdefault(condition.equals, [])
                branch.append(nodes[question.name])
            elif condition is None or rules.is_asked(self.application, question, self.kept):
                top.append(nodes[question.name])
        return top

    def _node(self, question: Question, odd: Mapping[str, str]) -> Node:
        return Node(
            question,
            self.fields[question.name],
            WIDTHS.get(question.kind),
            self.fields[question.name + PROVINCE] if question.kind == "commune" else None,
            self.communes.get(question.name, ()),
            odd.get(question.name, ""),
        )

    def _start(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for question in self.page.questions:
            text = self.kept.get(question.name, "")
            data[question.name] = text == YES if question.kind == "checkbox" else text
            if question.kind == "commune" and text:
                unit = self.places.unit(text)
                data[question.name + PROVINCE] = unit.parent_code if unit else ""
        return data

    def _fill_places(self) -> None:
        for question in self.page.questions:
            if question.kind == "commune":
                province = self.fields[question.name + PROVINCE]
                provinces = [(unit.code, unit.name) for unit in self.places.provinces()]
                province.choices = choices([("", _("Chọn tỉnh, thành phố")), *provinces])
                self.communes[question.name] = self._communes_of(str(province.data or ""))

    def _communes_of(self, province_code: str) -> list[tuple[str, str]]:
        """The second list of an address, empty until a province is chosen."""
        if not province_code:
            return []
        return [(unit.code, unit.name) for unit in self.places.communes(province_code)]

    def _communes_fit(self) -> bool:
        """A commune chosen before the province was changed must be chosen anew."""
        fit = True
        for question in self.page.questions:
            code = self._text(question) if question.kind == "commune" else ""
            if code and code not in dict(self.communes[question.name]):
                sentence = _("Chọn xã, phường, đặc khu thuộc tỉnh, thành phố đã chọn.")
                self.fields[question.name].errors = [sentence]
                fit = False
        return fit

    def _text(self, question: Question) -> str:
        data = self.fields[question.name].data
        if question.kind == "checkbox":
            return YES if data else ""
        return tidy(str(data or ""))


def _fields_of(question: Question, page: Page) -> dict[str, Field]:
    made = {question.name: _field_of(question, _leads(question, page))}
    if question.kind == "commune":
        made[question.name + PROVINCE] = SelectField(_l("Tỉnh, thành phố"), validate_choice=False)
    return made


def _leads(question: Question, page: Page) -> bool:
    """Whether other questions of the page follow from this one: then every answer is in sight."""
    return any(q.condition and q.condition.field == question.name for q in page.questions)


def _field_of(question: Question, leads: bool) -> Field:  # noqa: FBT001 - one plain fact
    common = {
        "label": question.label,
        "description": question.hint,
        "validators": [] if question.required else [Optional()],
        "render_kw": _attributes(question),
    }
    options = list(question.options)
    if question.kind == "radio" or (question.kind == "select" and leads):
        return RadioField(choices=choices(options), validate_choice=False, **common)
    if question.kind == "select":
        listed = choices([("", _l("Chọn")), *options])
        return SelectField(choices=listed, validate_choice=False, **common)
    if question.kind == "commune":
        return SelectField(choices=[], validate_choice=False, **common)
    plain = {
        "textarea": TextAreaField,
        "checkbox": BooleanField,
        "phone": TelField,
        "email": EmailField,
    }
    return plain.get(question.kind, StringField)(**common)


def _attributes(question: Question) -> dict[str, str]:
    found = {}
    if question.autocomplete:
        found["autocomplete"] = question.autocomplete
    if question.kind in KEYBOARDS:
        found["inputmode"] = KEYBOARDS[question.kind]
    if question.kind in ("citizen_number", "email"):
        found["spellcheck"] = "false"
    return found
