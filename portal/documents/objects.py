"""Every object that rows name: what is in none of these columns belongs to nobody."""

from __future__ import annotations

from portal.documents.models import (
    DocumentFile,
    DocumentPage,
    HeldPage,
    ParkedFile,
    QuarantinedFile,
)

# What it is, whose it is, its key, its hash.
OBJECTS = (
    ("original", DocumentFile.public_id, DocumentFile.original_key, DocumentFile.original_sha256),
    ("archive", DocumentFile.public_id, DocumentFile.archive_key, DocumentFile.archive_sha256),
    (
        "searchable",
        DocumentFile.public_id,
        DocumentFile.searchable_key,
        DocumentFile.searchable_sha256,
    ),
    ("image", DocumentPage.public_id, DocumentPage.image_key, DocumentPage.image_sha256),
    ("thumbnail", DocumentPage.public_id, DocumentPage.thumb_key, DocumentPage.thumb_sha256),
    ("held", HeldPage.public_id, HeldPage.object_key, HeldPage.sha256),
    ("parked", ParkedFile.public_id, ParkedFile.object_key, ParkedFile.sha256),
    (
        "quarantined",
        QuarantinedFile.public_id,
        QuarantinedFile.object_key,
        QuarantinedFile.sha256,
    ),
    ("words", DocumentPage.public_id, DocumentPage.words_key, DocumentPage.words_sha256),
)
