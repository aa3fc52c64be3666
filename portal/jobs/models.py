"""What is still to be done in the back: one leased row for each piece of work."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, PublicId, choice


class JobState(enum.StrEnum):
    """Where a piece of work stands."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"

    @property
    def label(self) -> LazyString:
        """The word on every page."""
        return LABELS[self]


LABELS = {
    JobState.QUEUED: _l("Đang chờ"),
    JobState.LEASED: _l("Đang làm"),
    JobState.DONE: _l("Đã xong"),
    JobState.FAILED: _l("Không thành công"),
}


class WorkerBeat(Base):
    """A worker says that it lives, and what it finds missing on its machine."""

    __tablename__ = "worker_beats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    lacks: Mapped[list[str]] = mapped_column(JSON, default=list)


class Job(PublicId, Base):
    """A piece of work. The owner token fences: a late answer of a lost lease changes nothing."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_waiting", "state", "run_after", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[JobState] = mapped_column(choice(JobState), default=JobState.QUEUED)
    owner: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    run_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(Text)
    unique_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
