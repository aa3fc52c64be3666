"""The electronic form of a procedure as data: its pages, its questions, and when each is asked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Answers = Mapping[str, str]
YES = "yes"
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Condition:
    """A question that is asked only when another has this answer."""

    field: str
    equals: str


@dataclass(frozen=True)
class Question:
    """One thing that is asked; `kind` is a type of data/README.md, `purpose` says why."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    hint: str = ""
    purpose: str = ""
    options: tuple[tuple[str, str], ...] = ()
    condition: Condition | None = None
    autocomplete: str = ""
    max_length: int = LONGEST_TEXT
    least: int | None = None
    most: int | None = None
    group: str = ""


@dataclass(frozen=True)
class Page:
    """Questions of one topic, asked together."""

    id: str
    title: str
    intro: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Application:
    """A whole form; of the boxes in `group` at least one must be ticked."""

    title: str
    pages: tuple[Page, ...]
    status_note: str = ""
    group: str = ""
    group_message: str = ""

    def page(self, page_id: str) -> Page | None:
        """The page with this id."""
        return next((page for page in self.pages if page.id == page_id), None)

    @property
    def questions(self) -> dict[str, Question]:
        """Every question by its name."""
        return {question.name: question for page in self.pages for question in page.questions}


def read(form: Mapping[str, Any]) -> Application:
    """A form as it lies in data/forms, taken apart."""
    group = form.get("at_least_one") or {}
    return Application(
        title=form["title"],
        pages=tuple(_page(page) for page in form["pages"]),
        status_note=form.get("status_note", ""),
        group=group.get("group", ""),
        group_message=group.get("message", ""),
    )


def _page(page: Mapping[str, Any]) -> Page:
    questions = tuple(_question(field) for field in page["fields"])
    return Page(page["id"], page["title"], page.get("intro", ""), questions)


def _question(field: Mapping[str, Any]) -> Question:
    condition = field.get("condition")
    return Question(
        name=field["name"],
        label=field["label"],
        kind=field["type"],
        required=field["required"],
        hint=field.get("hint", ""),
        purpose=field.get("purpose", ""),
        options=tuple((option["value"], option["label"]) for option in field.get("options", ())),
        condition=Condition(condition["field"], condition["equals"]) if condition else None,
        autocomplete=field.get("autocomplete", ""),
        max_length=field.get("max_length", LONGEST_TEXT),
        least=field.get("min"),
        most=field.get("max"),
        group=field.get("group", ""),
    )


def tidy(text: str) -> str:
    """An answer as it is kept: one Unicode form, no blanks around, lines of one kind."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\x00", ""))
    return text.strip()


def is_asked(application: Application, question: Question, answers: Answers) -> bool:
    """Whether the question is put, given what was answered; hidden ones hide those behind them."""
    condition = question.condition
    if condition is None:
        return True
    asked_by = application.questions.get(condition.field)
    if asked_by is None or not is_asked(application, asked_by, answers):
        return False
    return answers.get(condition.field, "") == condition.equals


def kept(application: Application, answers: Answers) -> dict[str, str]:
    """The answers that go with the dossier: only those to questions that were put."""
    return {
        name: answers[name]
        for name, question in application.questions.items()
        if answers.get(name) and is_asked(application, question, answers)
    }
