"""What must reach a citizen: written with its cause, sent only after commit, at least once."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Index,
    LargeBinary,
    String,
    Text,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.carriers import CarrierFailed, Letter, carry
from portal.crypto import Sealed
from portal.db import Base, PublicId, choice, transaction
from portal.errors import Conflict, NotFound
from portal.extensions import db
from portal.settings import Settings

LEASE = timedelta(seconds=60)
MOST_TRIES = 8
KEYS_AT_ONCE = 500
FIRST_PAUSE = timedelta(seconds=10)


class MessageState(enum.StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutboxMessage(PublicId, Base):
    """A mail or text to one person; `event_key` makes the same news one message."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index("ix_outbox_messages_waiting", "state", "send_after", "id"),
        Index("ix_outbox_messages_sent", "state", "sent_at"),
    )

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


@dataclass(frozen=True)
class Taken:
    """A message in somebody's hands: `send_after` is its lease, and proves that it is theirs."""

    id: int
    tries: int
    leased_until: datetime
    letter: Letter


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


def send_one(settings: Settings) -> bool:
    """Send the message that has waited longest; False when none is waiting.

    It leaves outside any transaction: a slow mail server must not hold the database.
    """
    with transaction():
        taken = _take(clock.now())
    if taken is None:
        return False
    url = settings.mail_url if taken.letter.kind == "mail" else settings.sms_url
    try:
        carry(taken.letter, url, settings.public_url)
    except CarrierFailed as failure:
        with transaction():
            _put_off(taken, str(failure), clock.now())
        return True
    with transaction():
        _change(taken, state=MessageState.SENT, sent_at=clock.now(), reason=None)
    return True


def forget_events(keys: Sequence[str]) -> int:
    """Erase the messages of these events; how many there were."""
    return sum(
        _removed(OutboxMessage.event_key.in_(keys[start : start + KEYS_AT_ONCE]))
        for start in range(0, len(keys), KEYS_AT_ONCE)
    )


def forget_old(before: datetime) -> int:
    """Drop what was sent before, and what could never be sent; part of the sweep."""
    sent = (OutboxMessage.state == MessageState.SENT) & (OutboxMessage.sent_at < before)
    failed = (OutboxMessage.state == MessageState.FAILED) & (OutboxMessage.created_at < before)
    return _removed(sent) + _removed(failed)


def _removed(condition: ColumnElement[bool]) -> int:
    gone = delete(OutboxMessage).where(condition).execution_options(synchronize_session=False)
    result = db.session.execute(gone)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def unsent() -> Iterator[tuple[tuple[str, str], int]]:
    """How many messages wait or have failed, by kind; those sent are never counted."""
    query = select(OutboxMessage.kind, OutboxMessage.state, func.count()).where(
        OutboxMessage.state.in_((MessageState.WAITING, MessageState.FAILED))
    )
    for kind, state, number in db.session.execute(
        query.group_by(OutboxMessage.kind, OutboxMessage.state)
    ):
        yield (kind, state.value), number


def waiting_since(at: datetime) -> datetime | None:
    """Since when the oldest message that could be sent has waited; None when none waits."""
    due = (OutboxMessage.state == MessageState.WAITING) & (OutboxMessage.send_after <= at)
    return db.session.scalar(select(func.min(OutboxMessage.send_after)).where(due))


def failed() -> list[OutboxMessage]:
    """The newest messages that could not be sent."""
    query = select(OutboxMessage).filter_by(state=MessageState.FAILED)
    return list(db.session.scalars(query.order_by(OutboxMessage.id.desc()).limit(50)))


def try_again(public_id: str, now: datetime) -> OutboxMessage:
    """Give a message that could not be sent a fresh start; raises NotFound or Conflict."""
    query = select(OutboxMessage).filter_by(public_id=public_id).with_for_update()
    message = db.session.scalar(query)
    if message is None:
        raise NotFound
    if message.state is not MessageState.FAILED:
        raise Conflict
    message.state, message.tries, message.send_after = MessageState.WAITING, 0, now
    return message


def _take(now: datetime) -> Taken | None:
    """Lease a message by moving its hour: should its sender die, it is sent again then."""
    waiting = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == MessageState.WAITING, OutboxMessage.send_after <= now)
        .order_by(OutboxMessage.send_after, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = db.session.scalar(
        update(OutboxMessage)
        .where(OutboxMessage.id == waiting)
        .values(send_after=now + LEASE, tries=OutboxMessage.tries + 1)
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if row is None:
        return None
    letter = Letter(
        row.kind, row.event_key, row.address or "", row.subject, row.body, row.created_at
    )
    return Taken(row.id, row.tries, row.send_after, letter)


def _put_off(taken: Taken, reason: str, now: datetime) -> None:
    if taken.tries >= MOST_TRIES:
        _change(taken, state=MessageState.FAILED, reason=reason)
        return
    pause = FIRST_PAUSE * 2 ** (taken.tries - 1)
    _change(taken, send_after=now + pause, reason=reason)


def _change(taken: Taken, **values: object) -> None:
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == taken.id, OutboxMessage.send_after == taken.leased_until)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
