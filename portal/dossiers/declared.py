"""What the applicant declared in the electronic form, as an office reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.directory.models import AdministrativeUnit
from portal.dossiers.generic_form import GENERIC
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from vietnam import citizen_number, phones


@dataclass(frozen=True)
class Answer:
    """A question of the form and what was answered."""

    label: str
    text: str


def declared(dossier: Dossier) -> tuple[Answer, ...]:
    """The answers in the order of the form; numbers that identify people are masked."""
    given = json.loads(dossier.answers_text or "{}")
    fields = [
        one
        for page in (dossier.procedure_version.form or GENERIC)["pages"]
        for one in page.get("fields", [])
        if given.get(one.get("name"))
    ]
    communes = _communes({given[one["name"]] for one in fields if one.get("type") == "commune"})
    return tuple(
        Answer(str(one.get("label", "")), _shown(one, str(given[one["name"]]), communes))
        for one in fields
    )


def _shown(question: dict[str, Any], text: str, communes: dict[str, str]) -> str:
    kind = question.get("type")
    if kind == "citizen_number":
        return citizen_number.mask(text)
    if kind == "phone":
        return phones.mask(text)
    if kind == "commune":
        return communes.get(text, text)
    if kind == "checkbox" and text == "yes":
        return "Có"
    options = {str(one.get("value")): str(one.get("label")) for one in question.get("options", [])}
    return options.get(text, text)


def _communes(codes: set[str]) -> dict[str, str]:
    if not codes:
        return {}
    query = select(AdministrativeUnit.code, AdministrativeUnit.name).where(
        AdministrativeUnit.code.in_(codes), AdministrativeUnit.valid_to.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
