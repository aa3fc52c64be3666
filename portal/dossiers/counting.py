"""The kept counts: read for a desk, folded by the worker, and made anew by an operator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, false, func, insert, select, text

from portal.access import Actor, Role
from portal.directory.models import Organisation
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.counts import DossierCount, Heap
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db

HEAP = tuple(getattr(DossierCount, name) for name in Heap._fields)
FOLD_FROM = 200  # rows more than heaps; fewer cost a page nothing


def of(actor: Actor) -> ColumnElement[bool]:
    """The counts of the dossiers that `queries.scope` holds for; nobody else has any."""
    if actor.role is Role.ONESTOP_OFFICER:
        return DossierCount.unit_id == actor.place_id
    if actor.role in (Role.OFFICER, Role.LEADER, Role.RECORDS_CLERK):
        return DossierCount.department_id == actor.place_id
    if actor.role is Role.CONTROL:
        province = actor.organisation.province_code if actor.organisation else None
        units = select(Organisation.id).where(Organisation.province_code == province)
        return DossierCount.unit_id.in_(units)
    return false()


def by_holder(actor: Actor) -> Iterator[tuple[Status, int | None, int]]:
    """Each status with the officer who holds so many dossiers in it."""
    number = func.sum(DossierCount.number)
    query = (
        select(DossierCount.status, DossierCount.officer_id, number)
        .where(of(actor))
        .group_by(DossierCount.status, DossierCount.officer_id)
    )
    for status, officer, found in db.session.execute(query):
        if found:
            yield status, officer, int(found)


def by_status(actor: Actor) -> dict[Status, int]:
    """How many of this person's dossiers stand where."""
    found: dict[Status, int] = {}
    for status, _officer, number in by_holder(actor):
        found[status] = found.get(status, 0) + number
    return found


def versions(actor: Actor) -> Select[Any]:
    """The versions of procedures that lie on this desk."""
    version = DossierCount.procedure_version_id
    return (
        select(version).where(of(actor)).group_by(version).having(func.sum(DossierCount.number) > 0)
    )


def is_long() -> bool:
    """Whether so many rows were added that folding is worth a transaction."""
    heaps = select(*HEAP).group_by(*HEAP).subquery()
    rows, folded = db.session.execute(
        select(
            select(func.count()).select_from(DossierCount).scalar_subquery(),
            select(func.count()).select_from(heaps).scalar_subquery(),
        )
    ).one()
    return bool(rows - folded >= FOLD_FROM)


def fold() -> int:
    """Make one row of the rows of each heap; returns how many are gone.

    What others write meanwhile has other numbers and stays; of two that fold, the second finds
    nothing left.
    """
    last = db.session.scalar(select(func.max(DossierCount.id)))
    taken = db.session.execute(
        delete(DossierCount)
        .where(DossierCount.id <= (last or 0))
        .returning(*HEAP, DossierCount.number)
        .execution_options(synchronize_session=False)
    )
    sums: dict[Heap, int] = {}
    count = 0
    for *heap, number in taken:
        count += 1
        sums[Heap(*heap)] = sums.get(Heap(*heap), 0) + number
    rows = [heap._asdict() | {"number": number} for heap, number in sums.items() if number]
    if rows:
        db.session.execute(insert(DossierCount), rows)
    return count - len(rows)


def recount() -> int:
    """Count every dossier anew; returns in how many heaps the kept number was wrong.

    Writers wait meanwhile: a dossier that moved between counting and writing would be lost.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(text("LOCK TABLE dossiers, dossier_counts IN EXCLUSIVE MODE"))
    kept = {Heap(*row[:-1]): int(row[-1]) for row in db.session.execute(_kept())}
    right = {Heap(*row[:-1]): int(row[-1]) for row in db.session.execute(_right())}
    wrong = {heap for heap in kept.keys() | right.keys() if kept.get(heap) != right.get(heap)}
    db.session.execute(delete(DossierCount))
    if right:
        rows = [heap._asdict() | {"number": number} for heap, number in right.items()]
        db.session.execute(insert(DossierCount), rows)
    return len(wrong)


def _kept() -> Select[Any]:
    number = func.sum(DossierCount.number)
    return select(*HEAP, number).group_by(*HEAP).having(number != 0)


def _right() -> Select[Any]:
    """The same as `heap_of`, in the words of the database."""
    is_there = Dossier.forwarded_at.is_not(None)
    department = case((is_there, Dossier.department_id), else_=None)
    officer = case((Dossier.status == Status.PROCESSING, Dossier.officer_id), else_=None)
    heap = (
        Dossier.receiving_unit_id,
        department,
        Dossier.status,
        officer,
        Dossier.procedure_version_id,
    )
    return select(*heap, func.count()).where(Dossier.status != Status.DRAFT).group_by(*heap)
