"""Reads the files of administrative units and organisations; may be run again at any time."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.directory.models import LONGEST_NAME, AdministrativeUnit, Organisation, OrganisationKind
from vietnam import folding

# Kept one to a line: names of sectors contain commas.
SECTOR_SEPARATOR = "\n"


def load_units(session: Session, path: Path) -> int:
    """Bring provinces and communes to what the file says; return how many rows changed.

    A unit is its code and its first day; one that was renamed or merged has a second row.
    """
    known = {
        (unit.code, unit.valid_from): unit for unit in session.scalars(select(AdministrativeUnit))
    }
    new: list[dict[str, Any]] = []
    changed = 0
    with path.open(encoding="utf-8", newline="") as file:
        for row in map(_unit_values, csv.DictReader(file)):
            unit = known.get((row["code"], row["valid_from"]))
            if unit is None:
                new.append(row)
            else:
                changed += _write(unit, row)
    if new:
        session.execute(insert(AdministrativeUnit), new)
    session.flush()
    return changed + len(new)


def _unit_values(row: dict[str, str]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": row["name"],
        "kind": row["kind"],
        "parent_code": row["parent_code"] or None,
        "folded": folding.cut(row["name"], LONGEST_NAME),
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    }


def load_organisations(session: Session, path: Path) -> int:
    """Bring organisations to what the file says, parents first; return how many rows changed."""
    file = json.loads(path.read_text(encoding="utf-8"))
    known = {place.code: place for place in session.scalars(select(Organisation))}
    changed = 0
    for row in file["organisations"]:
        place = known.get(row["code"])
        if place is None:
            place = known[row["code"]] = Organisation(code=row["code"])
            session.add(place)
        parent = known[row["parent"]] if row["parent"] else None
        changed += _write(place, _organisation_values(row) | {"parent": parent})
    session.flush()
    return changed


def _organisation_values(row: dict[str, Any]) -> dict[str, Any]:
    copied = ("name", "province_code", "commune_code", "address", "phone", "hours", "contact")
    return {
        "kind": OrganisationKind(row["kind"]),
        "sectors": SECTOR_SEPARATOR.join(row["sectors"]),
        **{name: row[name] for name in copied},
    }


def _write(row: AdministrativeUnit | Organisation, values: dict[str, Any]) -> bool:
    """Write the values; tell whether any was new."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)
