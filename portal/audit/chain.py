"""How lines of the log hang together; docs/audit-chain.md says it for other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

# What stands before the first line.
GENESIS = bytes(32)

FIELDS = (
    "id",
    "at",
    "act",
    "actor_id",
    "actor_name",
    "role",
    "organisation_id",
    "organisation_name",
    "subject_kind",
    "subject_id",
    "dossier_id",
    "reason",
    "detail",
    "request_id",
)


def digest(row: Mapping[str, Any]) -> bytes:
    """The fingerprint of one line; `detail` is the text of its JSON, as the database keeps it.

    Pure ASCII, so that no sign anybody typed can keep a line from being sealed.
    """
    told = {name: row[name] for name in FIELDS} | {"at": instant(row["at"])}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).digest()


def link(previous: bytes, sequence: int, sealed_at: datetime, row_digest: bytes) -> bytes:
    """The hash of a seal: it holds the line, its place, its time, and so all that came before."""
    place = f"\n{sequence}\n{instant(sealed_at)}\n".encode("ascii")
    return sha256(previous + place + row_digest).digest()


def instant(moment: datetime) -> str:
    """A moment in the one spelling that is hashed: UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
