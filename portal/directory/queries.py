"""Finds provinces and communes by name, and the offices near a commune."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flask import g
from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.directory.models import AdministrativeUnit, Organisation, OrganisationKind
from portal.errors import NotFound
from portal.extensions import db
from vietnam.folding import words

PROVINCE = "province"


def provinces(on: date | None = None) -> Sequence[AdministrativeUnit]:
    """The provinces and central cities of that day, in alphabetical order."""
    return db.session.scalars(
        _units(on).filter_by(kind=PROVINCE).order_by(AdministrativeUnit.folded)
    ).all()


def communes(province_code: str, on: date | None = None) -> Sequence[AdministrativeUnit]:
    """The communes, wards and special zones of a province, in alphabetical order."""
    return db.session.scalars(
        _units(on).filter_by(parent_code=province_code).order_by(AdministrativeUnit.folded)
    ).all()


def unit(code: str, on: date | None = None) -> AdministrativeUnit | None:
    """The province or commune that has this code on that day; read once in a request."""
    known = g.setdefault("administrative_units", {})
    day = on or clock.today()
    if (code, day) not in known:
        known[code, day] = db.session.scalar(_units(on).filter_by(code=code))
    found = known[code, day]
    assert found is None or isinstance(found, AdministrativeUnit)
    return found


def search_communes(
    text: str, province_code: str | None = None, limit: int = 20, on: date | None = None
) -> Sequence[AdministrativeUnit]:
    """Communes whose name has every typed word, accents or not; names that begin so come first."""
    typed = words(text)
    if not typed:
        return []
    name = AdministrativeUnit.folded
    rank = case(
        (name == " ".join(typed), 0),
        (or_(*(name == f"{kind} {' '.join(typed)}" for kind in _KINDS)), 0),
        (or_(*(name.startswith(f"{kind} {' '.join(typed)}") for kind in _KINDS)), 1),
        else_=2,
    )
    found = _units(on).where(
        AdministrativeUnit.kind != PROVINCE, *(name.contains(word) for word in typed)
    )
    if province_code:
        found = found.filter_by(parent_code=province_code)
    return db.session.scalars(
        found.order_by(rank, name, AdministrativeUnit.code).limit(limit)
    ).all()


_KINDS = ("xa", "phuong", "dac khu")


def full_name(code: str, on: date | None = None) -> str:
    """Name a place as addresses do, or "" when no unit has the code.

    Gives "Phường Nha Trang, tỉnh Khánh Hòa".
    """
    return full_names([code], on).get(code, "")


def full_names(codes: Iterable[str], on: date | None = None) -> dict[str, str]:
    """The full names of many places at once, by their codes."""
    province = aliased(AdministrativeUnit)
    day = on or clock.today()
    wanted = (
        select(AdministrativeUnit, province)
        .outerjoin(
            province, and_(province.code == AdministrativeUnit.parent_code, *_valid(province, day))
        )
        .where(AdministrativeUnit.code.in_(set(codes)), *_valid(AdministrativeUnit, day))
    )
    return {
        place.code: f"{place.name}, {_lowered(above.name)}" if above else place.name
        for place, above in db.session.execute(wanted)
    }


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def organisation(code: str) -> Organisation | None:
    """The organisation with this code, closed ones too."""
    return db.session.scalar(select(Organisation).filter_by(code=code))


def organisations(kind: OrganisationKind) -> Sequence[Organisation]:
    """The open organisations of one kind, in order of their codes."""
    return db.session.scalars(_open(kind).order_by(Organisation.code)).all()


def departments_of(centre_id: int) -> Sequence[Organisation]:
    """The open departments a service centre can forward a dossier to."""
    return db.session.scalars(
        _open(OrganisationKind.DEPARTMENT)
        .filter_by(parent_id=centre_id)
        .order_by(Organisation.code)
    ).all()


def offices_near(
    commune_code: str | None, kind: OrganisationKind = OrganisationKind.POST_OFFICE, limit: int = 10
) -> Sequence[Organisation]:
    """Open offices, those of the commune first, then of its province, then the others."""
    place = unit(commune_code) if commune_code else None
    nearness: list[tuple[ColumnElement[bool], int]] = []
    if place is not None:
        nearness = [
            (Organisation.commune_code == place.code, 0),
            (Organisation.province_code == (place.parent_code or place.code), 1),
        ]
    order = [case(*nearness, else_=2)] if nearness else []
    return db.session.scalars(_open(kind).order_by(*order, Organisation.code).limit(limit)).all()


def every_organisation() -> Sequence[Organisation]:
    """All organisations of the site, closed ones too, in order of their codes."""
    return db.session.scalars(select(Organisation).order_by(Organisation.code)).all()


def get_organisation(public_id: str, *, lock: bool = False) -> Organisation:
    """The organisation of this address, or NotFound."""
    query = select(Organisation).filter_by(public_id=public_id)
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def has_active_below(organisation: Organisation) -> bool:
    """Whether an open organisation stands under this one."""
    below = select(Organisation.id).filter_by(parent_id=organisation.id, is_active=True)
    return db.session.scalar(below.limit(1)) is not None


def _open(kind: OrganisationKind) -> Select[Organisation]:
    return select(Organisation).where(Organisation.kind == kind, Organisation.is_active)


def _units(on: date | None) -> Select[AdministrativeUnit]:
    day = on or clock.today()
    return select(AdministrativeUnit).where(*_valid(AdministrativeUnit, day))


def _valid(
    table: type[AdministrativeUnit], day: date
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to >= day)
