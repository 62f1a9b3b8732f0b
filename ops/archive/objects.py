"""The objects: every version of every key into packs, and back into a bucket under its own version id.

Listed after the databases' cut: an object is written before the row that relies on it and never
changed, so whatever a row of the cut relies on is there. Rows and trail speak of versions by their
ids, so a store that gives new ones cannot hold a restored platform.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.credentials import Credentials
from minio.error import MinioException, S3Error
from minio.signer import sign_v4_s3

from deploy.platform import bucket
from deploy.platform.platform import Platform
from kernel.base import clock, wire
from kernel.data.store import ABSENT, CHUNK, Placed
from kernel.work.anchor import FOLDER as ANCHORS
from ops.archive import age
from ops.archive.manifest import Opening, Part, Writing, load
from ops.archive.unusable import Broken, Unusable
from ops.scrub import Fault

AT_ONCE = 4
PACK = 256 * 2**20
CANARIES = "doctor/"
VERSION = "rgwx-version-id"

Group = tuple[str, list[dict[str, Any]], list[Placed]]
Went = Callable[[int], object]


@dataclass(frozen=True, kw_only=True)
class Packed:
    """Where one version's bytes lie in its pack, and what the store is to be given with it."""

    key: str
    version_id: str
    offset: int
    size: int
    sha256: str
    media_type: str
    lock_mode: str | None = None
    locked_until: datetime | None = None


@dataclass(kw_only=True)
class Packing:
    """What went into packs, and what rows rely on that the store does not have or has otherwise."""

    objects: int = 0
    size: int = 0
    parts: list[Part] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Packer:
    """Some threads, each with a pack of its own; all versions of a key go into one pack, oldest first."""

    def __init__(
        self,
        platform: Platform,
        folder: Path,
        groups: Iterator[Group],
        went_on: Went,
        recipients: Sequence[str] = (),
    ) -> None:
        self.recipients = recipients
        self.store, self.bucket = bucket.client(platform, "ops"), platform.s3_bucket
        self.folder, self.groups, self.went_on = folder, groups, went_on
        self.lock, self.failed, self.packs = threading.Lock(), threading.Event(), 0
        self.done = Packing()

    def run(self) -> Packing:
        """Until every key is packed; the first failure ends all."""
        with ThreadPoolExecutor(AT_ONCE) as pool, _reaching():
            for thread in [pool.submit(self._work) for _ in range(AT_ONCE)]:
                thread.result()
        self.done.parts.sort(key=lambda part: part.name)
        return self.done

    def _work(self) -> None:
        pack: tuple[Writing, Writing] | None = None
        try:
            while (group := self._next()) is not None:
                pack = pack or self._begin()
                self._pack(pack, group)
                if pack[0].size >= PACK:
                    self._end(pack)
                    pack = None
            if pack:
                self._end(pack)
        except BaseException:
            self.failed.set()
            raise

    def _next(self) -> Group | None:
        with self.lock:
            return None if self.failed.is_set() else next(self.groups, None)

    def _begin(self) -> tuple[Writing, Writing]:
        with self.lock:
            self.packs += 1
            name = f"objects/{self.packs:06}"
        parts = (f"{name}.pack", f"{name}.index")
        content, index = (Writing(self.folder, part, self.recipients) for part in parts)
        return content, index

    def _end(self, pack: tuple[Writing, Writing]) -> None:
        parts = [each.end() for each in pack]
        with self.lock:
            self.done.parts += parts

    def _pack(self, pack: tuple[Writing, Writing], group: Group) -> None:
        content, index = pack
        key, kept, there = group
        wanted = {row["version_id"]: row for row in kept if row["version_id"] is not None}
        found: dict[str, str] = {}
        for placed in reversed(there):  # stores list the newest first
            if packed := self._copy(content, placed):
                index.write(wire.encode(packed) + b"\n")
                found[placed.version_id] = packed.sha256
        with self.lock:
            self.done.objects += len(found)
            self.done.faults += _faults(key, wanted, found)

    def _copy(self, pack: Writing, placed: Placed) -> Packed | None:
        """None for one that was removed since it was listed: an upload that was refused."""
        offset, digest = pack.size, sha256()
        try:
            answer = self.store.get_object(self.bucket, placed.key, version_id=placed.version_id)
        except S3Error as error:
            if error.code in ABSENT:
                return None
            raise
        try:
            for chunk in answer.stream(CHUNK):
                pack.write(chunk)
                digest.update(chunk)
                self.went_on(len(chunk))
        finally:
            answer.close()
            answer.release_conn()
        said = answer.headers
        until = said.get("x-amz-object-lock-retain-until-date")
        with self.lock:
            self.done.size += pack.size - offset
        return Packed(
            key=placed.key,
            version_id=placed.version_id,
            offset=offset,
            size=pack.size - offset,
            sha256=digest.hexdigest(),
            media_type=said.get("Content-Type", "application/octet-stream"),
            lock_mode=said.get("x-amz-object-lock-mode"),
            locked_until=datetime.fromisoformat(until) if until else None,
        )


