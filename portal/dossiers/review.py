"""What is done and what is missing of a draft, its answers read back, and what it will cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.catalogue import wording
from portal.catalogue.rules import Price, fee_of
from portal.directory import queries as directory
from portal.dossiers import answers as rules
from portal.dossiers import drafts
from portal.dossiers.application import Answers, Application, Page, Question, is_asked, kept
from portal.dossiers.generic_form import REQUESTER_COMMUNE, RETURN_COMMUNE, RETURN_MODE
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.ways import postage
from vietnam import money

STATES = {"todo": "todo", "partial": "doing", "done": "done"}


@dataclass(frozen=True)
class Task:
    """One line of the task list; `kind` is "page" or "paper", `key` its name in the address."""

    kind: str
    key: str
    title: str
    state: str
    need: str = "required"
    handed_in: int = 0
    condition: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the dossier cannot be sent before this is done."""
        return self.need == "required" and self.state != "done"


@dataclass(frozen=True)
class Section:
    """The answers of one page as they read back."""

    page: Page
    rows: list[tuple[Question, str]]


def tasks(dossier: Dossier, application: Application, today: date) -> list[Task]:
    """Every topic that asks something, then every paper that may come as a file."""
    lines = drafts.papers(dossier)
    papers = [_paper(line) for line in lines if line.need != "covered"]
    return [*topics(dossier, application, today), *papers]


def topics(dossier: Dossier, application: Application, today: date) -> list[Task]:
    """Every topic that asks something."""
    answers = drafts.answers_of(dossier)
    found = []
    for page in application.pages:
        standing = rules.standing(application, page, answers, today)
        if standing in STATES:
            found.append(Task("page", page.id, page.title, STATES[standing]))
    return found


def _paper(line: drafts.PaperLine) -> Task:
    return Task(
        "paper",
        line.document.public_id,
        line.component.name,
        line.state,
        line.need,
        line.handed_in,
        line.component.condition,
    )


def sections(application: Application, answers: Answers) -> list[Section]:
    """Questions with answers, page by page; places by their full names, hidden answers left out."""
    given = kept(application, answers)
    codes = [text for name, text in given.items() if application.questions[name].kind == "commune"]
    names = directory.full_names(codes)
    found = []
    for page in application.pages:
        rows = [
            (question, _shown(question, given.get(question.name, ""), names))
            for question in page.questions
            if is_asked(application, question, answers)
        ]
        if rows:
            found.append(Section(page, rows))
    return found


def _shown(question: Question, text: str, names: dict[str, str]) -> str:
    if question.kind == "commune":
        return names.get(text, text)
    return rules.shown(question, text)


@dataclass(frozen=True)
class Cost:
    """What a dossier costs: the State's fee and, beside it, the post's price."""

    fee: Price
    fee_text: str
    fee_unsure: bool
    postage: str


def cost_of(dossier: Dossier, answers: Answers) -> Cost:
    """Fee by the version's terms; postage only where the result comes home by post."""
    version = dossier.procedure_version
    units = money.parse(answers.get("copies", "")) or 1
    fee = fee_of(version, units=units, is_online=True)
    return Cost(
        fee=fee,
        fee_text=version.fee_text,
        fee_unsure=wording.is_unsure(version.fee_sureness),
        postage=_postage(answers),
    )


def _postage(answers: Answers) -> str:
    if answers.get(RETURN_MODE) != "post":
        return ""
    home = directory.unit(answers.get(RETURN_COMMUNE, ""))
    own = directory.unit(answers.get(REQUESTER_COMMUNE, ""))
    price = postage(
        from_province=own.parent_code if own else None,
        to_province=home.parent_code if home else None,
        ways=1,
    )
    return wording.price_of(price)
