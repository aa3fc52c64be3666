"""A mark on each printed paper by which anyone can check that this system issued it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from portal.clock import ZONE
from portal.crypto import keyring

MARK_LENGTH = 20
PARTS = 4


@dataclass(frozen=True)
class Verified:
    """What a genuine mark says: which paper, of which dossier, issued when."""

    kind: str
    code: str
    issued_at: datetime


def seal(kind: str, code: str, issued_at: datetime) -> str:
    """The mark of a paper: readable parts and a keyed digest over them."""
    minute = issued_at.astimezone(ZONE).strftime("%Y%m%d%H%M")
    return f"{kind}~{code}~{minute}~{_digest(kind, code, minute)}"


def check(token: str) -> Verified | None:
    """What the mark says if it is ours and unchanged, None otherwise."""
    parts = token.strip().split("~")
    if len(parts) != PARTS:
        return None
    kind, code, minute, digest = parts
    if not hmac.compare_digest(_digest(kind, code, minute).encode(), digest.encode()):
        return None
    issued_at = datetime.strptime(minute, "%Y%m%d%H%M").replace(tzinfo=ZONE)
    return Verified(kind, code, issued_at)


def _digest(kind: str, code: str, minute: str) -> str:
    return keyring().index(f"{kind}~{code}~{minute}", "paper")[:MARK_LENGTH]
