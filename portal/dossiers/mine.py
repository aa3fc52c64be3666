"""A citizen's list of dossiers, a page at a time, without their papers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import joinedload, lazyload

from portal.access import Actor
from portal.catalogue.models import ProcedureVersion
from portal.dossiers import queries
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db

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
    query = (
        queries.visible(actor)
        .options(
            joinedload(Dossier.receiving_unit),
            joinedload(Dossier.procedure_version).options(
                joinedload(ProcedureVersion.procedure), lazyload(ProcedureVersion.components)
            ),
        )
        .order_by(Dossier.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(Dossier.id < before)
    rows = list(db.session.scalars(query))
    more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    return MyPage(rows, rows[-1].id if more else None, is_first=before is None)
