"""What an archive says of itself: written last, so that a folder without it is no archive.

Every part stands here with its size and hash. The same hashes stand among the sealed secrets, with
one of everything else that is said here, so that one who changes a part and this page with it, or
only this page, is found out by the passphrase.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from uuid import UUID

import msgspec
from pyrage.x25519 import Identity

from kernel.base import wire
from ops.archive import age
from ops.archive.unusable import Broken, Unusable

FORMAT = 3
KNOWN = (2, 3)
"""Archives of format 2 were never encrypted; they are read as they are."""
NAME = "manifest.json"
SECRETS = "secrets.sealed"
CHUNK = 1 << 20
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of the archive, by its path in it."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One service's database as the cut saw it."""

    head: str
    log_head: int
    sealed: int
    size: int


@dataclass(kw_only=True)
class Manifest:
    """The whole archive. Moments are UTC; `taken_at` is what a restored platform goes back to."""

    id: UUID
    instance: str
    release: str
    taken_at: datetime
    finished_at: datetime
    services: dict[str, Kept]
    objects: int
    object_bytes: int
    faults: int
    parts: list[Part] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    format: int = FORMAT
    recipients: list[str] = field(default_factory=list)
    """The public keys that its databases and objects are encrypted for; none: they are not."""

    @property
    def bytes(self) -> int:
        return sum(part.size for part in self.parts)

    @property
    def facts_hash(self) -> str:
        """The digest of all it says but the parts: the seal names these, and their bytes are counted."""
        facts = wire.dump(replace(self, parts=[]))
        if self.format == 2:
            del facts["recipients"]
        return sha256(wire.encode(facts)).hexdigest()


class Writing:
    """A part being written: encrypted if it is for somebody, hashed on its way to the disk, whole at the end.

    `size` is what was given in, which is what places in it are counted by.
    """

    def __init__(self, folder: Path, name: str, recipients: Sequence[str] = ()) -> None:
        self.size = 0
        self._kept = _Kept(folder, f"{name}{age.ENDING}" if recipients else name)
        self._sealing = age.Sealing(self._kept, recipients) if recipients else None

    def write(self, chunk: bytes) -> None:
        (self._sealing or self._kept).write(chunk)
        self.size += len(chunk)

    def end(self) -> Part:
        if self._sealing:
            self._sealing.end()
        return self._kept.end()


class _Kept:
    """A file, and the hash of what lies in it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.size, self._hash = name, 0, sha256()
        path = folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")

    def write(self, chunk: bytes) -> int:
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)
        return len(chunk)

    def flush(self) -> None:
        self._file.flush()

    def end(self) -> Part:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Part(name=self.name, size=self.size, sha256=self._hash.hexdigest())


def put(folder: Path, name: str, content: bytes) -> Part:
    """A small part at once."""
    writing = Writing(folder, name)
    writing.write(content)
    return writing.end()


def finish(partial: Path, manifest: Manifest, target: Path) -> None:
    """The manifest, and only then the folder's real name: both are there or neither is."""
    put(partial, NAME, wire.encode(manifest))
    for folder in (*(each for each in partial.iterdir() if each.is_dir()), partial):
        _sync_to_disk(folder)
    partial.rename(target)
    _sync_to_disk(target.parent)


def _sync_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(folder: Path) -> Manifest:
    """What the archive says of itself; its parts are not looked at yet."""
    try:
        body = (folder / NAME).read_bytes()
    except OSError:
        raise Unusable("archive_none", folder=folder) from None
    found = load(dict[str, Any], body, NAME).get("format")
    if found not in KNOWN:
        raise Unusable("archive_format", found=found, known=FORMAT)
    return load(Manifest, body, NAME)


def load(cls: type[T], body: bytes, part: str) -> T:
    """Read a part as it was written, letter for letter: no name takes another form of Unicode."""
    try:
        return msgspec.json.decode(body, type=cls)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Broken("archive_part_changed", part=part, why=error) from None


def verify(folder: Path, manifest: Manifest, went_on: Callable[[int], object]) -> None:
    """Read every part through; the first that is not what was written ends it."""
    for part in manifest.parts:
        with _opened(folder, part.name) as file:
            digest, size = sha256(), 0
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                went_on(len(chunk))
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise Broken("archive_part_changed", part=part.name, why="SHA-256")


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A verified archive's folder and the keys to it: its parts read by the names they had when written."""

    folder: Path
    identities: Sequence[Identity] = ()

    @contextmanager
    def part(self, name: str) -> Iterator[BinaryIO]:
        if not self.identities:
            with _opened(self.folder, name) as file:
                yield file
            return
        kept = f"{name}{age.ENDING}"
        with _opened(self.folder, kept) as file, age.opened(file, kept, self.identities) as plain:
            yield plain


@contextmanager
def _opened(folder: Path, name: str) -> Iterator[BinaryIO]:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise Broken("archive_part_changed", part=NAME, why=name)
    try:
        with (folder / name).open("rb") as file:
            yield file
    except FileNotFoundError:
        raise Broken("archive_part_missing", part=name) from None
