"""Identity numbers at rest: encrypted for reading, and a keyed digest that finds the same one again.

AES-GCM (NIST SP 800-38D) under a key whose id is kept beside, so that keys can be replaced; bound to the
person, so that nobody's number can be put under another name. Ten or twelve digits are few: a digest without
a key would reveal them all, so that the index is an HMAC under a key of its own, which stays.
"""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta

NONCE = 12
SHOWN = 3
UNREADABLE = "?"
Key = Annotated[bytes, Meta(min_length=32, max_length=32)]


class IdentityKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The file of keys: which one encrypts now, all that may still be needed to read, the index's own."""

    current: str
    keys: dict[str, Key]
    index_key: Key


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A number as it is kept: nothing of it can be read without the keys."""

    key: str
    cipher: bytes
    index: bytes


class IdentityVault:
    """Seals identity numbers and opens them."""

    def __init__(self, keys: IdentityKeys) -> None:
        if keys.current not in keys.keys:
            raise ValueError(f"no key {keys.current!r} among the keys of identity numbers")
        self.current, self._index_key = keys.current, keys.index_key
        self._ciphers: Mapping[str, AESGCM] = {name: AESGCM(key) for name, key in keys.keys.items()}

    @classmethod
    def from_file(cls, path: str) -> "IdentityVault":
        return cls(msgspec.json.decode(Path(path).read_bytes(), type=IdentityKeys))

    def seal(self, number: str, person_id: UUID) -> Sealed:
        """Encrypt under the current key."""
        nonce = os.urandom(NONCE)
        cipher = nonce + self._ciphers[self.current].encrypt(nonce, number.encode(), person_id.bytes)
        return Sealed(key=self.current, cipher=cipher, index=self.index(number))

    def index(self, number: str) -> bytes:
        """The same for the same number, and of no use to one who lacks the key."""
        return hmac.new(self._index_key, number.encode(), sha256).digest()

    def open(self, key: str, cipher: bytes, person_id: UUID) -> str | None:
        """The number, or None where its key is gone or the row is not as it was written."""
        if key not in self._ciphers:
            return None
        try:
            return self._ciphers[key].decrypt(cipher[:NONCE], cipher[NONCE:], person_id.bytes).decode()
        except InvalidTag:
            return None

    def masked(self, key: str, cipher: bytes, person_id: UUID) -> str:
        """The number's last digits, as they are shown to those who may."""
        number = self.open(key, cipher, person_id)
        return UNREADABLE if number is None else "•" * (len(number) - SHOWN) + number[-SHOWN:]
