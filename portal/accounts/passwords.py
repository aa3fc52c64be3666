"""Passwords: how they are kept and which are too weak."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256

# Argon2id at or above the OWASP minimum (19 MiB, t=2, p=1).
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash; the text is normalised so that any keyboard types the same password."""
    return _hasher.hash(_normal(password))


def is_right(password: str, stored: str | None) -> bool:
    """Whether the password fits; takes as long for an unknown person as for a known one."""
    try:
        return _hasher.verify(stored or _NOBODY, _normal(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_long_enough(password: str) -> bool:
    """The only rule of composition there is."""
    return SHORTEST <= len(_normal(password)) <= LONGEST


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
