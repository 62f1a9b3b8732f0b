"""The archive's secrets under a passphrase: scrypt makes the key, AES-GCM seals and vouches for them."""

import os
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kernel.base.text import nfc
from ops.archive.manifest import SECRETS
from ops.archive.unusable import Broken, Unusable
from ops.asking import NobodyThere, secret

MARK = b"eISO sealed 1\n"
SALT, NONCE = 16, 12
LEAST = 12


def seal(content: bytes, passphrase: str, archive: UUID) -> bytes:
    """The mark, the salt, the nonce, and the content that nobody reads or changes unseen."""
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    return MARK + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, content, _about(archive))


def unseal(sealed: bytes, passphrase: str, archive: UUID) -> bytes:
    """What was sealed into this very archive with this passphrase."""
    salt, nonce, rest = _taken_apart(sealed)
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, rest, _about(archive))
    except InvalidTag:
        raise Unusable("archive_passphrase_wrong") from None


def asked_for(file: str | None, *, twice: bool) -> str:
    """The passphrase: the first line of a file, or typed in where somebody sits there."""
    if file is not None:
        try:
            lines = Path(file).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise Unusable("archive_passphrase_unread", why=error) from None
        found = lines[0] if lines else ""
    else:
        try:
            found = secret("archive_passphrase_ask")
            if twice and secret("archive_passphrase_again") != found:
                raise Unusable("archive_passphrase_differs")
        except NobodyThere:
            raise Unusable("archive_passphrase_none") from None
    if twice and len(found) < LEAST:
        raise Unusable("archive_passphrase_short", least=LEAST)
    return found


def _taken_apart(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    begin = len(MARK)
    nonce_at, rest_at = begin + SALT, begin + SALT + NONCE
    if not sealed.startswith(MARK) or len(sealed) <= rest_at:
        raise Broken("archive_part_changed", part=SECRETS, why=MARK.decode().strip())
    return sealed[begin:nonce_at], sealed[nonce_at:rest_at], sealed[rest_at:]


def _key(passphrase: str, salt: bytes) -> bytes:
    # 128 MB and a third of a second for each guess. Keyboards differ in how they compose letters.
    return Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(nfc(passphrase).encode())


def _about(archive: UUID) -> bytes:
    """Bound to the archive: the secrets of another one do not fit in."""
    return MARK + archive.bytes
