"""Passwords: how they are kept and which are too weak."""

from __future__ import annotations

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l

from portal.errors import Invalid
from vietnam.folding import fold

SHORTEST = 12
LONGEST = 256
# Nearly forty years at the five guesses a minute that the throttle lets through.
FEWEST_GUESSES = 1e8
MEASURED = 72  # the measure takes longer with each letter, and what comes after only helps
# What people here choose and the measure's English lists do not know.
LOCAL_WORDS = (
    *("matkhau", "motcua", "buudien", "dichvucong", "hanhchinh", "vietnam", "hanoi", "saigon"),
    *("tphcm", "danang", "xinchao", "anhyeuem", "emyeuanh", "giadinh", "conyeu", "admin"),
)

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


def check(password: str, *about: str) -> None:
    """Raise Invalid for a password that is too short, or that a guesser would try early.

    `about` is what others know of the person. There is no rule of composition: length and being
    hard to guess are what counts (ASVS 6.2.1, 6.2.4, 6.2.5).
    """
    known = _normal(password)
    if not SHORTEST <= len(known) <= LONGEST:
        raise Invalid(
            "password", _l("Mật khẩu phải có từ %(least)s ký tự trở lên.", least=SHORTEST)
        )
    if _guesses(known, about) < FEWEST_GUESSES:
        raise Invalid(
            "password",
            _l("Mật khẩu này dễ đoán. Hãy ghép vài từ không liên quan đến nhau và đến bản thân."),
        )


def _guesses(password: str, about: tuple[str, ...]) -> float:
    """How many tries it takes; marks and spaces hide a word from the measure only."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists are read only where a password is chosen

    near = [*LOCAL_WORDS, *_words_of(about)]
    bare = "".join(fold(password).split())
    tried = (text[:MEASURED] for text in (password, bare) if text)
    return min(float(zxcvbn(text, user_inputs=near)["guesses"]) for text in tried)


def _words_of(about: tuple[str, ...]) -> list[str]:
    parts = [re.split(r"[\W_]+", fold(text)) for text in about]
    return [word for words in parts for word in (*words, "".join(words)) if len(word) > 2]


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
