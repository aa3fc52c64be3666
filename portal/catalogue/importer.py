"""Reads the catalogue files: procedures with their forms, and the prices of the post."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal import clock
from portal.catalogue.models import (
    Component,
    PaperKind,
    Procedure,
    ProcedureVersion,
    Sureness,
    Tariff,
    TimeUnit,
)
from vietnam.folding import fold

UNVERIFIED = " (chưa xác minh)"


class CatalogueRefused(ValueError):
    """The file cannot be loaded; the sentence says which entry and why."""


@dataclass(frozen=True)
class Loaded:
    """What an import did: new procedures, procedures with a new version, and those left alone."""

    added: int = 0
    revised: int = 0
    unchanged: int = 0


def load_procedures(session: Session, path: Path, on: date | None = None) -> Loaded:
    """Bring the catalogue to what the file says.

    A published version is never edited: a procedure whose entry differs gets a new version,
    valid from the day of import, and dossiers keep the one they were sent under. Procedures the
    file does not name are left alone. Forms lie beside the file, in `forms/<code>.json`.
    """
    day = on or clock.today()
    entries = json.loads(path.read_text(encoding="utf-8"))["procedures"]
    codes = [entry.get("code") for entry in entries]
    if len(set(codes)) != len(codes) or None in codes:
        raise CatalogueRefused("Each procedure needs a code of its own.")
    known = {
        procedure.code: procedure
        for procedure in session.scalars(
            select(Procedure).options(selectinload(Procedure.versions))
        )
    }
    done = {"added": 0, "revised": 0, "unchanged": 0}
    for entry in entries:
        try:
            done[_load_one(session, known, entry, path.parent, day)] += 1
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise CatalogueRefused(f"Procedure {entry['code']}: {error!r}.") from error
    session.flush()
    return Loaded(**done)


def _load_one(
    session: Session, known: dict[str, Procedure], entry: dict[str, Any], folder: Path, day: date
) -> str:
    form = _form(folder, entry)
    digest = _digest(entry, form)
    procedure = known.get(entry["code"])
    first = procedure is None
    if procedure is None:
        procedure = Procedure(code=entry["code"], versions=[])
        session.add(procedure)
    latest = procedure.versions[-1] if procedure.versions else None
    if latest is not None and latest.content_hash == digest:
        return "unchanged"
    _describe(procedure, entry)
    starts = date.fromisoformat(entry["valid_from"])
    version = _version(entry, form)
    version.number = latest.number + 1 if latest else 1
    version.valid_from = max(starts, day) if latest else starts
    version.content_hash = digest
    procedure.versions.append(version)
    return "added" if first else "revised"


def _digest(entry: dict[str, Any], form: dict[str, Any] | None) -> str:
    canonical = json.dumps([entry, form], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _form(folder: Path, entry: dict[str, Any]) -> dict[str, Any] | None:
    if entry["form"] is None:
        return None
    form = json.loads((folder / "forms" / f"{entry['form']}.json").read_text(encoding="utf-8"))
    assert isinstance(form, dict)
    return form


def _describe(procedure: Procedure, entry: dict[str, Any]) -> None:
    procedure.name = entry["name"]
    procedure.sector = entry["sector"]
    procedure.level = entry["level"]
    procedure.popular_names = list(entry["popular_names"])
    searched = (entry["name"], *entry["popular_names"], entry["sector"], entry["code"])
    procedure.folded = " | ".join(fold(text) for text in (*searched, *entry["other_codes"]))


def _version(entry: dict[str, Any], form: dict[str, Any] | None) -> ProcedureVersion:
    time, fee, post = entry["time"], entry["fee"], entry["post"]
    change = entry["expected_change"]
    return ProcedureVersion(
        valid_to=date.fromisoformat(entry["valid_to"]) if entry["valid_to"] else None,
        summary=entry["summary"],
        notice=change["text"] if change else "",
        audience=entry["audience"],
        time_value=time["value"],
        time_unit=TimeUnit(time["unit"]) if time["unit"] else None,
        time_cutoff=time["cutoff"],
        time_note=time["note"],
        time_sureness=Sureness(time["sureness"]),
        fee_text=fee["text"],
        fee_amount=fee["amount"],
        fee_amount_online=fee["amount_online"],
        fee_per=fee["per"],
        fee_exemptions=_exemptions(fee),
        fee_sureness=Sureness(fee["sureness"]),
        post_in=post["in"],
        post_out=post["out"],
        post_note=post["note"],
        post_sureness=Sureness(post["sureness"]),
        is_full_online=entry["online"]["level"] == "full",
        online_sureness=Sureness(entry["online"]["sureness"]),
        legal_basis="\n".join(_marked(basis) for basis in entry["legal_basis"]),
        source="\n".join([*entry["sources"], *filter(None, [fee["source"]])]),
        outcome_name=entry["outcome_name"],
        form=form,
        components=[_component(paper) for paper in entry["components"]],
    )


def _marked(basis: dict[str, str]) -> str:
    unsure = Sureness(basis["sureness"]) is Sureness.UNSURE
    return basis["text"] + (UNVERIFIED if unsure else "")


def _exemptions(fee: dict[str, Any]) -> list[dict[str, str]]:
    marks = {"source": fee["exemptions_source"], "sureness": fee["exemptions_sureness"]}
    return [{"text": text, **marks} for text in fee["exemptions"]]


def _component(paper: dict[str, Any]) -> Component:
    same = ("number", "name", "quantity", "is_required", "condition", "digitise", "is_shown_only")
    return Component(
        kind=PaperKind(paper["kind"]),
        sureness=Sureness(paper["sureness"]),
        disposition=paper["disposition"],
        **{name: paper[name] for name in same},
    )


def load_tariffs(session: Session, path: Path) -> int:
    """Bring the prices of the post to what the file says; return how many rows changed."""
    known = {_key(row): row for row in session.scalars(select(Tariff))}
    changed = 0
    for entry in json.loads(path.read_text(encoding="utf-8"))["tariffs"]:
        ends = entry["valid_to"]
        values = entry | {
            "valid_from": date.fromisoformat(entry["valid_from"]),
            "valid_to": date.fromisoformat(ends) if ends else None,
        }
        new = Tariff(**values)
        row = known.get(_key(new))
        if row is None:
            session.add(new)
            changed += 1
            continue
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in differing.items():
            setattr(row, name, value)
        changed += bool(differing)
    session.flush()
    return changed


def _key(row: Tariff) -> tuple[str, str, int | None, date]:
    return row.service, row.zone, row.weight_to_grams, row.valid_from
