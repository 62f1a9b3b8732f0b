"""The object store: any S3 server through the minio SDK; every read by version id, every lock proved."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from minio.retention import Retention

from kernel import clock
from kernel.errors import Conflict, NotFound, Unavailable
from kernel.life.settings import Settings

# By S3's rule, less what a request may take.
MOST_APART = timedelta(minutes=14)
CHUNK = 1 << 18
HEAD = 1 << 16
ABSENT = ("NoSuchKey", "NoSuchObject", "NoSuchVersion")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the store holds under a key: the version just seen, its size, hash and first bytes."""

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
    """One bucket. `inside` is where services read and write, `outside` what presigned links name."""

    def __init__(
        self, inside: str, outside: str, access: str, secret: str, bucket: str, lock_mode: str
    ) -> None:
        self.bucket, self.lock_mode = bucket, lock_mode
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3, read=8),
            maxsize=8,
            # A store that is silent is asked once more and no further: each wait holds a worker.
            retries=urllib3.Retry(2, read=1, backoff_factor=0.2),
        )
        self.client = _client(inside, access, secret, pool)
        self.public = _client(outside, access, secret, pool)

    @classmethod
    def from_settings(cls, settings: Settings) -> "ObjectStore":
        """The store that a service was told of."""
        return cls(
            inside=settings.s3_endpoint,
            outside=settings.s3_public_endpoint,
            access=settings.s3_access_key,
            secret=settings.s3_secret_key,
            bucket=settings.s3_bucket,
            lock_mode=settings.s3_lock_mode,
        )

    def check(self) -> None:
        """Raise when the bucket cannot be reached."""
        with _reaching():
            if not self.client.bucket_exists(bucket_name=self.bucket):
                raise Unavailable("store_unavailable")

    def put_link(self, key: str, seconds: int) -> str:
        """A link that lets its holder PUT one object under `key` until it runs out."""
        with _reaching():
            link: str = self.public.presigned_put_object(
                bucket_name=self.bucket, object_name=key, expires=timedelta(seconds=seconds)
            )
            return link

    def get_link(self, key: str, version_id: str, name: str, media_type: str, seconds: int) -> str:
        """A link to exactly this version, saved under `name` and never shown inside a page."""
        answered_as = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{_quoted(name)}",
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

    def examine(self, key: str, limit: int) -> Stored | None:
        """Read the newest version through and measure it; None when nothing arrived.

        Reading ends just past `limit` bytes: a larger object is wrong however it goes on.
        """
        with _reaching():
            try:
                found = self.client.stat_object(bucket_name=self.bucket, object_name=key)
            except S3Error as error:
                if error.code in ABSENT:
                    return None
                raise
            version = str(found.version_id)
            digest, size, head = sha256(), 0, b""
            for chunk in self._chunks(key, version):
                digest.update(chunk)
                size += len(chunk)
                head = head or chunk[:HEAD]
                if size > limit:
                    break
            return Stored(version_id=version, size=size, sha256=digest.hexdigest(), head=head)

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
        with _reaching():
            for found in self.client.list_objects(
                bucket_name=self.bucket, prefix=prefix, recursive=True, include_version=True
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
            self.client.set_object_retention(
                bucket_name=self.bucket,
                object_name=key,
                config=Retention(self.lock_mode, until),
                version_id=version_id,
            )

    def locked_until(self, key: str, version_id: str) -> datetime | None:
        """Until when this version is locked."""
        with _reaching():
            found = self.client.stat_object(bucket_name=self.bucket, object_name=key, version_id=version_id)
            # Ceph says nanoseconds, which the SDK's own reader of retentions does not understand.
            said = (found.metadata or {}).get("x-amz-object-lock-retain-until-date")
            return datetime.fromisoformat(said) if said else None

    def remove(self, key: str, version_id: str | None = None) -> None:
        """Remove a version; `Conflict("object_is_locked")` when its lock stands."""
        with _reaching():
            try:
                self.client.remove_object(bucket_name=self.bucket, object_name=key, version_id=version_id)
            except S3Error as error:
                if error.code == "AccessDenied":
                    raise Conflict("object_is_locked") from error
                raise

    def _chunks(self, key: str, version_id: str) -> Iterator[bytes]:
        response = self.client.get_object(bucket_name=self.bucket, object_name=key, version_id=version_id)
        try:
            yield from response.stream(CHUNK)
        finally:
            response.close()
            response.release_conn()


def _client(endpoint: str, access: str, secret: str, pool: urllib3.PoolManager) -> Minio:
    where = urlsplit(endpoint)
    return Minio(
        endpoint=where.netloc,
        access_key=access,
        secret_key=secret,
        secure=where.scheme == "https",
        # Named, since asking the server for its region would cost a request and need a right.
        region="us-east-1",
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

    Only an answer with a body says so; a HEAD is told `AccessDenied` and no more.
    """
    said = error.response.headers.get("Date") if error.response.status == 403 else None
    if not said:
        return False
    with suppress(ValueError, TypeError):
        return abs(clock.now() - parsedate_to_datetime(said)) > MOST_APART
    return False


def _quoted(name: str) -> str:
    return quote(name, safe="")
