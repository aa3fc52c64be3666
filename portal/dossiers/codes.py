"""Gives each dossier its legal code: agency, day, sequence – never twice, gaps allowed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.dossiers.models.dossier import CodeCounter
from portal.extensions import db
from vietnam import dossier_code


def next_code(agency_code: str, day: date) -> str:
    """The next code of the agency on that day, inside the caller's transaction."""
    key = {"agency_code": agency_code, "day": f"{day:%y%m%d}"}
    _ensure_counter(key)
    step = (
        update(CodeCounter)
        .filter_by(**key)
        .values(last=CodeCounter.last + 1)
        .returning(CodeCounter.last)
    )
    number = db.session.execute(step).scalar_one()
    return str(dossier_code.make(agency_code, day, number))


def _ensure_counter(key: dict[str, str]) -> None:
    if db.session.scalar(select(CodeCounter.id).filter_by(**key)) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(CodeCounter(**key, last=0))
    except IntegrityError:
        return  # someone else opened the day a moment ago
