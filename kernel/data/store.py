"""The object store: any S3 server through the minio SDK; every read by version id, every lock proved."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import REPLACE, CopySource
from minio.error import MinioException, S3Error
from minio.retention import Retention

from kernel.base import clock
from kernel.base.errors import NotFound, Unavailable
from kernel.data.file_names import kept_name
from kernel.data.links import REGION, Signer
from kernel.life.settings import Settings

# By S3's rule, less what a request may take.
MOST_APART = timedelta(minutes=14)
CHUNK = 1 << 18
HEAD = 1 << 16
ABSENT = ("NoSuchKey", "NoSuchObject", "NoSuchVersion")


@dataclass(frozen=True)
class Keys:
    """One user of the store."""

    access: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """What lies in the intake under a key: the version that was read, its size, hash and first bytes."""

    version_id: str
    size: int
    sha256: str
    head: bytes


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A version as the store lists it."""

    key: str
    version_id: str
    size: int
    placed_at: datetime


class ObjectStore:
    """The bucket in which files stay, and beside it the intake, where clients put them.

    `inside` is where services read and write, `outside` what presigned links name. Links to put with are
    signed with keys that may do nothing but put into the intake, locks set with keys that do only that;
    without such keys the service's own are used.
    """

    def __init__(
        self,
        *,
        inside: str,
        outside: str,
        keys: Keys,
        bucket: str,
        intake: str,
        lock_mode: str,
        links: Keys | None = None,
        locks: Keys | None = None,
    ) -> None:
        self.bucket, self.intake, self.lock_mode = bucket, intake, lock_mode
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3, read=4),
            maxsize=8,
            # A store that is silent is asked once more and no further: each wait holds a worker, and both
            # together must end before the ten seconds of a call do, or nobody learns whose silence it was.
            retries=urllib3.Retry(2, read=1, backoff_factor=0.2),
        )
        self.client = _client(inside, keys, pool)
        self.public = _client(outside, keys, pool)
        self.locking = _client(inside, locks or keys, pool)
        signing = links or keys
        self.signer = Signer(endpoint=outside.rstrip("/"), access=signing.access, secret=signing.secret)

    @classmethod
    def from_settings(cls, settings: Settings) -> "ObjectStore":
        """The store that a service's settings name."""
        return cls(
            inside=settings.s3_endpoint,
            outside=settings.s3_public_endpoint,
            keys=Keys(settings.s3_access_key, settings.s3_secret_key),
            bucket=settings.s3_bucket,
            intake=settings.s3_intake_bucket or f"{settings.s3_bucket}-intake",
            lock_mode=settings.s3_lock_mode,
            links=_keys(settings.s3_links_access_key, settings.s3_links_secret_key),
            locks=_keys(settings.s3_locks_access_key, settings.s3_locks_secret_key),
        )

    def check(self, prefix: str) -> None:
        """Raise when the bucket cannot be reached, or not with these keys; they may list what begins so."""
        with _reaching():
            listed = self.client.list_objects(bucket_name=self.bucket, prefix=prefix)
            next(iter(listed), None)

    def put_link(self, key: str, media_type: str, size: int, seconds: int) -> str:
        """A link that lets its holder PUT one object of this type and size until the link runs out."""
        headers = {"Content-Type": media_type, "Content-Length": str(size)}
        return self.signer.put(f"/{self.intake}/{key}", headers, clock.now(), seconds)

    def get_link(self, key: str, version_id: str, name: str, media_type: str, seconds: int) -> str:
        """A link to exactly this version, saved under `name` and never shown inside a page."""
        kept = kept_name(name, media_type)
        answered_as = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{_quoted(kept)}",
            "response-content-type": media_type,
        }
        with _reaching():
            link: str = self.public.presigned_get_object(
                bucket_name=self.bucket,
                object_name=key,
                expires=timedelta(seconds=seconds),
                version_id=version_id,
                response_headers=answered_as,
            )
            return link

    def receive(self, key: str, limit: int, into: BinaryIO) -> Arrived | None:
        """Copy the newest version in the intake into a file and measure it; None when nothing arrived.

        Reading ends just past `limit` bytes: a larger object is wrong however it goes on.
        """
        with _reaching():
            try:
                found = self.client.stat_object(bucket_name=self.intake, object_name=key)
            except S3Error as error:
                if error.code in ABSENT:
                    return None
                raise
            version = str(found.version_id)
            digest, size, head = sha256(), 0, b""
            for chunk in self._chunks(key, version, self.intake):
                digest.update(chunk)
                into.write(chunk)
                size += len(chunk)
                head = head or chunk[:HEAD]
                if size > limit:
                    break
            return Arrived(version_id=version, size=size, sha256=digest.hexdigest(), head=head)

    def keep(self, key: str, arrived: str, media_type: str) -> str:
        """Copy the version that was judged from the intake to where files stay; its version id there.

        Only the bytes are taken over: a header that its sender added stays behind.
        """
        with _reaching():
            done = self.client.copy_object(
                bucket_name=self.bucket,
                object_name=key,
                source=CopySource(bucket_name=self.intake, object_name=key, version_id=arrived),
                metadata={"Content-Type": media_type},
                metadata_directive=REPLACE,
            )
            if done.version_id:
                return str(done.version_id)
            # Ceph 16 does not say under which id it put a copy. It is the newest: only the one who holds
            # the upload's row puts under this key.
            newest = self.client.stat_object(bucket_name=self.bucket, object_name=key)
            return str(newest.version_id)

    def waiting(self) -> Iterator[Placed]:
        """Every version in the intake."""
        yield from self._listing(self.intake, "")

    def discard(self, key: str, version_id: str) -> None:
        """Remove a version from the intake."""
        with _reaching():
            self.client.remove_object(bucket_name=self.intake, object_name=key, version_id=version_id)

    def read(self, key: str, version_id: str) -> bytes:
        """The bytes of one version."""
        with _reaching():
            return b"".join(self._chunks(key, version_id))

    def put(self, key: str, body: bytes, media_type: str, locked_until: datetime) -> str:
        """Write an object that is locked from its first moment; its version id."""
        with _reaching():
            done = self.client.put_object(
                bucket_name=self.bucket,
                object_name=key,
                data=BytesIO(body),
                length=len(body),
                content_type=media_type,
                retention=Retention(self.lock_mode, locked_until),
            )
            return str(done.version_id)

    def first_versions(self, prefix: str) -> dict[str, str]:
        """Key → its oldest version, of all keys that begin so: a later version replaces nothing."""
        oldest: dict[str, tuple[datetime, str]] = {}
        with _reaching():
            for found in self.client.list_objects(
                bucket_name=self.bucket, prefix=prefix, recursive=True, include_version=True
            ):
                if found.is_delete_marker or found.last_modified is None:
                    continue
                seen = (found.last_modified, str(found.version_id))
                oldest[found.object_name] = min(seen, oldest.get(found.object_name, seen))
        return {key: version for key, (_, version) in sorted(oldest.items())}

    def listing(self, prefix: str = "") -> Iterator[Placed]:
        """Every version of every key, in the order of the keys' bytes; marks of deletion are none."""
        yield from self._listing(self.bucket, prefix)

    def _listing(self, bucket: str, prefix: str) -> Iterator[Placed]:
        with _reaching():
            for found in self.client.list_objects(
                bucket_name=bucket, prefix=prefix, recursive=True, include_version=True
            ):
                if not found.is_delete_marker and found.last_modified is not None:
                    yield Placed(
                        key=str(found.object_name),
                        version_id=str(found.version_id),
                        size=found.size or 0,
                        placed_at=found.last_modified,
                    )

    def chunks(self, key: str, version_id: str) -> Iterator[bytes]:
        """The bytes of one version, piece by piece."""
        with _reaching():
            yield from self._chunks(key, version_id)

    def lock(self, key: str, version_id: str, until: datetime) -> None:
        """Keep this version from being deleted until then; `NotFound` when there is none. Never shortened."""
        with _reaching():
            try:
                self.locking.set_object_retention(
                    bucket_name=self.bucket,
                    object_name=key,
                    config=Retention(self.lock_mode, until),
                    version_id=version_id,
                )
            except S3Error as error:
                # A user who may not list gets one answer for what is not there and for what it may not touch.
                there = any(each.version_id == version_id for each in self.listing(key))
                if error.code == "AccessDenied" and not there:
                    raise NotFound("object_not_found") from error
                raise

    def locked_until(self, key: str, version_id: str) -> datetime | None:
        """Until when this version is locked."""
        with _reaching():
            found = self.client.stat_object(bucket_name=self.bucket, object_name=key, version_id=version_id)
            # Ceph says nanoseconds, which the SDK's own reader of retentions does not understand.
            said = (found.metadata or {}).get("x-amz-object-lock-retain-until-date")
            return datetime.fromisoformat(said) if said else None

    def _chunks(self, key: str, version_id: str, bucket: str | None = None) -> Iterator[bytes]:
        response = self.client.get_object(
            bucket_name=bucket or self.bucket, object_name=key, version_id=version_id
        )
        try:
            # As stored: who put it may have called it compressed, and a bomb would go off here.
            yield from response.stream(CHUNK, decode_content=False)
        finally:
            response.close()
            response.release_conn()


