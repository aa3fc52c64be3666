"""The heart: one citizen's dossier, the history of its steps, and the pauses of its clock."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import AuditEvent
from portal.catalogue.models import ProcedureVersion
from portal.crypto import Sealed
from portal.db import Base, PublicId, choice
from portal.directory.models import Organisation
from portal.documents.models import Document
from portal.dossiers.lifecycle import CLOSED, ENDED_EARLY, Status


class Channel(enum.StrEnum):
    """How the dossier came; the numbers 1 to 3 are the national ones."""

    DIRECT = "1"
    ONLINE = "2"
    POST = "3"

    @property
    def label(self) -> str:
        """The word on every page and paper."""
        return CHANNEL_LABELS[self]


CHANNEL_LABELS = {
    Channel.DIRECT: "Trực tiếp",
    Channel.ONLINE: "Trực tuyến",
    Channel.POST: "Qua bưu chính công ích",
}


class ReturnMode(enum.StrEnum):
    """How the citizen wants the result."""

    DESK = "desk"
    POST = "post"
    ONLINE = "online"

    @property
    def label(self) -> str:
        """The words on every page and paper."""
        return RETURN_MODE_LABELS[self]


RETURN_MODE_LABELS = {
    ReturnMode.DESK: "Tại nơi tiếp nhận hồ sơ",
    ReturnMode.POST: "Qua bưu điện, tại địa chỉ đăng ký",
    ReturnMode.ONLINE: "Bản điện tử trên hệ thống",
}


LONGEST_NAME = 120


# Sorts what has no due date last; written out, because an index knows an expression by its words.
NEVER: ColumnElement[Any] = literal_column("'infinity'")
DUE = text("coalesce(due_at, 'infinity')")
_OWN = ("code", "procedure_version_id", "due_at", "id")
_TRAIL = (*_OWN, "officer_id")
_FIGURES = (
    "code",
    "receiving_unit_id",
    "status",
    "procedure_version_id",
    "channel",
    "accepted_at",
    "finished_at",
    "ended_at",
    "due_at",
    "id",
)
# SQLite asks a partial index for its own condition, too, before it reads nothing else.
_WHEN_FORWARDED = "forwarded_at"
_NAMES = ("code", "applicant_folded", "applicant_name", "status", "id")
_IS_FORWARDED = text("forwarded_at IS NOT NULL")
_IS_DRAFT = text("status = 'draft'")
_DRAFTS: dict[str, Any] = {"postgresql_where": _IS_DRAFT, "sqlite_where": _IS_DRAFT}
_FORWARDED: dict[str, Any] = {"postgresql_where": _IS_FORWARDED, "sqlite_where": _IS_FORWARDED}


class Dossier(PublicId, Base):
    """One request of one applicant, under one version of one procedure, from draft to result.

    `code` is the legal code, given when it is sent; `received_at` is the legal start of the
    clock (for the post: the signature on the hand-over record), `ended_at` when the agency's work
    on it ended, with a result or without. `warned_at` is when the owner of a draft was told that it
    will go.
    """

    __tablename__ = "dossiers"
    __table_args__ = (
        CheckConstraint("status = 'draft' OR code IS NOT NULL", name="sent_has_code"),
        CheckConstraint(
            "status NOT IN ('accepted', 'processing', 'resolved') OR received_at IS NOT NULL",
            name="accepted_was_received",
        ),
        CheckConstraint(
            "status NOT IN ('resolved', 'returned') OR finished_at IS NOT NULL",
            name="resolved_is_finished",
        ),
        # Every heap of an inbox in its order, with what a filter asks for.
        Index("ix_dossiers_unit_due", "receiving_unit_id", "status", DUE, *_TRAIL),
        Index("ix_dossiers_unit_touched", "receiving_unit_id", "status", "touched_at", *_TRAIL),
        Index("ix_dossiers_unit_sent", "receiving_unit_id", "status", "sent_at", *_TRAIL),
        Index("ix_dossiers_department_due", "department_id", "status", DUE, *_TRAIL, **_FORWARDED),
        Index(
            "ix_dossiers_department_touched",
            "department_id",
            "status",
            "touched_at",
            *_TRAIL,
            **_FORWARDED,
        ),
        Index("ix_dossiers_officer_due", "officer_id", "status", DUE, *_OWN),
        # Whatever a figure asks for, so that a report never fetches the rows.
        Index(
            "ix_dossiers_department_figures",
            "department_id",
            DUE,
            *_FIGURES,
            _WHEN_FORWARDED,
            **_FORWARDED,
        ),
        Index("ix_dossiers_figures", DUE, *_FIGURES),
        # What a search reads through, the dossier touched last on top.
        Index(
            "ix_dossiers_department_names",
            "department_id",
            "touched_at",
            *_NAMES,
            _WHEN_FORWARDED,
            **_FORWARDED,
        ),
        Index("ix_dossiers_unit_names", "receiving_unit_id", "touched_at", *_NAMES),
        Index("ix_dossiers_drafts", "touched_at", "created_at", **_DRAFTS),
        Index("ix_dossiers_applicant", "applicant_id", "id"),
        Index(
            "ix_dossiers_road",
            "post_office_id",
            "status",
            "return_mode",
            "channel",
            "receiving_unit_id",
            "id",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    lookup_key_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    lookup_key_index: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[Status] = mapped_column(
        choice(Status), default=Status.DRAFT, active_history=True
    )
    version: Mapped[int] = mapped_column(default=1)
    procedure_version_id: Mapped[int] = mapped_column(
        ForeignKey("procedure_versions.id"), active_history=True
    )
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    applicant_name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    applicant_folded: Mapped[str] = mapped_column(String(LONGEST_NAME), default="", index=True)
    citizen_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    citizen_number_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    email: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    commune_code: Mapped[str | None] = mapped_column(String(5))
    answers_text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    receiving_unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id"), active_history=True
    )
    department_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id"), active_history=True
    )
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), active_history=True)
    post_office_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    return_mode: Mapped[ReturnMode] = mapped_column(choice(ReturnMode), default=ReturnMode.DESK)
    return_address: Mapped[str] = mapped_column(String(300), default="")
    return_commune_code: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    forwarded_at: Mapped[datetime | None] = mapped_column(active_history=True)
    due_at_original: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)

    __mapper_args__ = {"version_id_col": version}

    lookup_key = Sealed("lookup_key")
    citizen_number = Sealed("citizen_number")
    phone = Sealed("phone")
    answers_text = Sealed()

    procedure_version: Mapped[ProcedureVersion] = relationship(lazy="joined")
    receiving_unit: Mapped[Organisation | None] = relationship(foreign_keys=[receiving_unit_id])
    department: Mapped[Organisation | None] = relationship(foreign_keys=[department_id])
    post_office: Mapped[Organisation | None] = relationship(foreign_keys=[post_office_id])
    documents: Mapped[list[Document]] = relationship(order_by=Document.id)
    events: Mapped[list[DossierEvent]] = relationship(order_by="DossierEvent.id")
    pauses: Mapped[list[ClockPause]] = relationship(order_by="ClockPause.id")

    @property
    def is_ended_early(self) -> bool:
        """Whether it ended without a result, so that its papers go home."""
        return self.status in ENDED_EARLY

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be added to it any more, with or without a result."""
        return self.status in CLOSED


