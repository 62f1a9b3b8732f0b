"""Parts of an archive under age (age-encryption.org): the platform knows whom for, and cannot read them back.

The public keys stand in a file of the instance; the private one lies where the platform is not. age encrypts
in pieces, each vouched for, and knows the last one: what was cut or changed is found out.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyrage
from pyrage.x25519 import Identity, Recipient

from deploy.platform.platform import Platform
from ops.archive.unusable import Broken, Unusable

ENDING = ".age"
SECRET = "AGE-SECRET-KEY-"
BUFFER = 1 << 20


class Takes(Protocol):
    """Where encrypted bytes go."""

    def write(self, chunk: bytes, /) -> Any: ...


def file_of(platform: Platform) -> Path:
    """Whom this platform's backups are for, one public key a line."""
    return platform.folder / "backup-keys.txt"


def recipients_of(platform: Platform) -> list[str]:
    """The public keys that are in use; none where the operator has not named any yet."""
    try:
        lines = file_of(platform).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for key in keys:
        recipient(key)
    return keys


def recipient(key: str) -> Recipient:
    """A public key as age writes it."""
    try:
        return Recipient.from_str(key)
    except pyrage.RecipientError:
        raise Unusable("backup_key_malformed", key=key[:80]) from None


def identities_in(file: Path) -> list[Identity]:
    """The private keys of a file as `eiso backup-key` and `age-keygen` write it."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable("backup_key_unread", why=error) from None
    try:
        found = [Identity.from_str(line.strip()) for line in lines if line.startswith(SECRET)]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Unusable("backup_key_none_in", file=file)
    return found


def fitting(identities: Sequence[Identity], recipients: Sequence[str]) -> list[Identity]:
    """The keys that the archive is for; an archive that is for none of them is refused by name."""
    found = [each for each in identities if str(each.to_public()) in recipients]
    if not found:
        raise Unusable("backup_key_wrong", needed=", ".join(recipients))
    return found


class Sealing:
    """Bytes given in are encrypted on a thread of their own, and go on to `into`."""

    def __init__(self, into: Takes, recipients: Sequence[str]) -> None:
        keys = [recipient(key) for key in recipients]
        reading, writing = os.pipe()
        self._plain: BinaryIO = os.fdopen(writing, "wb", BUFFER)
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work, args=(reading, into, keys), daemon=True)
        self._thread.start()

    def write(self, chunk: bytes) -> None:
        try:
            self._plain.write(chunk)
        except BrokenPipeError:
            self._end()
            raise

    def end(self) -> None:
        """Encrypt what is left and hand it on."""
        try:
            self._plain.close()
        except BrokenPipeError:
            self._end()
            raise
        self._end()

    def _end(self) -> None:
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _work(self, reading: int, into: Takes, keys: list[Recipient]) -> None:
        with os.fdopen(reading, "rb", BUFFER) as plain:
            try:
                pyrage.encrypt_io(plain, into, keys)
            except BaseException as error:
                self._failed = error


@contextmanager
def opened(file: BinaryIO, name: str, identities: Sequence[Identity]) -> Iterator[BinaryIO]:
    """What a part holds, decrypted as it is read; `Broken` where it is not what was encrypted."""
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def work() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb", BUFFER) as plain:
            try:
                pyrage.decrypt_io(file, plain, list(identities))
            except BaseException as error:
                failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    with os.fdopen(reading, "rb", BUFFER) as plain:
        try:
            yield plain
            while plain.read(BUFFER):
                pass  # to its end, where age says whether anything was cut off
        except BaseException:
            if failed:
                raise _changed(name, failed[0]) from failed[0]
            raise
    thread.join()
    if failed:
        raise _changed(name, failed[0]) from failed[0]


def _changed(name: str, why: BaseException) -> Broken:
    return Broken("archive_part_changed", part=name, why=f"age: {why}")
