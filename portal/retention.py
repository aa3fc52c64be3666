"""How long what belongs to no dossier is kept: versions of a table of data, with sources."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

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


@dataclass(frozen=True)
class Rule:
    """So long it is kept, and who says so."""

    kept: timedelta
    source: str


def kept(what: What, on: date) -> timedelta:
    """How long this is kept by the version that holds on a day."""
    return rule(what, on).kept


def rule(what: What, on: date) -> Rule:
    """The row that holds on a day; before the first version, its row."""
    versions = _versions()
    valid = [rules for since, rules in versions if since <= on]
    return (valid[-1] if valid else versions[0][1])[what]


@cache
def _versions() -> list[tuple[date, dict[What, Rule]]]:
    """Read once; a row that is missing, or for nothing we know, is an error of who wrote it."""
    found = []
    for version in json.loads(TABLE.read_text(encoding="utf-8"))["versions"]:
        rules = {
            What(row["what"]): Rule(timedelta(days=row["days"]), row["source"])
            for row in version["rules"]
        }
        lacking = set(What) - rules.keys()
        if lacking or any(one.kept <= timedelta() for one in rules.values()):
            raise ValueError(f"{TABLE.name}: wrong or missing rows: {sorted(lacking)}.")
        found.append((date.fromisoformat(version["valid_from"]), rules))
    return sorted(found, key=lambda version: version[0])