_LAST = "last dossier number given here"


@event.listens_for(Dossier, "before_insert")
def _number_anew(_mapper: object, connection: Connection, dossier: Dossier) -> None:
    """SQLite would give the number of an erased draft, and its lines in the log, to the next.

    Several of one flush are numbered before the first of them is written.
    """
    if connection.dialect.name == "sqlite" and vars(dossier).get("id") is None:
        given = select(func.max(Dossier.id)), select(func.max(AuditEvent.dossier_id))
        last = max(connection.scalar(query) or 0 for query in given)
        dossier.id = connection.info[_LAST] = 1 + max(last, connection.info.get(_LAST, 0))


# By this lists are sorted, and the indexes above have it.
DUE_OR_NEVER: ColumnElement[datetime] = func.coalesce(Dossier.due_at, NEVER)


class DossierEvent(Base):
    """One thing that happened to a dossier, as everyone who may see it reads it; never changed."""

    __tablename__ = "dossier_events"
    __table_args__ = (Index("ix_dossier_events_dossier", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    dossier_version: Mapped[int]
    act: Mapped[str] = mapped_column(String(40))
    from_status: Mapped[Status | None] = mapped_column(choice(Status, "from_status"))
    to_status: Mapped[Status | None] = mapped_column(choice(Status, "to_status"))
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[int | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    sentence: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ClockPause(Base):
    """A stretch in which the clock stood still, and why; open while `ended_at` is empty."""

    __tablename__ = "clock_pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CodeCounter(Base):
    """The last sequence number given to one agency on one day; gaps are allowed, reuse is not."""

    __tablename__ = "code_counters"
    __table_args__ = (UniqueConstraint("agency_code", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_code: Mapped[str] = mapped_column(String(40))
    day: Mapped[str] = mapped_column(String(6))
    last: Mapped[int] = mapped_column(default=0)
