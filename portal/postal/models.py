"""The road: pick-ups at home, items of the post, hand-over records, deliveries."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Membership
from portal.crypto import Sealed
from portal.db import Base, PublicId, choice
from portal.directory.models import Organisation
from portal.documents.models import Document
from portal.dossiers.models.dossier import Dossier
from portal.postal.lifecycle import (
    Cargo,
    Direction,
    FailureReason,
    HandoverState,
    ItemState,
    PickupState,
    Relation,
)


class OrderState(enum.StrEnum):
    """How far a scan order has come; `stopped` waits for the clerk's word."""

    WAITING = "waiting"
    SCANNING = "scanning"
    STOPPED = "stopped"
    DONE = "done"
    CANCELLED = "cancelled"


class Source(enum.StrEnum):
    """Where the scanner takes the paper from."""

    FEEDER = "feeder"
    TWO_SIDED = "two_sided"
    GLASS = "glass"


class ColourMode(enum.StrEnum):
    """What the scanner sees."""

    COLOUR = "colour"
    GREY = "grey"


class Slot(enum.StrEnum):
    """The part of the day in which the courier comes."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class Pickup(PublicId, Base):
    """A request that a courier collects the papers at the citizen's door."""

    __tablename__ = "pickups"
    __table_args__ = (
        Index("ix_pickups_round", "post_office_id", "state", "slot_on"),
        Index("ix_pickups_late", "state", "slot_on", "id", "post_office_id", "dossier_id"),
    )

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
    """An envelope on its way; its code follows UPU S10.

    `papers` is the list as it was sealed, one dict for each paper (title, kind, pages): the
    posting slip is a contract and must not change when the dossier grows later. `courier_id`
    is whose round it is on.
    """

    __tablename__ = "postal_items"
    __table_args__ = (
        Index("ix_postal_items_still", "state", "moved_at", "id", "post_office_id"),
        Index("ix_postal_items_lying", "post_office_id", "state", "cargo", "dossier_id", "id"),
        CheckConstraint("state <> 'sealed' OR sealed_at IS NOT NULL", name="sealed_knows_when"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(13), unique=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    direction: Mapped[Direction] = mapped_column(choice(Direction))
    cargo: Mapped[Cargo] = mapped_column(choice(Cargo))
    state: Mapped[ItemState] = mapped_column(choice(ItemState))
    post_office_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    seal_number: Mapped[str] = mapped_column(String(40), default="")
    pages_declared: Mapped[int] = mapped_column(default=0)
    pages_scanned: Mapped[int] = mapped_column(default=0)
    override_reason: Mapped[str] = mapped_column(Text, default="")
    papers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    price_low: Mapped[int | None]
    price_high: Mapped[int | None]
    courier_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    sealed_by: Mapped[str] = mapped_column(String(120), default="")

    dossier: Mapped[Dossier] = relationship()
    post_office: Mapped[Organisation] = relationship()
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="item", order_by="Delivery.attempt"
    )


class ItemCounter(Base):
    """The last serial number given to items of one service indicator."""

    __tablename__ = "item_counters"

    service: Mapped[str] = mapped_column(String(2), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Handover(PublicId, Base):
    """The hand-over record: the post proposes, the agency counts again and signs.

    Its `at` is the moment of the second signature, where the legal clock of every dossier on
    it starts; nobody can sign for both sides.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint(
            "state <> 'signed' OR (at IS NOT NULL AND taker_id IS NOT NULL)", name="signed_by_both"
        ),
        CheckConstraint("taker_id IS NULL OR taker_id <> giver_id", name="two_people"),
        Index("ix_handovers_giver", "giver_place_id", "state", "id"),
        Index("ix_handovers_taker", "taker_place_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[HandoverState] = mapped_column(choice(HandoverState))
    giver_place_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    taker_place_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    giver_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    giver_name: Mapped[str] = mapped_column(String(120))
    taker_name: Mapped[str] = mapped_column(String(120), default="")
    proposed_at: Mapped[datetime]
    at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(Text, default="")

    giver_place: Mapped[Organisation] = relationship(foreign_keys=[giver_place_id])
    taker_place: Mapped[Organisation] = relationship(foreign_keys=[taker_place_id])
    lines: Mapped[list[HandoverLine]] = relationship(
        back_populates="handover", order_by="HandoverLine.id"
    )


class HandoverLine(Base):
    """One dossier on a hand-over record: what the post gave, and what the agency counted.

    `is_accepted` is None until the agency has signed; what it did not take stays with the post,
    and `note` says why.
    """

    __tablename__ = "handover_lines"
    __table_args__ = (UniqueConstraint("handover_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("postal_items.id"), index=True)
    given_originals: Mapped[int]
    given_copies: Mapped[int]
    given_pages: Mapped[int]
    originals: Mapped[int | None]
    copies: Mapped[int | None]
    pages: Mapped[int | None]
    is_accepted: Mapped[bool | None]
    is_complete: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Text, default="")

    handover: Mapped[Handover] = relationship(back_populates="lines")
    item: Mapped[PostalItem] = relationship()


class Delivery(PublicId, Base):
    """One attempt to bring an envelope home, and who took it or why nobody did.

    `pages` is what was counted with whoever took papers back; a result has none.
    `failure_reason` and `recipient_relation` hold values of FailureReason and Relation.
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("item_id", "attempt"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("postal_items.id"))
    attempt: Mapped[int]
    at: Mapped[datetime]
    is_delivered: Mapped[bool]
    failure_reason: Mapped[str] = mapped_column(String(60), default="")
    recipient_name: Mapped[str] = mapped_column(String(120), default="")
    recipient_relation: Mapped[str] = mapped_column(String(60), default="")
    paper_checked: Mapped[str] = mapped_column(String(60), default="")
    delivered_by: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    pages: Mapped[int | None]

    item: Mapped[PostalItem] = relationship(back_populates="deliveries")

    @property
    def failure_label(self) -> str:
        """The reason in the words of the list, or "" for a success."""
        return FailureReason(self.failure_reason).label if self.failure_reason else ""

    @property
    def relation_label(self) -> str:
        """Who took it, in the words of the list."""
        return Relation(self.recipient_relation).label if self.recipient_relation else ""


class Station(PublicId, Base):
    """A counter's computer with a scanner; only digests of its code and its token are kept.

    It exists from the moment a supervisor asks for a code; `paired_at` tells that the code was
    exchanged, `revoked_at` that it opens nothing any more.
    """

    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_office_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    code_until: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    scanner: Mapped[str] = mapped_column(String(120), default="")
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    paired_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    post_office: Mapped[Organisation] = relationship()


class ScanOrder(PublicId, Base):
    """A clerk wants a paper scanned by a station; its pages wait until the stack is whole.

    `run` counts how often the scanner was started for it: after a jam it goes on where it stopped.
    """

    __tablename__ = "scan_orders"
    __table_args__ = (
        Index("ix_scan_orders_station", "station_id", "state"),
        Index("ix_scan_orders_dossier", "dossier_id", "state"),
        Index("ix_scan_orders_left", "state", "moved_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id"))
    state: Mapped[OrderState] = mapped_column(choice(OrderState))
    run: Mapped[int] = mapped_column(default=1)
    source: Mapped[Source] = mapped_column(choice(Source))
    mode: Mapped[ColourMode] = mapped_column(choice(ColourMode))
    pages: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(40), default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime]

    station: Mapped[Station] = relationship()
    dossier: Mapped[Dossier] = relationship()
    document: Mapped[Document] = relationship()
    membership: Mapped[Membership] = relationship()
