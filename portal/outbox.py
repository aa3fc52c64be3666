"""What must reach a citizen: written with its cause, sent only after commit, at least once."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.crypto import Sealed
from portal.db import Base, PublicId, choice
from portal.extensions import db


class MessageState(enum.StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutboxMessage(PublicId, Base):
    """A mail or text to one person; `event_key` makes the same news one message."""

    __tablename__ = "outbox_messages"
    __table_args__ = (Index("ix_outbox_messages_waiting", "state", "send_after", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_key: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[MessageState] = mapped_column(choice(MessageState), default=MessageState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    send_after: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    address = Sealed()


def promise(kind: str, address: str, subject: str, body: str, event_key: str) -> None:
    """Write a message to be sent once the present transaction is durable."""
    now = clock.now()
    message = OutboxMessage(
        event_key=event_key,
        kind=kind,
        subject=subject,
        body=body,
        send_after=now,
        created_at=now,
    )
    message.address = address
    db.session.add(message)
