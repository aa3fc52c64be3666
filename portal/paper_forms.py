"""Which form a paper of the agency follows, as versioned data with its source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "paper_forms.json"


@dataclass(frozen=True)
class PaperForm:
    """One form of one set of forms; `sureness` unsure means its layout was not compared."""

    kind: str
    number: str
    title: str
    suffix: str
    form_set: str
    valid_from: date
    valid_to: date | None
    sureness: str


@cache
def _forms() -> tuple[PaperForm, ...]:
    rows = json.loads(DATA.read_text(encoding="utf-8"))["forms"]
    return tuple(
        PaperForm(
            **{
                **row,
                "valid_from": date.fromisoformat(row["valid_from"]),
                "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            }
        )
        for row in rows
    )


def form_of(kind: str, on: date) -> PaperForm:
    """The form in force on a day; raises LookupError where the data has none."""
    for form in _forms():
        in_force = form.valid_from <= on and (form.valid_to is None or on < form.valid_to)
        if form.kind == kind and in_force:
            return form
    raise LookupError(f"no form for {kind} on {on}")
