"""Whether the answers to a form will do: what is wrong, what is odd, and how they read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from portal.dossiers.application import YES, Answers, Application, Page, Question, is_asked
from vietnam import citizen_number, dates, money, phones

LONGEST_EMAIL = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer, in a sentence for the person who gave it."""

    page: str
    name: str
    sentence: str


def problems(
    application: Application, answers: Answers, today: date, page_id: str | None = None
) -> list[Problem]:
    """What is missing or wrong, on one page or on all, in the order of the questions."""
    found = []
    for page in application.pages:
        if page_id in (None, page.id):
            found += _problems_of(application, page, answers, today)
    return found


def _problems_of(
    application: Application, page: Page, answers: Answers, today: date
) -> list[Problem]:
    found = []
    for question in page.questions:
        if is_asked(application, question, answers):
            sentence = problem_with(question, answers.get(question.name, ""), today)
            if sentence:
                found.append(Problem(page.id, question.name, sentence))
    group = [q for q in page.questions if application.group and q.group == application.group]
    if group and not any(answers.get(question.name) == YES for question in group):
        found.append(Problem(page.id, group[0].name, application.group_message))
    return found


def standing(application: Application, page: Page, answers: Answers, today: date) -> str:
    """How far a page is: "todo", "partial", "done", or "unasked" when nothing on it applies."""
    asked = [q for q in page.questions if is_asked(application, q, answers)]
    if not asked:
        return "unasked"
    if not problems(application, answers, today, page.id):
        return "done" if _is_seen(asked, answers) else "todo"
    return "partial" if _is_seen(asked, answers) else "todo"


def _is_seen(asked: list[Question], answers: Answers) -> bool:
    """A page that was saved keeps even empty answers, so one of free questions can be done."""
    return any(question.name in answers for question in asked)


def problem_with(question: Question, text: str, today: date) -> str | None:
    """The sentence to put beside the field, or None when the answer will do."""
    if not text:
        return _missing(question) if question.required else None
    check = CHECKS.get(question.kind)
    if check is not None:
        return check(question, text, today)
    if len(text) > question.max_length:
        return _("Nội dung dài quá %(most)s ký tự. Ông/Bà viết gọn lại.", most=question.max_length)
    return None


def too_long(question: Question, text: str) -> str | None:
    """What is more than any right answer: not kept, whether it is asked about or finished."""
    most = max(question.max_length, LONGEST_EMAIL)
    if len(text) <= most:
        return None
    return _("Nội dung dài quá %(most)s ký tự. Ông/Bà viết gọn lại.", most=most)


def _missing(question: Question) -> str:
    if question.kind == "checkbox":
        return _("Ông/Bà cần đánh dấu ô này thì mới gửi được.")
    if question.kind == "commune":
        return _("Chọn tỉnh, thành phố, rồi chọn xã, phường, đặc khu.")
    if question.options:
        return _("Chọn một câu trả lời cho “%(what)s”.", what=question.label)
    if ":" in question.label:
        return _("Chưa nhập “%(what)s”.", what=question.label)
    return _("Nhập %(what)s.", what=_inside(question.label))


def _inside(label: str) -> str:
    """A label inside a sentence; "Ông/Bà" and names of papers keep their capital."""
    return label if label.startswith(("Ông", "Bà", "Giấy")) else label[:1].lower() + label[1:]


def _check_option(question: Question, text: str, _today: date) -> str | None:
    if text not in {value for value, _label in question.options}:
        return _("Chọn một trong các câu trả lời có sẵn.")
    return None


def _check_date(question: Question, text: str, today: date) -> str | None:
    parsed = dates.parse(text)
    if parsed is None:
        return _("Ngày chưa đúng. Ông/Bà ghi ngày/tháng/năm, ví dụ 02/09/1985.")
    return _check_past(question, parsed.year > today.year or parsed > today)


def _check_year_or_date(question: Question, text: str, today: date) -> str | None:
    parsed = dates.parse_partial(text)
    if parsed is None or not 1800 <= parsed.year <= 2200:
        return _("Ngày chưa đúng. Ông/Bà ghi ngày/tháng/năm, hoặc chỉ ghi năm, ví dụ 1985.")
    whole = dates.parse(text)
    return _check_past(question, parsed.year > today.year or (whole is not None and whole > today))


