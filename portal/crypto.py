"""Numbers that identify people, kept so that a stolen database does not give them away."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, overload

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from portal.db import PublicId, new_public_id

if TYPE_CHECKING:
    from portal.settings import Settings

NONCE_BYTES = 12
TABLE = "__tablename__"


class Keyring:
    """Seals values with AES-256-GCM under the first key; opens with any key it holds.

    The last (oldest) key also keys the blind index, so new keys are put in front.
    """

    def __init__(self, keys: tuple[tuple[str, bytes], ...]) -> None:
        self.primary = keys[0][0]
        self._keys = {name: _derive(key, b"column") for name, key in keys}
        self._index_key = _derive(keys[-1][1], b"blind-index")
        self._fingerprints = {name: _derive(key, b"fingerprint")[:8].hex() for name, key in keys}
        self._signing = {
            name: Ed25519PrivateKey.from_private_bytes(_derive(key, b"checkpoint"))
            for name, key in keys
        }

    @classmethod
    def of(cls, settings: Settings) -> Keyring:
        """The keyring of a site."""
        return cls(settings.data_keys)

    def seal(self, text: str, place: str) -> bytes:
        """Encrypt `text`; `place` (table, column, row) is bound in, so copies elsewhere fail."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        name = self.primary.encode()
        box = AESGCM(self._keys[self.primary]).encrypt(nonce, text.encode(), place.encode())
        return bytes([len(name)]) + name + nonce + box

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt; raises cryptography's InvalidTag when moved or changed, KeyError when lost."""
        length = sealed[0]
        name = sealed[1 : 1 + length].decode()
        nonce = sealed[1 + length : 1 + length + NONCE_BYTES]
        box = sealed[1 + length + NONCE_BYTES :]
        return AESGCM(self._keys[name]).decrypt(nonce, box, place.encode()).decode()

    def index(self, text: str, kind: str) -> str:
        """A keyed digest for equality look-up; it leaks only that two values are equal."""
        return hmac.digest(self._index_key, f"{kind}\0{text}".encode(), "sha256").hex()

    def fingerprints(self) -> dict[str, str]:
        """What tells the keys apart, newest first, and gives nothing of them away."""
        return dict(self._fingerprints)

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature by the newest key."""
        return self._signing[self.primary].sign(message)

    def has_signed(self, name: str, message: bytes, signature: bytes) -> bool:
        """Whether the key of that name is one of ours and has signed just this."""
        if name not in self._signing:
            return False
        try:
            self._signing[name].public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def public_keys(self) -> dict[str, bytes]:
        """What others need to check our signatures: the raw public key of each key."""
        return {name: key.public_key().public_bytes_raw() for name, key in self._signing.items()}


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)


def keyring() -> Keyring:
    """The keyring of the running application."""
    found = current_app.extensions["keyring"]
    assert isinstance(found, Keyring)
    return found


class Sealed:
    """An encrypted attribute over the columns `<name>_sealed` and, if given, `<name>_index`.

    `kind` names the index (so a citizen number in two tables finds the same digest).
    """

    def __init__(self, kind: str | None = None) -> None:
        self.kind = kind
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type) -> Sealed: ...
    @overload
    def __get__(self, row: PublicId, owner: type) -> str | None: ...
    def __get__(self, row: PublicId | None, owner: type) -> str | Sealed | None:
        """Decrypt on reading."""
        if row is None:
            return self
        sealed = getattr(row, f"{self.name}_sealed")
        return None if sealed is None else keyring().open(sealed, _place(row, self.name))

    def __set__(self, row: PublicId, value: str | None) -> None:
        """Encrypt on writing; an empty value is stored as none."""
        sealed = keyring().seal(value, _place(row, self.name)) if value else None
        setattr(row, f"{self.name}_sealed", sealed)
        if self.kind:
            index = keyring().index(value, self.kind) if value else None
            setattr(row, f"{self.name}_index", index)


class SealedList:
    """A list of what stands on papers, over the JSON column of this name, held by `<name>_held`.

    What was written before such lists were sealed is read as it is.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type) -> SealedList: ...
    @overload
    def __get__(self, row: PublicId, owner: type) -> list[dict[str, Any]]: ...
    def __get__(self, row: PublicId | None, owner: type) -> list[dict[str, Any]] | SealedList:
        """Decrypt on reading."""
        if row is None:
            return self
        held = getattr(row, f"{self.name}_held")
        if isinstance(held, dict):
            held = json.loads(keyring().open(b64decode(held["sealed"]), _place(row, self.name)))
        return list(held or [])

    def __set__(self, row: PublicId, value: list[dict[str, Any]]) -> None:
        """Encrypt on writing; an empty list has nothing to hide."""
        held: object = []
        if value:
            text = json.dumps(value, ensure_ascii=False)
            sealed = keyring().seal(text, _place(row, self.name))
            held = {"sealed": b64encode(sealed).decode()}
        setattr(row, f"{self.name}_held", held)


def _place(row: PublicId, name: str) -> str:
    """The table, column and row that a sealed value is bound to."""
    if getattr(row, "public_id", None) is None:
        row.public_id = new_public_id()
    return f"{getattr(row, TABLE)}.{name}:{row.public_id}"


def new_lookup_key() -> str:
    """Six characters a person can read aloud: no 0/O, 1/I/L."""
    return "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(6))
