"""How long what belongs to no dossier is kept: versions of a table of data, with sources."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

SHOWN_AS_LAW = ("sure", "known")
TABLE = Path(__file__).resolve().parent.parent / "data" / "retention.json"


class What(enum.StrEnum):
    """What is kept for a time; each has its row in the table, or nothing starts."""

    DRAFT = "draft"
    DRAFT_TOLD = "draft_told"  # so long before it goes its owner is told
    WAITING_FORM = "waiting_form"
    ANSWER = "answer"
    SESSION = "session"
    LETTER = "letter"
    QUARANTINE = "quarantine"
    ERASED_DRAFT = "erased_draft"  # that a draft was erased; as long as copies may still hold it
    ERASED_PERSON = "erased_person"


@dataclass(frozen=True)
class Rule:
    """So long it is kept, and who says so."""

    kept: timedelta
    source: str


@dataclass(frozen=True)
class Duty:
    """What is kept of somebody who has his data erased, and by which law; none where it is ours."""

    text: str
    ground: str


def duties(on: date) -> list[Duty]:
    """What the version that holds on a day keeps; what is not sure is never told as law."""
    return [
        Duty(row["text"], row["ground"] if row["sureness"] in SHOWN_AS_LAW else "")
        for row in _in_force(on)["duties"]
    ]


def kept(what: What, on: date) -> timedelta:
    """How long this is kept by the version that holds on a day."""
    return rule(what, on).kept


def rule(what: What, on: date) -> Rule:
    """The row that holds on a day; before the first version, its row."""
    row = next(row for row in _in_force(on)["rules"] if row["what"] == what.value)
    return Rule(timedelta(days=row["days"]), row["source"])


def _in_force(on: date) -> dict[str, Any]:
    versions = _versions()
    valid = [version for version in versions if version["valid_from"] <= on.isoformat()]
    return valid[-1] if valid else versions[0]


@cache
def _versions() -> list[dict[str, Any]]:
    """Read once; a row that is missing, or says no time, is an error of who wrote it."""
    versions = json.loads(TABLE.read_text(encoding="utf-8"))["versions"]
    for version in versions:
        rules = {row["what"] for row in version["rules"] if row["days"] > 0 and row["source"]}
        if rules != {what.value for what in What}:
            raise ValueError(f"{TABLE.name}: wrong or missing rows of {version['valid_from']}.")
    return sorted(versions, key=lambda version: str(version["valid_from"]))
