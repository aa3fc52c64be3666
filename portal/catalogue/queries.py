"""Finds procedures by words people use, and the version of one that is in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager

from portal import clock
from portal.catalogue.models import Procedure, ProcedureVersion, Tariff
from portal.catalogue.rules import Carriage, Price, postage
from portal.extensions import db
from vietnam.folding import fold, words

CANDIDATES = 300  # more than any honest search leaves; ranking happens among them


def get(code: str) -> Procedure | None:
    """The procedure with this national code, whatever its versions."""
    return db.session.scalar(select(Procedure).filter_by(code=code))


def in_force(code: str, on: date | None = None) -> ProcedureVersion | None:
    """The version of a procedure that applies to what is sent on that day."""
    return db.session.scalar(_in_force(on).where(Procedure.code == code))


def version(version_id: int) -> ProcedureVersion | None:
    """A version by its id: dossiers keep the one they were sent under."""
    return db.session.get(ProcedureVersion, version_id)


def listed(sector: str | None = None, on: date | None = None) -> Sequence[ProcedureVersion]:
    """All procedures in force, or those of one sector, by sector and name."""
    found = _in_force(on).order_by(Procedure.sector, Procedure.name)
    if sector is not None:
        found = found.where(Procedure.sector == sector)
    return db.session.scalars(found).all()


def sectors() -> list[tuple[str, int]]:
    """The sectors of the catalogue and how many procedures each has."""
    counted = select(Procedure.sector, func.count()).group_by(Procedure.sector)
    return sorted(
        ((sector, number) for sector, number in db.session.execute(counted)),
        key=lambda row: fold(row[0]),
    )


def search(text: str, limit: int = 20, on: date | None = None) -> list[ProcedureVersion]:
    """Procedures in force that fit the typed words, best first; accents do not matter.

    All words must be found among name, popular names, sector and code. If none has them all,
    those with the most of them are offered, so that one mistyped word does not empty the page.
    """
    typed = words(text)
    if not typed:
        return []
    matches = [Procedure.folded.contains(word) for word in dict.fromkeys(typed)]
    found = db.session.scalars(_in_force(on).where(*matches).limit(CANDIDATES)).all()
    if not found and len(matches) > 1:
        found = db.session.scalars(_in_force(on).where(or_(*matches)).limit(CANDIDATES)).all()
    return sorted(found, key=lambda row: _rank(row.procedure, text, typed))[:limit]


Rank = tuple[int, int, int, int, str]


def _rank(procedure: Procedure, text: str, typed: tuple[str, ...]) -> Rank:
    """Lower is better: the code, the phrase in the name, a popular name, then scattered words."""
    phrase = " ".join(typed)
    name = _spaced(procedure.name)
    popular = [_spaced(alias) for alias in procedure.popular_names]
    missing = sum(word not in procedure.folded for word in typed)
    kinds = (
        procedure.code == text.strip(),
        f" {phrase} " in popular,
        f" {phrase} " in name,
        any(f" {phrase} " in alias for alias in popular),
    )
    best = next((place for place, fits in enumerate(kinds) if fits), len(kinds))
    in_name = sum(word in name for word in typed)
    return missing, best, -in_name, len(name), procedure.code


def _spaced(text: str) -> str:
    """Pad with spaces, so that a phrase is met at the borders of words only."""
    return f" {' '.join(words(text))} "


def postage_of(carriage: Carriage, on: date | None = None) -> Price:
    """What the post charges by its published table."""
    return postage(carriage, tariffs(), on or clock.today())


def tariffs() -> Sequence[Tariff]:
    """The published prices of the post."""
    return db.session.scalars(select(Tariff).order_by(Tariff.service, Tariff.price_low)).all()


def _in_force(on: date | None) -> Select[ProcedureVersion]:
    """Of each procedure the newest version that is valid on that day."""
    day = on or clock.today()
    newest = (
        select(ProcedureVersion.procedure_id, func.max(ProcedureVersion.number).label("number"))
        .where(
            ProcedureVersion.valid_from <= day,
            or_(ProcedureVersion.valid_to.is_(None), ProcedureVersion.valid_to >= day),
        )
        .group_by(ProcedureVersion.procedure_id)
        .subquery()
    )
    return (
        select(ProcedureVersion)
        .join(
            newest,
            (newest.c.procedure_id == ProcedureVersion.procedure_id)
            & (newest.c.number == ProcedureVersion.number),
        )
        .join(ProcedureVersion.procedure)
        .options(contains_eager(ProcedureVersion.procedure))
    )
