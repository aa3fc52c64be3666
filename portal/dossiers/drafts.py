"""What a citizen has written so far: kept page by page, tidied and pinned when it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select, true
from sqlalchemy.orm import joinedload, selectinload

from portal.access import Actor
from portal.accounts.models import User
from portal.accounts.queries import lock_person
from portal.audit.services import record
from portal.catalogue.models import Component, PaperKind, ProcedureVersion
from portal.documents.models import Document, DocumentFile, DocumentPurpose, FileState
from portal.dossiers import answers as rules
from portal.dossiers import openings
from portal.dossiers.application import Application, kept, read
from portal.dossiers.generic_form import (
    REQUESTER_ADDRESS,
    REQUESTER_COMMUNE,
    RETURN_ADDRESS,
    RETURN_COMMUNE,
    RETURN_MODE,
    generic,
    return_page,
)
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.errors import Invalid, NotFound
from portal.extensions import db
from vietnam import citizen_number, names, phones

NOT_HANDED_IN = frozenset({FileState.WITHDRAWN, FileState.REFUSED})


@dataclass(frozen=True)
class PaperLine:
    """A paper the procedure asks for, and how it stands with it.

    `need` is "required", "conditional", "optional" (there is no official form to fill) or
    "covered" (the electronic form stands for it).
    """

    document: Document
    component: Component
    need: str
    handed_in: int

    @property
    def state(self) -> str:
        """How far it is, in the words of the task list."""
        return "done" if self.handed_in else "todo"

    @property
    def is_missing(self) -> bool:
        """Whether the dossier cannot be sent without it."""
        return self.need == "required" and not self.handed_in


def application_of(version: ProcedureVersion) -> Application:
    """The procedure's own electronic form, or the general one; the return page closes it."""
    form = read(version.form) if version.form else generic()
    return replace(form, pages=(*form.pages, return_page(by_post=version.post_out)))


def answers_of(dossier: Dossier) -> dict[str, str]:
    """What was answered so far; also the empty answers of pages that were saved."""
    found = json.loads(dossier.answers_text or "{}")
    assert isinstance(found, dict)
    return {str(name): str(text) for name, text in found.items()}


def first_answers(dossier: Dossier, actor: Actor) -> dict[str, str]:
    """What the account already knows, offered in empty fields and kept only when saved."""
    user = db.session.get_one(User, actor.user_id)
    known = {
        "requester_name": user.name,
        "requester_email": user.email,
        "requester_phone": user.phone or "",
        "requester_citizen_number": user.citizen_number or "",
        REQUESTER_COMMUNE: user.commune_code or "",
        REQUESTER_ADDRESS: user.address,
    }
    answers = answers_of(dossier)
    known[RETURN_COMMUNE] = answers.get(REQUESTER_COMMUNE, known[REQUESTER_COMMUNE])
    known[RETURN_ADDRESS] = answers.get(REQUESTER_ADDRESS, known[REQUESTER_ADDRESS])
    return {**{name: text for name, text in known.items() if text}, **answers}


def find(
    actor: Actor, procedure_id: int, channel: Channel, *, lock: bool = False
) -> Dossier | None:
    """The draft this person has open for a procedure: he goes on with it instead of a second.

    With `lock` two who look at the same moment, to begin one, look one after the other.
    """
    if lock:
        lock_person(actor.user_id)
    return db.session.scalar(
        select(Dossier)
        .join(ProcedureVersion)
        .where(
            Dossier.applicant_id == actor.user_id,
            Dossier.status == Status.DRAFT,
            Dossier.channel == channel,
            ProcedureVersion.procedure_id == procedure_id,
        )
        .order_by(Dossier.id.desc())
        .limit(1)
    )


