"""Which service centre receives a dossier and which department decides on it."""

from __future__ import annotations

from sqlalchemy import case, select

from portal.directory.models import Organisation, OrganisationKind
from portal.extensions import db


def department_for(sector: str, commune_code: str | None) -> Organisation | None:
    """A department that handles `sector`, of the applicant's commune if there is one.

    Inside a province dossiers are received regardless of boundaries, so another commune's
    department is right where the own one has none (domain.md §0, fact 4).
    """
    nearest = case((Organisation.commune_code == commune_code, 0), else_=1)
    return db.session.scalar(
        select(Organisation)
        .where(
            Organisation.kind == OrganisationKind.DEPARTMENT,
            Organisation.is_active,
            Organisation.sectors.contains(sector, autoescape=True),
        )
        .order_by(nearest, Organisation.id)
        .limit(1)
    )


def centre_of(department: Organisation) -> Organisation | None:
    """The service centre that receives for a department."""
    parent = department.parent
    if parent is not None and parent.kind is OrganisationKind.SERVICE_CENTRE:
        return parent
    return None
