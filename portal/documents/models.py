"""What was handed in: papers, the files that show them, and the pages read from the files."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.catalogue.models import PaperKind
from portal.crypto import SealedList
from portal.db import Base, PublicId, choice


class DocumentPurpose(enum.StrEnum):
    """Why a document is in the dossier."""

    COMPONENT = "component"
    VOLUNTARY = "voluntary"
    OUTCOME = "outcome"


class FileState(enum.StrEnum):
    """How far a file has come on its way from bytes to searchable pages."""

    RECEIVED = "received"
    READING = "reading"
    READ = "read"
    REFUSED = "refused"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class VirusCheck(enum.StrEnum):
    """What is known of a file's innocence."""

    NOT_SCANNED = "not_scanned"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


class Document(PublicId, Base):
    """One paper of a dossier; `pages_declared` counts the sides the clerk has in his hand."""

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_dossier", "dossier_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    component_id: Mapped[int | None] = mapped_column(ForeignKey("components.id"))
    purpose: Mapped[DocumentPurpose] = mapped_column(choice(DocumentPurpose))
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[PaperKind | None] = mapped_column(choice(PaperKind))
    is_present: Mapped[bool] = mapped_column(default=False)
    is_shown_only: Mapped[bool] = mapped_column(default=False)
    pages_declared: Mapped[int | None]
    created_at: Mapped[datetime]

    files: Mapped[list[DocumentFile]] = relationship(
        back_populates="document", order_by="DocumentFile.id"
    )

    @property
    def live_files(self) -> list[DocumentFile]:
        """The files that stand, without those taken back."""
        return [file for file in self.files if file.state is not FileState.WITHDRAWN]


class DocumentFile(PublicId, Base):
    """A file as it came, its archival picture, its searchable copy: three objects with hashes."""

    __tablename__ = "document_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    original_key: Mapped[str] = mapped_column(String(80), unique=True)
    original_sha256: Mapped[str] = mapped_column(String(64), index=True)
    archive_key: Mapped[str | None] = mapped_column(String(80))
    archive_sha256: Mapped[str | None] = mapped_column(String(64))
    searchable_key: Mapped[str | None] = mapped_column(String(80))
    searchable_sha256: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[FileState] = mapped_column(choice(FileState), default=FileState.RECEIVED)
    reason: Mapped[str | None] = mapped_column(String(40))
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    signatures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    fields_held: Mapped[Any] = mapped_column("fields", JSON, default=list)
    pages_total: Mapped[int] = mapped_column(default=0)
    virus_check: Mapped[VirusCheck] = mapped_column(
        choice(VirusCheck), default=VirusCheck.NOT_SCANNED
    )
    virus_name: Mapped[str | None] = mapped_column(String(120))
    virus_checked_at: Mapped[datetime | None]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    taken_by_name: Mapped[str] = mapped_column(String(120), default="")
    taken_place_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    taken_at: Mapped[datetime]

    fields = SealedList()

    document: Mapped[Document] = relationship(back_populates="files")
    pages: Mapped[list[DocumentPage]] = relationship(
        back_populates="file", order_by="DocumentPage.number"
    )


class ParkedFile(PublicId, Base):
    """A file that came with a form nobody could take yet; its object lives as long as its row.

    One that failed the quick look has no object but the sentence that says why.
    """

    __tablename__ = "parked_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("parked_forms.id"), index=True)
    path: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(String(80), default="")
    object_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    refusal: Mapped[str] = mapped_column(Text, default="")
    virus_check: Mapped[VirusCheck] = mapped_column(
        choice(VirusCheck), default=VirusCheck.NOT_SCANNED
    )
    parked_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class HeldPage(PublicId, Base):
    """A page that a station has scanned, until the stack of its order is whole and becomes a file.

    Order, number and hash are its name: the same page sent twice is one row and one answer.
    """

    __tablename__ = "held_pages"
    __table_args__ = (UniqueConstraint("order_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("scan_orders.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    number: Mapped[int]
    object_key: Mapped[str] = mapped_column(String(80), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    received_at: Mapped[datetime]


class QuarantinedFile(PublicId, Base):
    """A file that was refused at the door for what the virus scanner found; no address opens it."""

    __tablename__ = "quarantined_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    object_key: Mapped[str] = mapped_column(String(80), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    virus_name: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    found_at: Mapped[datetime] = mapped_column(index=True)


class DocumentPage(PublicId, Base):
    """One page of a file: its picture, its text, and what was wrong with it."""

    __tablename__ = "document_pages"
    __table_args__ = (UniqueConstraint("file_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("document_files.id"))
    number: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]
    dpi: Mapped[int]
    rotated_by: Mapped[int] = mapped_column(default=0)
    skew_degrees: Mapped[float] = mapped_column(default=0.0)
    is_blank: Mapped[bool] = mapped_column(default=False)
    is_separator: Mapped[bool] = mapped_column(default=False)
    confidence: Mapped[float | None]
    problems: Mapped[list[str]] = mapped_column(JSON, default=list)
    codes_held: Mapped[Any] = mapped_column("codes", JSON, default=list)
    text_source: Mapped[str] = mapped_column(String(20), default="none")
    text: Mapped[str] = mapped_column(Text, default="")
    folded: Mapped[str] = mapped_column(Text, default="")
    image_key: Mapped[str] = mapped_column(String(80))
    image_sha256: Mapped[str] = mapped_column(String(64))
    thumb_key: Mapped[str] = mapped_column(String(80))
    thumb_sha256: Mapped[str] = mapped_column(String(64))
    words_key: Mapped[str | None] = mapped_column(String(80))
    words_sha256: Mapped[str | None] = mapped_column(String(64))

    codes = SealedList()

    file: Mapped[DocumentFile] = relationship(back_populates="pages")

    @property
    def counts(self) -> bool:
        """Whether it is a page of the paper: blank backs and separators are kept, not counted."""
        return not (self.is_blank or self.is_separator)
