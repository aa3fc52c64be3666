"""What the agency tells the citizen in law: receipt, supplement request, refusal, outcome."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, PublicId, choice
from portal.documents.models import Document
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier


class Receipt(PublicId, Base):
    """Form 01: the agency has the dossier and says when the result is due."""

    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    received_at: Mapped[datetime]
    issued_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    explanation: Mapped[str] = mapped_column(Text, default="")
    issued_by: Mapped[str] = mapped_column(String(120))
    form_set: Mapped[str] = mapped_column(String(40))

    dossier: Mapped[Dossier] = relationship()


class SupplementRequest(PublicId, Base):
    """Form 02: one list of everything that is missing; the clock stands until it is answered."""

    __tablename__ = "supplement_requests"
    __table_args__ = (UniqueConstraint("dossier_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    round: Mapped[int]
    asked_in: Mapped[Status] = mapped_column(choice(Status))
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(120))
    answered_at: Mapped[datetime | None]

    dossier: Mapped[Dossier] = relationship()


class Refusal(PublicId, Base):
    """Form 03: why the dossier is not taken."""

    __tablename__ = "refusals"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(120))

    dossier: Mapped[Dossier] = relationship()


class OutcomeKind(enum.StrEnum):
    """What the agency decided."""

    GRANTED = "granted"
    DENIED = "denied"

    @property
    def label(self) -> str:
        """The words on every page."""
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    OutcomeKind.GRANTED: "Giải quyết theo yêu cầu",
    OutcomeKind.DENIED: "Không giải quyết theo yêu cầu",
}


class Outcome(PublicId, Base):
    """The result of the procedure: the decision and the paper that carries it."""

    __tablename__ = "outcomes"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    kind: Mapped[OutcomeKind] = mapped_column(choice(OutcomeKind))
    number: Mapped[str] = mapped_column(String(60), default="")
    summary: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(120))

    dossier: Mapped[Dossier] = relationship()
    document: Mapped[Document | None] = relationship()
