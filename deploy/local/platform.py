"""What an instance's platform is: its addresses and credentials, generated once and kept private."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from deploy.local import ports
from deploy.local.instance import Instance

FORMAT = 1
SERVICES = ("directory", "documents", "cases", "audits", "notify")
BROKER_USERS = (*SERVICES, "gateway", "ops", "admin")
VHOST = "eiso"
SPARE_VHOSTS = ("eiso-2", "eiso-3", "eiso-4")  # on the tests' instance, for what must be alone
BUCKET = "eiso"
STORE_USERS = (*SERVICES, "ops", "locks", "links")
"""Users of the object store beside its owner (`store_rights.py`)."""
OWN_STORE_USERS = "EISO_S3_OWN_USERS"
"""Set where the users of `eiso store users` were made on an existing store."""
EXISTING = {
    "postgres": "EISO_POSTGRES_URL",
    "amqp": "EISO_AMQP_URL",
    "s3": "EISO_S3_URL",
    OWN_STORE_USERS: OWN_STORE_USERS,
}


class UnknownFormat(Exception):
    """The instance's folder was written by another version of the project."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Addresses and credentials of one instance; what is not private is what `existing` names."""

    instance: Instance
    ports: dict[str, int]
    passwords: dict[str, str]
    existing: dict[str, str]

    def amqp_uri(self, user: str, vhost: str = VHOST) -> str:
        """The broker's address for one of its users."""
        scheme, host = "amqp", f"127.0.0.1:{self.ports['amqp']}"
        if url := self.existing.get("amqp"):
            # The scheme as it was given: `amqps` is refused by whoever cannot honour it, never dropped.
            scheme, host = urlsplit(url).scheme, urlsplit(url).netloc.rpartition("@")[2]
        return f"{scheme}://{user}:{self.passwords[f'amqp_{user}']}@{host}/{vhost}"

    def postgres_url(self, role: str, database: str) -> str:
        """A database's address for one of its roles, as libpq and psycopg take it."""
        secret = self.passwords[f"postgres_{role}"]
        host = f"127.0.0.1:{self.ports['postgres']}"
        if url := self.existing.get("postgres"):
            host = urlsplit(url).netloc.rpartition("@")[2]
        return f"postgresql://{role}:{secret}@{host}/{database}"

    @property
    def postgres_admin_url(self) -> str:
        """The superuser's address: only deploy and tests that build databases use it."""
        return self.existing.get("postgres") or self.postgres_url("postgres", "postgres")

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
    def vhosts(self) -> tuple[str, ...]:
        return (VHOST, *SPARE_VHOSTS) if self.instance.name == "test" else (VHOST,)

    @property
    def s3_endpoint(self) -> str:
        if url := self.existing.get("s3"):
            parts = urlsplit(url)
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def s3_access_key(self) -> str:
        return urlsplit(self.existing.get("s3", "")).username or self.passwords["s3_access_key"]

    @property
    def s3_secret_key(self) -> str:
        return urlsplit(self.existing.get("s3", "")).password or self.passwords["s3_secret_key"]

    @property
    def s3_bucket(self) -> str:
        return urlsplit(self.existing.get("s3", "")).path.strip("/") or BUCKET

    @property
    def s3_intake_bucket(self) -> str:
        """Where uploads arrive; beside the bucket in which files stay."""
        return f"{self.s3_bucket}-intake"

    @property
    def has_store_users(self) -> bool:
        """Whether each service has a store user of its own; on an existing store its operators make them."""
        is_known = f"s3_{STORE_USERS[0]}_access_key" in self.passwords
        return is_known and ("s3" not in self.existing or OWN_STORE_USERS in self.existing)

    def store_keys(self, user: str) -> tuple[str, str]:
        """Access and secret key of one of the store's users; the owner's where users were not made yet."""
        if not self.has_store_users:
            return self.s3_access_key, self.s3_secret_key
        return self.passwords[f"s3_{user}_access_key"], self.passwords[f"s3_{user}_secret_key"]

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def mail_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['mail_page']}"

    def save(self) -> None:
        """Write the file as a whole or not at all, readable by its owner only."""
        kept = {
            "format": FORMAT,
            "first_port": self.ports["gateway"],
            "passwords": self.passwords,
        }
        new = self.instance.platform_file.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file, indent=1)
        new.replace(self.instance.platform_file)


def _sqlalchemy(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def load(instance: Instance, environ: Mapping[str, str] = os.environ) -> Platform:
    """The platform as kept; FileNotFoundError where the instance was never started."""
    kept = json.loads(instance.platform_file.read_text())
    if kept.get("format") != FORMAT:
        raise UnknownFormat(f"{instance.folder}: format {kept.get('format')}, known is {FORMAT}")
    return Platform(
        instance=instance,
        ports=ports.block(kept["first_port"]),
        passwords=kept["passwords"],
        existing=existing_servers(environ),
    )


def existing_servers(environ: Mapping[str, str]) -> dict[str, str]:
    """Servers that the environment names instead of private ones."""
    return {server: environ[name] for server, name in EXISTING.items() if environ.get(name)}


def load_or_create(instance: Instance) -> Platform:
    """The platform as kept, or a new one with free ports; who is new gets a password."""
    instance.make()
    try:
        platform = load(instance)
    except FileNotFoundError:
        platform = Platform(
            instance=instance,
            ports=ports.choose(instance.digest),
            passwords={},
            existing=existing_servers(os.environ),
        )
    complete = replace(platform, passwords=new_passwords() | platform.passwords)
    if complete != platform:
        complete.save()
    return complete


def new_passwords() -> dict[str, str]:
    """One long random secret for everybody who signs in anywhere."""
    roles = [f"{service}_{kind}" for service in SERVICES for kind in ("owner", "app")]
    names = [f"postgres_{role}" for role in ("postgres", "ops", *roles)]
    names += [f"amqp_{user}" for user in BROKER_USERS]
    names += ["erlang_cookie", "s3_access_key", "s3_secret_key"]
    names += [f"s3_{user}_{key}" for user in STORE_USERS for key in ("access_key", "secret_key")]
    easy = {name: _easy_password() for name in ("bootstrap_admin", "demo_accounts")}
    return {name: secrets.token_hex(20) for name in names} | easy


def _easy_password() -> str:
    """For accounts that a visitor types in by hand on this machine: 47 random bits."""
    letters, digits = "abcdefghkmnpqrstuvwxyz", "23456789"
    words = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(2))
    return "-".join([*words, "".join(secrets.choice(digits) for _ in range(4))])