def _faults(key: str, wanted: Mapping[str, dict[str, Any]], found: Mapping[str, str]) -> Iterator[Fault]:
    """The faults as `eiso scrub` would name them: the archive can hold only what the store has."""
    for version_id, row in wanted.items():
        named = {"key": key, "version_id": version_id, "about": row["about"]}
        if version_id not in found:
            yield Fault(code="scrub_missing", **named)
        elif found[version_id] != row["sha256"]:
            facts = {"sha256": found[version_id], "expected": row["sha256"]}
            yield Fault(code="scrub_flipped", **named, facts=facts)


def worth_keeping(
    groups: Iterable[Group], anchors: set[tuple[str, str]], taken_at: datetime
) -> Iterator[Group]:
    """Without the doctor's canaries, and without what is younger than the cut and nobody's.

    Anchors are chosen by having been there before the cut: a younger one holds heads that the dumped
    trail has not reached, and would accuse it of having been cut.
    """
    for key, kept, there in groups:
        if key.startswith(CANARIES):
            continue
        if key.startswith(ANCHORS):
            yield key, kept, [each for each in there if (each.key, each.version_id) in anchors]
            continue
        wanted = {row["version_id"] for row in kept}
        # A row without a version waits for its upload, which may have come since.
        is_awaited = None in wanted
        chosen = [
            each for each in there if is_awaited or each.version_id in wanted or each.placed_at <= taken_at
        ]
        yield key, kept, chosen


class Unpacker:
    """Some threads put whole packs back, each in its order, so that the newest version is put last."""

    def __init__(self, platform: Platform, archive: Opening, went_on: Went) -> None:
        self.endpoint, self.bucket = platform.s3_endpoint, platform.s3_bucket
        self.credentials = Credentials(platform.s3_access_key, platform.s3_secret_key)
        self.archive, self.went_on = archive, went_on
        self.http = urllib3.PoolManager(
            maxsize=AT_ONCE, retries=False, timeout=urllib3.Timeout(connect=5, read=120)
        )

    def run(self, parts: Iterable[Part]) -> int:
        """How many versions were put back."""
        names = (part.name.removesuffix(age.ENDING) for part in parts)
        indexes = [name for name in names if name.endswith(".index")]
        with ThreadPoolExecutor(AT_ONCE) as pool, _reaching():
            return sum(pool.map(self._unpack, indexes))

    def _unpack(self, index: str) -> int:
        count = offset = 0
        pack = index.replace(".index", ".pack")
        with self.archive.part(index) as lines, self.archive.part(pack) as content:
            for line in lines:
                packed = load(Packed, line, index)
                # Read in the order of writing: a pack under age has no other.
                if packed.offset != offset:
                    raise Broken("archive_part_changed", part=index, why=f"{packed.offset} ≠ {offset}")
                offset += packed.size
                self._put(packed, content)
                self.went_on(packed.size)
                count += 1
        return count

    def _put(self, packed: Packed, content: BinaryIO) -> None:
        """The store itself checks the bytes against the hash that it is given."""
        url = f"{self.endpoint}/{self.bucket}/{quote(packed.key)}?{VERSION}={quote(packed.version_id)}"
        where, now = urlsplit(url), clock.now()
        headers = {
            "Host": where.netloc,
            "Content-Type": packed.media_type,
            "Content-Length": str(packed.size),
            "x-amz-content-sha256": packed.sha256,
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
            **_lock(packed, now),
        }
        signed = sign_v4_s3(
            method="PUT",
            url=where,
            region="us-east-1",
            headers=headers,
            credentials=self.credentials,
            content_sha256=packed.sha256,
            date=now,
        )
        body = _slice(content, packed.size) if packed.size else b""
        answer = self.http.request("PUT", url, headers=signed, body=body)
        if answer.status != 200:
            why = answer.data[:300].decode(errors="replace")
            raise Unusable("restore_object_refused", key=packed.key, what=f"{answer.status} {why}")
        if answer.headers.get("x-amz-version-id") != packed.version_id:
            raise Unusable("restore_store_renames", version=packed.version_id)


def _lock(packed: Packed, now: datetime) -> dict[str, str]:
    """As long as it was locked; a lock that has run out meanwhile is none."""
    if packed.lock_mode is None or packed.locked_until is None or packed.locked_until <= now:
        return {}
    until = f"{packed.locked_until:%Y-%m-%dT%H:%M:%SZ}"
    return {"x-amz-object-lock-mode": packed.lock_mode, "x-amz-object-lock-retain-until-date": until}


def _slice(content: BinaryIO, size: int) -> Iterator[bytes]:
    """The next bytes of a pack, read as they are sent."""
    while size:
        chunk = content.read(min(size, CHUNK))
        if not chunk:
            raise Broken("archive_part_changed", part="objects", why="EOF")
        size -= len(chunk)
        yield chunk


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise Unusable("archive_store_away", what=str(error)[:300]) from error


def is_empty(platform: Platform) -> bool:
    """Whether a store that is there already holds nothing of anybody under this bucket's name."""
    store: Minio = bucket.client(platform)
    with _reaching():
        if not store.bucket_exists(bucket_name=platform.s3_bucket):
            return True
        listed = store.list_objects(bucket_name=platform.s3_bucket, recursive=True, include_version=True)
        return next(iter(listed), None) is None
