"""Asks for the figures of a report, always inside the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select

from portal.access import Actor, Role
from portal.catalogue.models import Procedure, ProcedureVersion
from portal.directory.models import Organisation
from portal.dossiers import counting
from portal.dossiers.inbox import Order, Page, listed
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import scope
from portal.dossiers.standing import Present
from portal.extensions import db
from portal.reports import figures
from portal.reports.figures import Figure, Scene
from portal.reports.periods import Period, last_months

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """How many were accepted and how many got their result in one month."""

    period: Period
    accepted: int
    resolved: int


@dataclass(frozen=True)
class Share:
    """One unit's or procedure's part of the figures; `query` leads to its lists."""

    name: str
    query: dict[str, str]
    numbers: dict[str, int]


@dataclass(frozen=True)
class Report:
    """Everything a leader sees at one glance."""

    numbers: dict[str, int]
    statuses: dict[Status, int]
    months: tuple[Month, ...]
    shares: tuple[Share, ...]

    @property
    def on_time_rate(self) -> float | None:
        """The part of results with a known due date that came in time; None without any."""
        in_time, late = self.numbers["dung-han"], self.numbers["tre-han"]
        return in_time / (in_time + late) if in_time + late else None


BREAKDOWN = tuple(figures.ALL[key] for key in ("tiep-nhan", "dung-han", "tre-han", "con-lai"))


def report(actor: Actor, period: Period, at: Present) -> Report:
    """All figures of a period and of the present; the dossiers are read through once for each."""
    parts = _parts(actor, period, at)
    return Report(
        numbers=_sum(parts.values()),
        statuses=dict(sorted(counting.by_status(actor).items(), key=lambda one: one[0].number)),
        months=months(actor, at),
        shares=_shares(actor, parts),
    )


def numbers(actor: Actor, period: Period, at: Present) -> dict[str, int]:
    """Every figure of the table."""
    return _sum(_parts(actor, period, at).values())


def months(actor: Actor, at: Present) -> tuple[Month, ...]:
    """The last twelve months, for the chart."""
    periods = last_months(at.now.date(), MONTHS)
    accepted, resolved = (
        _by_month(actor, moment, periods) for moment in (Dossier.accepted_at, Dossier.finished_at)
    )
    return tuple(
        Month(period, accepted.get(number, 0), resolved.get(number, 0))
        for number, period in enumerate(periods)
    )


def _by_month(actor: Actor, moment: Any, periods: Sequence[Period]) -> dict[int, int]:
    """How many moments lie in each of these months, which follow each other.

    Months that are over are asked about first to last, so most rows are told by few comparisons.
    """
    which = case(*[(moment < period.end, number) for number, period in enumerate(periods)])
    within = (moment >= periods[0].start) & (moment < periods[-1].end)
    query = select(which, func.count()).where(scope(actor), within).group_by(which)
    return {row[0]: row[1] for row in db.session.execute(query)}


def shares(actor: Actor, period: Period, at: Present) -> tuple[Share, ...]:
    """The figures for each unit of a province, or for each procedure of a department."""
    return _shares(actor, _parts(actor, period, at))


Numbers = dict[str, int]


def _parts(actor: Actor, period: Period, at: Present) -> dict[int | None, Numbers]:
    """All figures of each unit, or of each version of a procedure, by its number.

    Names are looked up afterwards, for the few that there are and not beside every dossier.
    """
    here, wanted = Scene(period, at), list(figures.ALL.values())
    column = Dossier.receiving_unit_id if _by_unit(actor) else Dossier.procedure_version_id
    part = column + literal_column("0")  # or SQLite groups by an index that lacks the rest
    sums = [func.sum(case((figure.where(here), 1), else_=0)) for figure in wanted]
    query = select(part, *sums).where(scope(actor)).group_by(part)
    return {
        row[0]: {figure.key: int(value) for figure, value in zip(wanted, row[1:], strict=True)}
        for row in db.session.execute(query)
    }


def _shares(actor: Actor, parts: dict[int | None, Numbers]) -> tuple[Share, ...]:
    """The parts by name; versions of one procedure are one share."""
    key, query = ("don-vi", _units(parts)) if _by_unit(actor) else ("thu-tuc", _procedures(parts))
    named: dict[tuple[str, str], list[Numbers]] = {}
    for number, name, code in db.session.execute(query):
        named.setdefault((name, code), []).append(parts[number])
    return tuple(Share(name, {key: code}, _sum(numbers)) for (name, code), numbers in named.items())


def _units(wanted: Iterable[int | None]) -> Select[*tuple[Any, ...]]:
    return (
        select(Organisation.id, Organisation.name, Organisation.public_id)
        .where(Organisation.id.in_(wanted))
        .order_by(Organisation.name, Organisation.public_id)
    )


def _procedures(wanted: Iterable[int | None]) -> Select[*tuple[Any, ...]]:
    return (
        select(ProcedureVersion.id, Procedure.name, Procedure.code)
        .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
        .where(ProcedureVersion.id.in_(wanted))
        .order_by(Procedure.name, Procedure.code)
    )


def _by_unit(actor: Actor) -> bool:
    return actor.role is Role.CONTROL


def _sum(parts: Iterable[Numbers]) -> Numbers:
    found = dict.fromkeys(figures.ALL, 0)
    for numbers in parts:
        for key, number in numbers.items():
            found[key] += number
    return found


@dataclass(frozen=True)
class Narrowed:
    """To what a list is narrowed: a figure, and perhaps a status, a unit or a procedure."""

    figure: Figure
    status: Status | None = None
    unit: str = ""
    procedure: str = ""

    def as_query(self) -> dict[str, str]:
        """The same as part of an address."""
        pairs = {
            "so": self.figure.key,
            "tinh-trang": str(self.status.number) if self.status else "",
            "don-vi": self.unit,
            "thu-tuc": self.procedure,
        }
        return {name: value for name, value in pairs.items() if value}


def dossiers(
    actor: Actor, narrowed: Narrowed, period: Period, at: Present, *, after: str, before: str
) -> Page:
    """The list behind a number, what is due first on top."""
    here = Scene(period, at)
    is_counted = (
        narrowed.figure.where(here)
        if narrowed.status is None
        else Dossier.status == narrowed.status
    )
    where = scope(actor) & is_counted
    if narrowed.unit:
        unit = select(Organisation.id).where(Organisation.public_id == narrowed.unit)
        where &= Dossier.receiving_unit_id.in_(unit)
    if narrowed.procedure:
        version = (
            select(ProcedureVersion.id).join(Procedure).where(Procedure.code == narrowed.procedure)
        )
        where &= Dossier.procedure_version_id.in_(version)
    return listed([where], Order.by_due(), at, after=after, before=before)
