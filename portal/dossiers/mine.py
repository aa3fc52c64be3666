"""A citizen's list of dossiers, a page at a time, without their papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, lazyload

from portal.access import Actor
from portal.catalogue.models import ProcedureVersion
from portal.dossiers import queries
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.paging import numbers_of

PER_PAGE = 20


@dataclass(frozen=True)
class MyPage:
    """Some dossiers, newest first; `older` continues the list, None at its end."""

    dossiers: list[Dossier]
    older: int | None
    is_first: bool


def page(actor: Actor, *, before: int | None = None) -> MyPage:
    """The newest dossiers, or those older than the one numbered `before` in this list.

    The mark in the address is the row's own number; it opens nothing, for the scope is asked too.
    """
    # Each way in which it is his has an index with the newest on top; both together have none.
    firsts = [_newest(select(Dossier.id).where(way), before) for way in queries.own(actor)]
    query = (
        queries.visible(actor)
        .where(Dossier.id.in_(numbers_of(firsts)))
        .options(
            joinedload(Dossier.receiving_unit),
            joinedload(Dossier.procedure_version).options(
                joinedload(ProcedureVersion.procedure), lazyload(ProcedureVersion.components)
            ),
        )
        .order_by(Dossier.id.desc())
        .limit(PER_PAGE + 1)
    )
    rows = list(db.session.scalars(query))
    more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    return MyPage(rows, rows[-1].id if more else None, is_first=before is None)


def _newest(numbers: Select[Any], before: int | None) -> Select[Any]:
    if before is not None:
        numbers = numbers.where(Dossier.id < before)
    return numbers.order_by(Dossier.id.desc()).limit(PER_PAGE + 1)
