"""In whose hands the dossier is, since when: the control sheet, one line for each hand-over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class ControlSheetLine(Base):
    """Who gave the dossier to whom, when; for a leg of the post, `bill_no` is its item code."""

    __tablename__ = "control_sheet_lines"
    __table_args__ = (Index("ix_control_sheet_lines_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    giver_place: Mapped[str] = mapped_column(String(200))
    giver_name: Mapped[str] = mapped_column(String(120))
    taker_place: Mapped[str] = mapped_column(String(200))
    taker_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    bill_no: Mapped[str] = mapped_column(String(40), default="")
    standing: Mapped[str] = mapped_column(String(20), default="")
    note: Mapped[str] = mapped_column(Text, default="")
