"""How many dossiers lie where: kept beside them, so that no page has to count."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, ForeignKey, Index, event, insert, inspect
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, choice
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier


class DossierCount(Base):
    """So many dossiers more, or fewer, in one heap; the number of a heap is the sum of its rows.

    A step only adds rows, so two people at one agency never wait for each other's count; the
    worker folds them. `department_id` is empty until the dossier was forwarded there, `officer_id`
    unless he is at work on it.
    """

    __tablename__ = "dossier_counts"
    __table_args__ = (
        Index("ix_dossier_counts_unit", "unit_id", "id"),
        Index("ix_dossier_counts_department", "department_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    status: Mapped[Status] = mapped_column(choice(Status))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    procedure_version_id: Mapped[int] = mapped_column(ForeignKey("procedure_versions.id"))
    number: Mapped[int]


class Heap(NamedTuple):
    """What one count is about; its fields are columns of the table."""

    unit_id: int | None
    department_id: int | None
    status: Status
    officer_id: int | None
    procedure_version_id: int


# What of a dossier decides in which heap it lies.
DECIDES = (
    "receiving_unit_id",
    "department_id",
    "forwarded_at",
    "status",
    "officer_id",
    "procedure_version_id",
)


def heap_of(values: dict[str, Any]) -> Heap | None:
    """Where a dossier with these values lies; a draft lies nowhere."""
    if values["status"] in (None, Status.DRAFT):
        return None
    return Heap(
        values["receiving_unit_id"],
        values["department_id"] if values["forwarded_at"] is not None else None,
        values["status"],
        values["officer_id"] if values["status"] is Status.PROCESSING else None,
        values["procedure_version_id"],
    )


@event.listens_for(Dossier, "after_insert")
def _came(_mapper: object, connection: Connection, dossier: Dossier) -> None:
    _write(connection, None, heap_of(_now(dossier)))


@event.listens_for(Dossier, "after_update")
def _moved(_mapper: object, connection: Connection, dossier: Dossier) -> None:
    """In the flush that moves it: a count cannot be forgotten, and falls with its cause."""
    _write(connection, heap_of(_before(dossier)), heap_of(_now(dossier)))


@event.listens_for(Dossier, "after_delete")
def _went(_mapper: object, connection: Connection, dossier: Dossier) -> None:
    _write(connection, heap_of(_before(dossier)), None)


def _now(dossier: Dossier) -> dict[str, Any]:
    return {name: getattr(dossier, name) for name in DECIDES}


def _before(dossier: Dossier) -> dict[str, Any]:
    """Each of these columns is read before it is changed (`active_history`), so this is known.

    One that has changed from nothing known never had a value: it was written in this transaction.
    """
    attributes = inspect(dossier).attrs
    values = {}
    for name in DECIDES:
        changed = attributes[name].history
        if changed.added:
            values[name] = changed.deleted[0] if changed.deleted else None
        else:
            values[name] = getattr(dossier, name)
    return values


def _write(connection: Connection, before: Heap | None, after: Heap | None) -> None:
    if before == after:
        return
    rows = [
        heap._asdict() | {"number": number}
        for heap, number in ((before, -1), (after, 1))
        if heap is not None
    ]
    connection.execute(insert(DossierCount), rows)
