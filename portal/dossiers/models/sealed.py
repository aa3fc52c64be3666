"""Dossiers of people who had their data erased: an agency must keep them, its desks need not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.crypto import Sealed
from portal.db import Base, PublicId
from portal.dossiers.models.dossier import Dossier


class SealedDossier(PublicId, Base):
    """Where a dossier belonged, and all its words that were of the person, encrypted.

    Its own row belongs nowhere meanwhile, so no scope holds for it and no list has it.
    """

    __tablename__ = "sealed_dossiers"
    __table_args__ = (Index("ix_sealed_dossiers_department", "department_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    receiving_unit_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    post_office_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]

    content = Sealed()

    dossier: Mapped[Dossier] = relationship()
