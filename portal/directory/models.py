"""Who exists: provinces and communes, service centres, departments, post offices."""

from __future__ import annotations

import enum
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, PublicId, choice

LONGEST_NAME = 100  # of a province, commune or ward


class AdministrativeUnit(Base):
    """A province or a commune while it exists; a unit that changes gets a new row."""

    __tablename__ = "administrative_units"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        Index("ix_administrative_units_parent", "parent_code", "folded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(5), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    kind: Mapped[str] = mapped_column(String(20))
    parent_code: Mapped[str | None] = mapped_column(String(5))
    folded: Mapped[str] = mapped_column(String(LONGEST_NAME), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class OrganisationKind(enum.StrEnum):
    """What an organisation does on the dossier's road."""

    PROVINCE = "province"
    SERVICE_CENTRE = "service_centre"
    DEPARTMENT = "department"
    POST = "post"
    POST_OFFICE = "post_office"
    OPERATOR = "operator"

    @property
    def label(self) -> LazyString:
        """The word on every page."""
        return KIND_LABELS[self]


KIND_LABELS = {
    OrganisationKind.PROVINCE: _l("Cơ quan cấp tỉnh"),
    OrganisationKind.SERVICE_CENTRE: _l("Trung tâm phục vụ hành chính công"),
    OrganisationKind.DEPARTMENT: _l("Cơ quan giải quyết"),
    OrganisationKind.POST: _l("Bưu điện tỉnh"),
    OrganisationKind.POST_OFFICE: _l("Bưu cục"),
    OrganisationKind.OPERATOR: _l("Đơn vị vận hành"),
}


class Organisation(PublicId, Base):
    """A service centre, department or post office; departments stand under their centre."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[OrganisationKind] = mapped_column(choice(OrganisationKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    province_code: Mapped[str | None] = mapped_column(String(5))
    commune_code: Mapped[str | None] = mapped_column(String(5))
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(String(120), default="")
    sectors: Mapped[str] = mapped_column(Text, default="")
    is_active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped[Organisation | None] = relationship(remote_side="Organisation.id")
