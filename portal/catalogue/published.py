"""Small tables the law or the post publishes: longest transit times, and who sends for free."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "data"


@dataclass(frozen=True)
class TransitTime:
    """The longest time of one route in working days after the day of posting (J + n).

    `with_receipt_days` also brings the appointment slip back; None means not published here.
    """

    zone: str
    name: str
    one_way_days: int | None
    with_receipt_days: int | None
    source: str
    sureness: str


@dataclass(frozen=True)
class PostalExemption:
    """A group of people whom the post serves for free."""

    id: str
    text: str
    source: str


@functools.cache
def transit_times() -> tuple[TransitTime, ...]:
    """All routes, nearest first."""
    return tuple(TransitTime(**row) for row in _read("transit_times.json")["routes"])


def transit_time(zone: str) -> TransitTime | None:
    """The route of one zone."""
    return next((row for row in transit_times() if row.zone == zone), None)


@functools.cache
def postal_exemptions() -> tuple[PostalExemption, ...]:
    """The groups named in the published table of prices."""
    return tuple(PostalExemption(**row) for row in _read("tariffs.json")["exemptions"])


def _read(name: str) -> dict[str, Any]:
    found = json.loads((DATA / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found
