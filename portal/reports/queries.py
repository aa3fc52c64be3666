"""Asks for the figures of a report, always inside the scope of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

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
    """All figures of a period and of the present."""
    return Report(
        numbers=numbers(actor, period, at),
        statuses=dict(sorted(counting.by_status(actor).items(), key=lambda one: one[0].number)),
        months=months(actor, at),
        shares=shares(actor, period, at),
    )


def numbers(actor: Actor, period: Period, at: Present) -> dict[str, int]:
    """Every figure of the table in one question."""
    here = Scene(period, at)
    wanted = list(figures.ALL.values())
    row = db.session.execute(_counting(here, wanted).where(scope(actor))).one()
    return {figure.key: int(value or 0) for figure, value in zip(wanted, row, strict=True)}


def months(actor: Actor, at: Present) -> tuple[Month, ...]:
    """The last twelve months, for the chart."""
    periods = last_months(at.now.date(), MONTHS)
    columns: list[ColumnElement[Any]] = []
    for period in periods:
        for moment in (Dossier.accepted_at, Dossier.finished_at):
            inside = (moment >= period.start) & (moment < period.end)
            columns.append(func.sum(case((inside, 1), else_=0)))
    row = db.session.execute(select(*columns).where(scope(actor))).one()
    values = [int(value or 0) for value in row]
    return tuple(
        Month(period, values[2 * number], values[2 * number + 1])
        for number, period in enumerate(periods)
    )


def shares(actor: Actor, period: Period, at: Present) -> tuple[Share, ...]:
    """The figures for each unit of a province, or for each procedure of a department."""
    here = Scene(period, at)
    by_unit = actor.role is Role.CONTROL
    name, key = (
        (Organisation.name, Organisation.public_id) if by_unit else (Procedure.name, Procedure.code)
    )
    query = (
        _counting(here, BREAKDOWN)
        .add_columns(name, key)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.procedure_version_id)
        .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
        .outerjoin(Organisation, Organisation.id == Dossier.receiving_unit_id)
        .where(scope(actor))
        .group_by(name, key)
        .order_by(name)
    )
    return tuple(
        Share(
            name=row[-2] or "",
            query={"don-vi" if by_unit else "thu-tuc": row[-1] or ""},
            numbers={f.key: int(v or 0) for f, v in zip(BREAKDOWN, row[:-2], strict=True)},
        )
        for row in db.session.execute(query)
    )


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


def _counting(here: Scene, wanted: list[Figure] | tuple[Figure, ...]) -> Select[Any]:
    columns = [func.sum(case((figure.where(here), 1), else_=0)) for figure in wanted]
    return select(*columns).select_from(Dossier)
