"""A platform as its operators know it: where its servers are, and who signs in how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from deploy.platform.names import BUCKET, VHOST

BELONGINGS = (
    "keys/grant.private.json",
    "keys/grant.jwks.json",
    "keys/identity.json",
    "backup-keys.txt",
    "clock.json",
)
"""What every platform may keep beside its servers, as files of its folder."""

SERVERS = ("postgres", "amqp", "s3")


class NotGiven(Exception):
    """The settings of the platform lack what was asked for; the message is its name in the file."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Addresses and credentials of one platform, as its settings file says them (`settings.py`).

    `addresses`: `gateway`, `amqp`, `postgres`, `s3`, without credentials; `s3_public` where browsers reach
    the store by another; `mail` where there is a sink. `processes`: where each process answers `/ready`.
    `admin`: as whom the servers are built: `postgres` (an address), `s3_access_key`, `s3_secret_key`.
    `settings`: what every process is given alike, by the names of `deploy/env.example`.
    `shared`: servers that others use too: what everybody may do there is not for us to change.
    `file`: the settings file itself. `folder`: where it keeps its keys and whatever else is in `belongings`.
    """

    name: str
    file: Path
    folder: Path
    addresses: Mapping[str, str] = field(default_factory=dict)
    processes: Mapping[str, str] = field(default_factory=dict)
    passwords: Mapping[str, str] = field(default_factory=dict)
    admin: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    belongings: tuple[str, ...] = BELONGINGS
    shared: tuple[str, ...] = SERVERS
    has_store_users: bool = True

    def amqp_uri(self, user: str, vhost: str = "") -> str:
        """The broker's address for one of its users."""
        # The scheme as it was given: `amqps` is refused by a client that cannot honour it, never dropped.
        given = urlsplit(self._address("amqp"))
        host = given.netloc.rpartition("@")[2]
        return f"{given.scheme}://{user}:{self._password(f'amqp_{user}')}@{host}/{vhost or self.vhost}"

    @property
    def vhost(self) -> str:
        """Where on the broker the platform lives."""
        return urlsplit(self.addresses.get("amqp", "")).path.strip("/") or VHOST

    def postgres_url(self, role: str, database: str) -> str:
        """A database's address for one of its roles, as libpq and psycopg take it."""
        given = urlsplit(self._address("postgres"))
        host = given.netloc.rpartition("@")[2]
        netloc = f"{role}:{self._password(f'postgres_{role}')}@{host}"
        return urlunsplit(("postgresql", netloc, f"/{database}", given.query, ""))

    @property
    def postgres_admin_url(self) -> str:
        """The superuser's address: only deploy, restores and tests that build databases use it."""
        return _given(self.admin, "admin", "postgres")

    def admin_url_of(self, database: str) -> str:
        """The superuser's address of one database."""
        return urlunsplit(urlsplit(self.postgres_admin_url)._replace(path=f"/{database}"))

    def database_url(self, service: str) -> str:
        """A service's database as its `app` role, as SQLAlchemy takes it."""
        return _sqlalchemy(self.postgres_url(f"{service}_app", service))

    def owner_url(self, service: str) -> str:
        """A service's database as its owner; migrations only."""
        return _sqlalchemy(self.postgres_url(f"{service}_owner", service))

    def ops_url(self, service: str) -> str:
        """A service's database as the read-only `ops` role."""
        return _sqlalchemy(self.postgres_url("ops", service))

    @property
    def s3_endpoint(self) -> str:
        return self._address("s3")

    @property
    def s3_public_endpoint(self) -> str:
        """The store's address in links that browsers follow."""
        return self.addresses.get("s3_public") or self.s3_endpoint

    @property
    def s3_access_key(self) -> str:
        return _given(self.admin, "admin", "s3_access_key")

    @property
    def s3_secret_key(self) -> str:
        return _given(self.admin, "admin", "s3_secret_key")

    @property
    def s3_bucket(self) -> str:
        return self.settings.get("S3_BUCKET") or BUCKET

    @property
    def s3_intake_bucket(self) -> str:
        """Where uploads arrive; beside the bucket in which files stay."""
        return self.settings.get("S3_INTAKE_BUCKET") or f"{self.s3_bucket}-intake"

    def store_keys(self, user: str) -> tuple[str, str]:
        """Access and secret key of one of the store's users; the owner's where users were not made yet."""
        if not self.has_store_users:
            return self.s3_access_key, self.s3_secret_key
        return self._password(f"s3_{user}_access_key"), self._password(f"s3_{user}_secret_key")

    @property
    def gateway_url(self) -> str:
        return self._address("gateway")

    @property
    def mail_url(self) -> str:
        return self._address("mail")

    @property
    def ready_addresses(self) -> dict[str, str]:
        """Where each process says whether it is ready."""
        return {name: f"{address.rstrip('/')}/ready" for name, address in self.processes.items()}

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def half_restored(self) -> Path:
        """There while an archive is put back, and for good where that broke off."""
        return self.folder / "half-restored"

    @property
    def clock_file(self) -> Path | None:
        """The file that shifts business time for all processes; None where there is no such thing."""
        file = self.settings.get("BUSINESS_CLOCK_FILE")
        return Path(file) if file else None

    def _address(self, name: str) -> str:
        return _given(self.addresses, "addresses", name)

    def _password(self, name: str) -> str:
        return _given(self.passwords, "passwords", name)


def _given(section: Mapping[str, str], named: str, name: str) -> str:
    if value := section.get(name):
        return value
    raise NotGiven(f"{named}.{name}")


def _sqlalchemy(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
