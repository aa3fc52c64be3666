"""Custody of papers: every change of hands closes one stretch and opens the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select

from portal.dossiers.models.custody import CustodyLine, Holder
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db


def give(
    dossier: Dossier,
    bill_no: str,
    to: tuple[Holder, str, str],
    *,
    at: datetime,
    pages: int | None = None,
    instead_of: Collection[str] = (),
) -> CustodyLine:
    """Papers change hands; `to` is (side, place, name), `instead_of` the bills they came under.

    Without a new count the pages stay those of the last one.
    """
    before = [line for line in now(dossier) if line.bill_no in {bill_no, *instead_of}]
    for line in before:
        line.until = at
    counted = [line.pages for line in before if line.pages is not None]
    if pages is None and counted:
        pages = sum(counted)
    holder, place, name = to
    taken = CustodyLine(
        dossier_id=dossier.id,
        bill_no=bill_no,
        holder=holder,
        place=place,
        name=name,
        pages=pages,
        since=at,
    )
    db.session.add(taken)
    return taken


def count(dossier: Dossier, bill_no: str, pages: int) -> None:
    """Whoever holds them has counted; they do not change hands."""
    for line in now(dossier):
        if line.bill_no == bill_no:
            line.pages = pages


def now(dossier: Dossier) -> Sequence[CustodyLine]:
    """Who holds papers of this dossier at present; one line for each envelope."""
    return [line for line in history(dossier) if line.until is None]


def history(dossier: Dossier) -> Sequence[CustodyLine]:
    """Every stretch, oldest first."""
    db.session.flush()
    query = select(CustodyLine).filter_by(dossier_id=dossier.id).order_by(CustodyLine.id)
    return db.session.scalars(query).all()


def held_by(holder: Holder) -> ColumnElement[bool]:
    """Dossiers of which papers lie on this side now; asked of each, as it is asked of few."""
    query = select(CustodyLine.id).where(
        CustodyLine.dossier_id == Dossier.id,
        CustodyLine.holder == holder,
        CustodyLine.until.is_(None),
    )
    return query.limit(1).scalar_subquery().is_not(None)
