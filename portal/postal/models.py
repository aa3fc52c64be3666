"""The road: pick-ups at home, items of the post, hand-over records, deliveries."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.crypto import Sealed
from portal.db import Base, PublicId, choice
from portal.directory.models import Organisation
from portal.dossiers.models.dossier import Dossier
from portal.postal.lifecycle import Direction, ItemState, PickupState


class Slot(enum.StrEnum):
    """The part of the day in which the courier comes."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class Pickup(PublicId, Base):
    """A request that a courier collects the papers at the citizen's door."""

    __tablename__ = "pickups"
    __table_args__ = (Index("ix_pickups_round", "post_office_id", "state", "slot_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    post_office_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[PickupState] = mapped_column(choice(PickupState))
    slot_on: Mapped[date]
    slot: Mapped[Slot] = mapped_column(choice(Slot))
    address: Mapped[str] = mapped_column(String(300))
    commune_code: Mapped[str] = mapped_column(String(5))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    price_low: Mapped[int | None]
    price_high: Mapped[int | None]
    requested_at: Mapped[datetime]
    collected_at: Mapped[datetime | None]
    collected_by: Mapped[str] = mapped_column(String(120), default="")
    missed_reason: Mapped[str] = mapped_column(String(200), default="")

    phone = Sealed("phone")

    dossier: Mapped[Dossier] = relationship()
    post_office: Mapped[Organisation] = relationship()


class PostalItem(PublicId, Base):
    """A sealed envelope on its way; its code follows UPU S10."""

    __tablename__ = "postal_items"
    __table_args__ = (Index("ix_postal_items_office", "post_office_id", "direction", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(13), unique=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    direction: Mapped[Direction] = mapped_column(choice(Direction))
    state: Mapped[ItemState] = mapped_column(choice(ItemState))
    post_office_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    seal_number: Mapped[str] = mapped_column(String(40), default="")
    pages_declared: Mapped[int] = mapped_column(default=0)
    pages_scanned: Mapped[int] = mapped_column(default=0)
    override_reason: Mapped[str] = mapped_column(Text, default="")
    price_low: Mapped[int | None]
    price_high: Mapped[int | None]
    created_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    sealed_by: Mapped[str] = mapped_column(String(120), default="")

    dossier: Mapped[Dossier] = relationship()
    post_office: Mapped[Organisation] = relationship()


class ItemCounter(Base):
    """The last serial number given to items of one service indicator."""

    __tablename__ = "item_counters"

    service: Mapped[str] = mapped_column(String(2), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Handover(PublicId, Base):
    """The hand-over record: both sides counted again and signed; the clock starts here."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    giver_place_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    taker_place_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    giver_name: Mapped[str] = mapped_column(String(120))
    taker_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    giver_place: Mapped[Organisation] = relationship(foreign_keys=[giver_place_id])
    taker_place: Mapped[Organisation] = relationship(foreign_keys=[taker_place_id])
    lines: Mapped[list[HandoverLine]] = relationship(
        back_populates="handover", order_by="HandoverLine.id"
    )


class HandoverLine(Base):
    """One dossier on a hand-over record, as it was counted in front of both."""

    __tablename__ = "handover_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("postal_items.id"), index=True)
    originals: Mapped[int]
    copies: Mapped[int]
    pages: Mapped[int]
    is_complete: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")

    handover: Mapped[Handover] = relationship(back_populates="lines")
    item: Mapped[PostalItem] = relationship()


class Delivery(PublicId, Base):
    """One attempt to bring the result home, and who took it."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("postal_items.id"), index=True)
    attempt: Mapped[int]
    at: Mapped[datetime]
    is_delivered: Mapped[bool]
    failure_reason: Mapped[str] = mapped_column(String(60), default="")
    recipient_name: Mapped[str] = mapped_column(String(120), default="")
    recipient_relation: Mapped[str] = mapped_column(String(60), default="")
    paper_checked: Mapped[str] = mapped_column(String(60), default="")
    delivered_by: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")

    item: Mapped[PostalItem] = relationship()
