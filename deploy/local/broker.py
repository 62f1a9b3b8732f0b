"""Who may do what on the broker, as the definitions file RabbitMQ loads at its start.

Names on the bus: calls go through the exchange `nameko-rpc` into `rpc-<service>`, answers into
`rpc.reply-<who>-<uuid>`; events through `<service>.events` into `sub-<service>.<method>` with its
`.retry.<n>` and `.parked`, which come back through the direct exchange `sub-<service>`.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from deploy.local.platform import SERVICES

UUID = "[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}"
NOTHING = "^$"
EVERYTHING = ".*"


@dataclass(frozen=True, kw_only=True)
class Rights:
    """A user's three permissions and, per topic exchange, which routing keys they may use."""

    configure: str
    write: str
    read: str
    tags: str = ""
    topics: Mapping[str, tuple[str, str]]
    """exchange -> (may publish with, may bind with)"""


def _any_of(*patterns: str) -> str:
    return f"^({'|'.join(patterns)})$"


def rights_of_service(name: str) -> Rights:
    """A service owns its queues, publishes its own events and answers calls; it calls nobody.

    The one call a service may make is to ask a publisher for events it missed. `nameko-rpc` is in
    `configure` since nameko declares the exchange again whenever it declares a queue on it.
    """
    queues = (
        rf"rpc-{name}(\..+)?",
        rf"sub-{name}(\..+)?",
        rf"rpc\.reply-{name}-.+",
    )
    events = rf"{name}\.events"
    return Rights(
        configure=_any_of("nameko-rpc", events, *queues),
        write=_any_of("nameko-rpc", events, *queues),
        read=_any_of("nameko-rpc", r"[a-z]+\.events", *queues),
        topics={
            "nameko-rpc": (
                _any_of(UUID, r"[a-z]+\.events_after"),
                _any_of(UUID, rf"{name}\.\*"),
            ),
            f"{name}.events": (rf"^{name}\.", EVERYTHING),
        },
    )


def rights_of_gateway() -> Rights:
    """The gateway calls services and listens to notices and to rights that ended; it publishes no event."""
    queues = (r"rpc\.reply-gateway-.+", r"gateway\.notices\..+")
    return Rights(
        configure=_any_of(*queues),
        write=_any_of("nameko-rpc", *queues),
        read=_any_of("nameko-rpc", r"(notify|directory)\.events", *queues),
        topics={
            "nameko-rpc": (r"^[a-z]+\.[a-z_]+$", _any_of(UUID)),
            # Of the directory's events only which rights ended: others hold people's names and addresses.
            "directory.events": (NOTHING, r"^directory\.authority_ended\.v1$"),
        },
    )


def rights_of_ops() -> Rights:
    """Operators look at every queue, put parked messages back and ask services."""
    reply = r"rpc\.reply-ops-.+"
    return Rights(
        configure=_any_of(reply),
        write=_any_of("nameko-rpc", "sub-[a-z]+", reply),
        read=EVERYTHING,
        tags="monitoring",
        topics={"nameko-rpc": (r"^[a-z]+\.[a-z_]+$", _any_of(UUID))},
    )


def rights_of_admin() -> Rights:
    """Whoever builds the broker: deploy and tests."""
    return Rights(configure=EVERYTHING, write=EVERYTHING, read=EVERYTHING, tags="administrator", topics={})


def all_rights() -> dict[str, Rights]:
    """Every user of the broker and what they may do."""
    others = {"gateway": rights_of_gateway(), "ops": rights_of_ops(), "admin": rights_of_admin()}
    return {name: rights_of_service(name) for name in SERVICES} | others


def definitions(passwords: Mapping[str, str], vhosts: Sequence[str]) -> dict[str, Any]:
    """The definitions file: vhosts, users, their rights, and the exchanges that belong to nobody."""
    rights = all_rights()
    merged: dict[str, Any] = {
        "vhosts": [{"name": vhost} for vhost in vhosts],
        "users": [_user(name, who, passwords[f"amqp_{name}"]) for name, who in rights.items()],
    }
    for section, rows in _within(rights).items():
        merged[section] = [{"vhost": vhost, **row} for vhost in vhosts for row in rows]
    return merged


def _within(rights: Mapping[str, Rights]) -> dict[str, list[dict[str, Any]]]:
    """What every vhost holds alike."""
    return {
        "permissions": [
            {"user": name, "configure": who.configure, "write": who.write, "read": who.read}
            for name, who in rights.items()
        ],
        "topic_permissions": [
            {"user": name, "exchange": exchange, "write": write, "read": read}
            for name, who in rights.items()
            for exchange, (write, read) in who.topics.items()
        ],
        "exchanges": [_exchange(name, kind) for name, kind in exchanges().items()],
    }


def exchanges() -> dict[str, str]:
    """The exchanges and their types."""
    events = {f"{name}.events": "topic" for name in SERVICES}
    returns = {f"sub-{name}": "direct" for name in SERVICES}
    return {"nameko-rpc": "topic", **events, **returns}


def _user(name: str, rights: Rights, password: str) -> dict[str, Any]:
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": rights.tags,
        "limits": {},
    }


def password_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256. The salt follows from the password, so that the file of an
    unchanged platform stays the same and the broker skips it; the passwords are 160 random bits.
    """
    salt = sha256(b"salt" + password.encode()).digest()[:4]
    return b64encode(salt + sha256(salt + password.encode()).digest()).decode()


def _exchange(name: str, kind: str) -> dict[str, Any]:
    flags = {"durable": True, "auto_delete": False, "internal": False}
    return {"name": name, "type": kind, **flags, "arguments": {}}
