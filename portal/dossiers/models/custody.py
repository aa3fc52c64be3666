"""Where the papers of a dossier lie: who has held how many pages since when, without a gap."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, choice


class Holder(enum.StrEnum):
    """On whose side papers are."""

    POST = "post"
    AGENCY = "agency"
    APPLICANT = "applicant"

    @property
    def label(self) -> str:
        """The word on every page."""
        return HOLDER_LABELS[self]


HOLDER_LABELS = {
    Holder.POST: "Bưu điện",
    Holder.AGENCY: "Cơ quan",
    Holder.APPLICANT: "Người nộp",
}


class CustodyLine(Base):
    """A stretch in which somebody held the papers of one envelope; open while `until` is empty.

    `bill_no` is the envelope's code, or the pick-up's as long as there is no envelope; `pages` is
    unknown until somebody has counted.
    """

    __tablename__ = "custody_lines"
    __table_args__ = (Index("ix_custody_lines_dossier", "dossier_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    bill_no: Mapped[str] = mapped_column(String(40))
    holder: Mapped[Holder] = mapped_column(choice(Holder))
    place: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120))
    pages: Mapped[int | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
