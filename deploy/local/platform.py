"""What an instance's platform is: its addresses and credentials, generated once and kept private."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.local import ports
from deploy.local.instance import Instance, is_observed
from deploy.platform import settings
from deploy.platform.names import BROKER_USERS, BUCKET, SERVICES, STORE_USERS, VHOST, server_passwords
from deploy.platform.platform import BELONGINGS
from deploy.platform.platform import Platform as AnyPlatform
from deploy.platform.settings import UnknownFormat

__all__ = ["BROKER_USERS", "SERVICES", "STORE_USERS", "VHOST", "Platform", "UnknownFormat", "load"]

SPARE_VHOSTS = ("eiso-2", "eiso-3", "eiso-4")  # on the tests' instance, for what must be alone
OWN_STORE_USERS = "EISO_S3_OWN_USERS"
"""Set where the users of `eiso store` were made on an existing store."""
EXISTING = {
    "postgres": "EISO_POSTGRES_URL",
    "amqp": "EISO_AMQP_URL",
    "s3": "EISO_S3_URL",
    OWN_STORE_USERS: OWN_STORE_USERS,
}
PORTALS = "EISO_PORTAL_ORIGINS"
"""Exact origins of portals elsewhere, separated by commas, that are let in beside our own pages."""
RETRY_TIERS = "10,60,600,3600"
SHORT_RETRY_TIERS = "0.3,0.6,1,1"
MARKS = ("accounts.json", "bootstrapped", "demo-loaded", "demo-lived.jsonl")
"""What was loaded, beside what every platform keeps."""


@dataclass(frozen=True, kw_only=True)
class Platform(AnyPlatform):
    """A platform of this machine: all of it follows from its ports, its passwords, and the servers that the
    environment names instead of private ones (`existing`).
    """

    instance: Instance
    ports: dict[str, int]
    passwords: Mapping[str, str]
    existing: dict[str, str]
    name: str = field(init=False)
    file: Path = field(init=False)
    folder: Path = field(init=False)
    addresses: Mapping[str, str] = field(init=False)
    processes: Mapping[str, str] = field(init=False)
    admin: Mapping[str, str] = field(init=False)
    settings: Mapping[str, str] = field(init=False)
    belongings: tuple[str, ...] = field(init=False)
    shared: tuple[str, ...] = field(init=False)
    has_store_users: bool = field(init=False)

    def __post_init__(self) -> None:
        is_known = f"s3_{STORE_USERS[0]}_access_key" in self.passwords
        is_made = "s3" not in self.existing or OWN_STORE_USERS in self.existing
        follows: dict[str, Any] = {
            "name": self.instance.name,
            "file": self.instance.platform_file,
            "folder": self.instance.folder,
            "addresses": _addresses(self.ports, self.existing),
            "processes": _processes(self.ports),
            "admin": _admin(self.ports, self.passwords, self.existing),
            "settings": _settings(self.instance, self.ports, self.existing),
            "belongings": (*BELONGINGS, *MARKS),
            "shared": tuple(name for name in ("postgres", "amqp", "s3") if name in self.existing),
            "has_store_users": is_known and is_made,
        }
        for name, value in follows.items():
            object.__setattr__(self, name, value)

    @property
    def vhosts(self) -> tuple[str, ...]:
        return (VHOST, *SPARE_VHOSTS) if self.instance.name == "test" else (VHOST,)

    def save(self) -> None:
        """Write the settings file: what every command needs, and from which port on this instance listens."""
        mine = {"first_port": self.ports["gateway"]}
        settings.write(self.instance.platform_file, {**mine, **settings.described(self)})


def _addresses(taken: Mapping[str, int], existing: Mapping[str, str]) -> dict[str, str]:
    schemes = {"gateway": "http", "postgres": "postgresql", "amqp": "amqp", "s3": "http"}
    found = {name: f"{scheme}://127.0.0.1:{taken[name]}" for name, scheme in schemes.items() if name in taken}
    if "mail_page" in taken:
        found["mail"] = f"http://127.0.0.1:{taken['mail_page']}"
    for name in schemes.keys() & existing.keys():
        given = urlsplit(existing[name])
        query = f"?{given.query}" if given.query else ""
        found[name] = f"{given.scheme}://{given.netloc.rpartition('@')[2]}{query}"
    return found


def _processes(taken: Mapping[str, int]) -> dict[str, str]:
    names = {name: f"health_{name}" for name in SERVICES} | {"gateway": "gateway", "mailsink": "mail_page"}
    return {name: f"http://127.0.0.1:{taken[port]}" for name, port in names.items() if port in taken}


def _admin(
    taken: Mapping[str, int], passwords: Mapping[str, str], existing: Mapping[str, str]
) -> dict[str, str]:
    store = urlsplit(existing.get("s3", ""))
    found = {
        "postgres": existing.get("postgres", ""),
        "s3_access_key": store.username or passwords.get("s3_access_key", ""),
        "s3_secret_key": store.password or passwords.get("s3_secret_key", ""),
    }
    if not found["postgres"] and "postgres" in taken and "postgres_postgres" in passwords:
        secret = passwords["postgres_postgres"]
        found["postgres"] = f"postgresql://postgres:{secret}@127.0.0.1:{taken['postgres']}/postgres"
    return {name: value for name, value in found.items() if value}


def _settings(instance: Instance, taken: Mapping[str, int], existing: Mapping[str, str]) -> dict[str, str]:
    is_test = instance.name == "test"
    bucket = urlsplit(existing.get("s3", "")).path.strip("/") or BUCKET
    return {
        "EISO_MODE": "test" if is_test else "local",
        "TRACES_TO": f"file://{instance.traces}" if is_observed() else "",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
        "BUSINESS_CLOCK_FILE": str(instance.clock_file),
        "MAX_WORKERS": "10",
        "RETRY_TIERS": SHORT_RETRY_TIERS if is_test else RETRY_TIERS,
        "S3_BUCKET": bucket,
        "S3_INTAKE_BUCKET": f"{bucket}-intake",
        "S3_LOCK_MODE": "GOVERNANCE",
        "PUBLIC_ORIGINS": ",".join(_origins(taken)),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(taken.get("smtp", "")),
        "SMTP_FROM": "eiso@ninhbinh.example",
    }


def _origins(taken: Mapping[str, int]) -> list[str]:
    """The gateway's own under both names, and portals'."""
    portals = [each.strip() for each in os.environ.get(PORTALS, "").split(",") if each.strip()]
    own = [f"http://{host}:{taken['gateway']}" for host in ("127.0.0.1", "localhost") if "gateway" in taken]
    return [*own, *portals]


def load(instance: Instance, environ: Mapping[str, str] = os.environ) -> Platform:
    """The platform as kept; FileNotFoundError where the instance was never started."""
    kept = settings.read(instance.platform_file)
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
    """The platform as kept, or a new one with free ports; who is new gets a password. Its settings file is
    written anew: the addresses it holds are those of this start.
    """
    instance.make()
    with settings.the_only_writer(instance.platform_file):
        try:
            platform = load(instance)
        except FileNotFoundError:
            platform = Platform(
                instance=instance,
                ports=ports.choose(instance.digest),
                passwords={},
                existing=existing_servers(os.environ),
            )
        complete = replace(platform, passwords=new_passwords() | dict(platform.passwords))
        complete.save()
    return complete


def new_passwords() -> dict[str, str]:
    """One long random secret for everybody who signs in anywhere."""
    names = [*server_passwords(), "postgres_postgres", "erlang_cookie", "s3_access_key", "s3_secret_key"]
    easy = {name: _easy_password() for name in FIRST_PASSWORDS}
    return {name: settings.new_secret() for name in names} | easy


FIRST_PASSWORDS = ("bootstrap_admin", "demo_accounts")
"""Passwords of people, not of servers: they go with a backup."""


def _easy_password() -> str:
    """For accounts that a visitor types in by hand on this machine: 47 random bits."""
    letters, digits = "abcdefghkmnpqrstuvwxyz", "23456789"
    words = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(2))
    return "-".join([*words, "".join(secrets.choice(digits) for _ in range(4))])