def get_draft(
    public_id: str, *, for_: Actor, channel: Channel | None, lock: bool = False
) -> Dossier:
    """His own draft with its papers, or NotFound; what was sent is a draft no longer.

    Without a `channel` in whichever way it was to be sent, and without its papers.
    """
    query = (
        select(Dossier)
        .where(
            Dossier.public_id == public_id,
            Dossier.applicant_id == for_.user_id,
            Dossier.status == Status.DRAFT,
            true() if channel is None else Dossier.channel == channel,
        )
        .options(joinedload(Dossier.procedure_version).lazyload(ProcedureVersion.components))
    )
    if channel is Channel.ONLINE:  # who books a courier hands in no files
        papers = selectinload(Dossier.documents).selectinload(Document.files)
        query = query.options(papers.selectinload(DocumentFile.pages))
    draft = db.session.scalar(query.with_for_update(of=Dossier) if lock else query)
    if draft is None:
        raise NotFound
    openings.note(draft)
    return draft


def keep(dossier: Dossier, given: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """Lay the answers of one page to those of the others; an answer not asked about stays."""
    dossier.touched_at = at
    dossier.answers_text = json.dumps({**answers_of(dossier), **given}, ensure_ascii=False)
    record("dossier:save_draft", dossier, by=by, dossier_id=dossier.id, questions=len(given))


def touch(dossier: Dossier, at: datetime) -> None:
    """Somebody goes on with it: its time begins anew, and older pages of it no longer hold."""
    dossier.touched_at = at


def complete(dossier: Dossier, application: Application, today: date) -> None:
    """Make the draft what will be sent: hidden answers are dropped, the rest fills the columns."""
    given = kept(application, answers_of(dossier))
    wrong = rules.problems(application, given, today)
    if wrong:
        raise Invalid(wrong[0].page, wrong[0].sentence)
    dossier.answers_text = json.dumps(given, ensure_ascii=False)
    dossier.applicant_name = names.normalise(given.get("requester_name", ""))
    dossier.citizen_number = citizen_number.bare(given.get("requester_citizen_number", ""))
    dossier.phone = phones.normalise(given.get("requester_phone", ""))
    dossier.email = given.get("requester_email", "").lower()
    dossier.address = given.get(REQUESTER_ADDRESS, "")
    dossier.commune_code = given.get(REQUESTER_COMMUNE) or None
    dossier.return_mode = ReturnMode(given.get(RETURN_MODE, ReturnMode.DESK.value))
    dossier.return_address = given.get(RETURN_ADDRESS, "")
    dossier.return_commune_code = given.get(RETURN_COMMUNE) or None


def papers(dossier: Dossier) -> list[PaperLine]:
    """The papers of the pinned version in their order, with what was handed in for each."""
    by_component = {
        document.component_id: document
        for document in dossier.documents
        if document.purpose is DocumentPurpose.COMPONENT
    }
    has_form = dossier.procedure_version.form is not None
    return [
        PaperLine(
            by_component[component.id],
            component,
            need_of(component, has_form=has_form),
            handed_in(by_component[component.id]),
        )
        for component in dossier.procedure_version.components
        if component.id in by_component
    ]


def needed(version: ProcedureVersion) -> list[tuple[Component, str]]:
    """The papers of a version that may come as files, each with how much it is needed."""
    has_form = version.form is not None
    lines = [(component, need_of(component, has_form=has_form)) for component in version.components]
    return [(component, need) for component, need in lines if need != "covered"]


def need_of(component: Component, *, has_form: bool) -> str:
    """How much an online sending needs this paper as a file."""
    if component.kind is PaperKind.FORM:
        return "covered" if has_form else "optional"
    return "required" if component.is_required else "conditional"


def handed_in(document: Document) -> int:
    """How many files stand for the paper: not those taken back or refused."""
    return sum(file.state not in NOT_HANDED_IN for file in document.files)


def must_have_papers(dossier: Dossier) -> None:
    """Refuse to send while a required paper has no file."""
    missing = next((line for line in papers(dossier) if line.is_missing), None)
    if missing is not None:
        raise Invalid(
            "papers", _("Chưa có tệp cho giấy tờ: %(name)s.", name=missing.component.name)
        )