def _check_past(question: Question, later: bool) -> str | None:  # noqa: FBT001 - one plain fact
    if later and ("birth" in question.name or "registered" in question.name):
        return _("Ngày này chưa tới. Ông/Bà kiểm tra lại.")
    return None


def _check_number(question: Question, text: str, _today: date) -> str | None:
    value = money.parse(text)
    if value is None:
        return _("Ghi bằng chữ số, ví dụ 2.")
    if question.least is not None and value < question.least:
        return _("Ít nhất là %(least)s.", least=question.least)
    if question.most is not None and value > question.most:
        return _("Nhiều nhất là %(most)s.", most=question.most)
    return None


def _check_citizen_number(_question: Question, text: str, _today: date) -> str | None:
    if citizen_number.parse(text) or citizen_number.is_old(text):
        return None
    digits = citizen_number.bare(text)
    if digits.isascii() and digits.isdigit():
        return _("Số định danh có 12 chữ số; Ông/Bà vừa nhập %(count)s chữ số.", count=len(digits))
    return _("Số định danh chỉ gồm 12 chữ số trên thẻ căn cước.")


def _check_phone(_question: Question, text: str, _today: date) -> str | None:
    if phones.normalise(text) is None:
        return _("Số điện thoại chưa đúng. Ví dụ: 0912 345 678.")
    return None


def _check_email(_question: Question, text: str, _today: date) -> str | None:
    if len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text):
        return _("Địa chỉ thư điện tử chưa đúng. Ví dụ: ten@vidu.vn.")
    return None


def _check_commune(_question: Question, text: str, _today: date) -> str | None:
    if not re.fullmatch(r"\d{5}", text, re.ASCII):
        return _("Chọn tỉnh, thành phố, rồi chọn xã, phường, đặc khu.")
    return None


def _check_box(_question: Question, text: str, _today: date) -> str | None:
    return None if text == YES else _("Đánh dấu ô này hoặc để trống.")


CHECKS: dict[str, Callable[[Question, str, date], str | None]] = {
    "select": _check_option,
    "radio": _check_option,
    "date": _check_date,
    "year_or_date": _check_year_or_date,
    "number": _check_number,
    "citizen_number": _check_citizen_number,
    "phone": _check_phone,
    "email": _check_email,
    "commune": _check_commune,
    "checkbox": _check_box,
}


def doubts(application: Application, answers: Answers) -> dict[str, str]:
    """What looks odd yet may be true: said beside the answer, never in the way of sending."""
    found = {}
    for name, question in application.questions.items():
        text = answers.get(name, "")
        if question.kind == "citizen_number" and text and is_asked(application, question, answers):
            sentence = _doubt_of_number(text, _birth_year(name, answers))
            if sentence:
                found[name] = sentence
    return found


def _birth_year(name: str, answers: Answers) -> int | None:
    birth = dates.parse_partial(answers.get(f"{name.removesuffix('_citizen_number')}_birth", ""))
    return birth.year if birth else None


def _doubt_of_number(text: str, birth_year: int | None) -> str | None:
    number = citizen_number.parse(text)
    if number is None:
        return _(
            "Đây là số 9 chữ số của chứng minh nhân dân cũ; nếu có thẻ căn cước, ghi 12 chữ số."
        )
    odd = number.doubts(birth_year=birth_year)
    if citizen_number.Doubt.OTHER_BIRTH_YEAR in odd:
        return _(
            "Theo số định danh thì năm sinh là %(year)s, khác năm sinh đã khai. Nếu cả hai đúng "
            "như trên thẻ thì Ông/Bà cứ gửi.",
            year=number.birth_year,
        )
    if citizen_number.Doubt.UNKNOWN_PROVINCE in odd:
        return _("Ba chữ số đầu của số định danh không ứng với tỉnh nào; Ông/Bà xem lại trên thẻ.")
    return None


def shown(question: Question, text: str) -> str:
    """An answer as people read it back, numbers masked; communes are named by the caller."""
    if question.kind == "checkbox":
        return _("Có") if text == YES else ""
    if question.options:
        return dict(question.options).get(text, text)
    if question.kind == "phone":
        return phones.mask(text)
    if question.kind == "citizen_number":
        return citizen_number.mask(text)
    return text
