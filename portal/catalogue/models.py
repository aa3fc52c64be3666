"""What may be asked for: procedures, their versions, required papers; tariffs of the post."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, choice


class Sureness(enum.StrEnum):
    """How far a fact of the catalogue is verified; unsure is never shown as law."""

    SURE = "sure"
    KNOWN = "known"
    UNSURE = "unsure"


class TimeUnit(enum.StrEnum):
    """In what a statutory time is counted (domain.md §4.3)."""

    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    SAME_DAY = "same_day"

    @property
    def label(self) -> str:
        """The words behind the number."""
        return TIME_UNIT_LABELS[self]


TIME_UNIT_LABELS = {
    TimeUnit.WORKING_HOUR: "giờ làm việc",
    TimeUnit.WORKING_DAY: "ngày làm việc",
    TimeUnit.CALENDAR_DAY: "ngày",
    TimeUnit.MONTH: "tháng",
    TimeUnit.SAME_DAY: "ngày (trong ngày làm việc)",
}


class PaperKind(enum.StrEnum):
    """What kind of paper is asked for or handed in."""

    ORIGINAL = "original"
    CERTIFIED_COPY = "certified_copy"
    COPY = "copy"
    ELECTRONIC = "electronic"
    FORM = "form"

    @property
    def label(self) -> str:
        """The word on every page and paper."""
        return PAPER_KIND_LABELS[self]


PAPER_KIND_LABELS = {
    PaperKind.ORIGINAL: "Bản chính",
    PaperKind.CERTIFIED_COPY: "Bản sao chứng thực",
    PaperKind.COPY: "Bản sao",
    PaperKind.ELECTRONIC: "Bản điện tử",
    PaperKind.FORM: "Tờ khai",
}


class Procedure(Base):
    """An administrative procedure under its national code, whatever its versions say."""

    __tablename__ = "procedures"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(Text)
    sector: Mapped[str] = mapped_column(String(120), index=True)
    level: Mapped[str] = mapped_column(String(40))
    popular_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    folded: Mapped[str] = mapped_column(Text)

    versions: Mapped[list[ProcedureVersion]] = relationship(
        back_populates="procedure", order_by="ProcedureVersion.number"
    )


class ProcedureVersion(Base):
    """A procedure as it stood between two dates; published once, never edited."""

    __tablename__ = "procedure_versions"
    __table_args__ = (
        UniqueConstraint("procedure_id", "number"),
        Index("ix_procedure_versions_validity", "procedure_id", "valid_from", "valid_to"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedures.id"))
    number: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    content_hash: Mapped[str] = mapped_column(String(64))
    time_value: Mapped[int | None]
    time_unit: Mapped[TimeUnit | None] = mapped_column(choice(TimeUnit))
    time_cutoff: Mapped[str | None] = mapped_column(String(5))
    time_note: Mapped[str] = mapped_column(Text, default="")
    time_sureness: Mapped[Sureness] = mapped_column(choice(Sureness, "time_sureness"))
    summary: Mapped[str] = mapped_column(Text, default="")
    notice: Mapped[str] = mapped_column(Text, default="")
    fee_text: Mapped[str] = mapped_column(Text, default="")
    fee_amount: Mapped[int | None]
    fee_amount_online: Mapped[int | None]
    fee_per: Mapped[str] = mapped_column(String(20), default="dossier")
    fee_exemptions: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    fee_sureness: Mapped[Sureness] = mapped_column(choice(Sureness, "fee_sureness"))
    post_in: Mapped[bool]
    post_out: Mapped[bool]
    post_sureness: Mapped[Sureness] = mapped_column(choice(Sureness, "post_sureness"))
    post_note: Mapped[str] = mapped_column(Text, default="")
    is_full_online: Mapped[bool] = mapped_column(default=False)
    online_sureness: Mapped[Sureness] = mapped_column(
        choice(Sureness, "online_sureness"), default=Sureness.UNSURE
    )
    legal_basis: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text, default="")
    outcome_name: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[str] = mapped_column(Text, default="")
    form: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    procedure: Mapped[Procedure] = relationship(back_populates="versions", lazy="joined")
    components: Mapped[list[Component]] = relationship(
        back_populates="version", order_by="Component.number", lazy="selectin"
    )


class Component(Base):
    """A paper that a version of a procedure asks for."""

    __tablename__ = "components"
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("procedure_versions.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[PaperKind] = mapped_column(choice(PaperKind))
    quantity: Mapped[int] = mapped_column(default=1)
    is_required: Mapped[bool] = mapped_column(default=True)
    condition: Mapped[str] = mapped_column(Text, default="")
    digitise: Mapped[bool] = mapped_column(default=True)
    is_shown_only: Mapped[bool] = mapped_column(default=False)
    disposition: Mapped[str] = mapped_column(String(40), default="")
    sureness: Mapped[Sureness] = mapped_column(choice(Sureness), default=Sureness.UNSURE)

    version: Mapped[ProcedureVersion] = relationship(back_populates="components")


class Tariff(Base):
    """A published price of the post, in dong, for one way and one step of weight."""

    __tablename__ = "tariffs"

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(40), index=True)
    zone: Mapped[str] = mapped_column(String(40))
    weight_to_grams: Mapped[int | None]
    price_low: Mapped[int]
    price_high: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