def _keys(access: str, secret: str) -> Keys | None:
    return Keys(access, secret) if access and secret else None


def _client(endpoint: str, keys: Keys, pool: urllib3.PoolManager) -> Minio:
    where = urlsplit(endpoint)
    return Minio(
        endpoint=where.netloc,
        access_key=keys.access,
        secret_key=keys.secret,
        secure=where.scheme == "https",
        # Named, since asking the server for its region would cost a request and need a right.
        region=REGION,
        http_client=pool,
    )


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unavailable("store_unavailable") from error
    except S3Error as error:
        if error.response.status >= 500 or _clocks_differ(error):
            raise Unavailable("store_unavailable") from error
        if error.code in ABSENT:
            raise NotFound("object_not_found") from error
        raise
    except MinioException as error:
        raise Unavailable("store_unavailable") from error


def _clocks_differ(error: S3Error) -> bool:
    """Whether the store refuses us for its clock or ours: it takes nothing until one of the two is set right.

    Only an answer with a body says so; a HEAD is answered `AccessDenied` and no more.
    """
    said = error.response.headers.get("Date") if error.response.status == 403 else None
    if not said:
        return False
    with suppress(ValueError, TypeError):
        return abs(clock.now() - parsedate_to_datetime(said)) > MOST_APART
    return False


def _quoted(name: str) -> str:
    return quote(name, safe="")
