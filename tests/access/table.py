"""Reads the expected table beside doors.py."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.access import Role

PATH = Path(__file__).resolve().parents[2] / "portal" / "doors_access.toml"
EVERYONE = {role.value for role in Role}


@dataclass(frozen=True)
class Expected:
    """One row: what the address names, and who is let in by which relation to it."""

    name: str
    of: str
    relations: dict[str, str]
    is_open: bool
    is_machine: bool
    refusal: int
    knows: str
    told: int
    why: str

    def lets_in(self, role: Role | None) -> bool:
        """Whether somebody in this role has any business at the door."""
        return self.is_open or (role is not None and role.value in self.relations)


@dataclass(frozen=True)
class Table:
    """All rows, and what of a dossier each relation may see."""

    doors: dict[str, Expected]
    sees: dict[str, dict[str, frozenset[str]]]


def read() -> Table:
    given = tomllib.loads(PATH.read_text(encoding="utf-8"))
    doors = {name: _row(name, row) for name, row in given["doors"].items()}
    sees = {
        role: {relation: frozenset(fields) for relation, fields in relations.items()}
        for role, relations in given["sees"].items()
    }
    return Table(doors, sees)


def _row(name: str, row: dict[str, Any]) -> Expected:
    named, is_open = row["to"], row["to"] == "anyone"
    to = {} if named == "machines" else named
    if isinstance(to, str):
        to = dict.fromkeys(EVERYONE, "")
    elif isinstance(to, list):
        to = dict.fromkeys(to, "")
    if "everyone" in to:
        to = dict.fromkeys(EVERYONE, to["everyone"])
    return Expected(
        name,
        row.get("of", ""),
        to,
        is_open,
        named == "machines",
        row.get("else", 404),
        row.get("knows", ""),
        row.get("told", 409),
        row["why"],
    )
