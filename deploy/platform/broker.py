"""Who may do what on the broker, as the definitions file RabbitMQ loads at its start.

Names on the bus: calls go through the exchange `nameko-rpc` into `rpc-<service>`, answers through
`eiso-answers` into `rpc.reply-<who>-<uuid>`; events through `<service>.events` into
`sub-<service>.<method>` with its `.retry.<n>` and `.parked`, which come back through the direct exchange
`sub-<service>`; what a service missed it asks for through `eiso-logs`.

Three things RabbitMQ does decide what stands below. Who may `write` to an exchange may also bind an
exchange of their own to it, and then no topic permission is asked: so nobody may write to an exchange that
reaches what is not theirs to reach. Who may `configure` a name may delete it: so exchanges are made
here and by nobody else. Permissions know names, not kinds: who may make queues may make exchanges of
the same names.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from deploy.platform.names import SERVICES

UUID = "[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}"
NOTHING = "^$"
EVERYTHING = ".*"
CALLS, ANSWERS, LOGS = "nameko-rpc", "eiso-answers", "eiso-logs"

HEARS: Mapping[str, tuple[str, ...]] = {
    "directory": (),
    "documents": (
        "directory.agencies_reorganised.v1",
        "directory.agency_changed.v1",
        "directory.authority_ended.v1",
        "directory.position_handed_over.v1",
    ),
    "cases": (
        "directory.agencies_reorganised.v1",
        "directory.agency_changed.v1",
        "directory.authority_ended.v1",
        "directory.position_changed.v1",
        "directory.position_handed_over.v1",
        "documents.revision_issued.v1",
    ),
    "audits": (
        "cases.dossier_changed.v1",
        "cases.dossier_overdue.v1",
        "cases.dossier_received.v1",
        "cases.hand_over_followed.v1",
        "directory.agencies_reorganised.v1",
        "directory.agency_changed.v1",
        "directory.authority_ended.v1",
        "directory.grant_changed.v1",
        "directory.position_changed.v1",
        "directory.position_handed_over.v1",
        "documents.hand_over_followed.v1",
        "documents.revision_issued.v1",
    ),
    "notify": (
        "audits.action_assigned.v1",
        "audits.audit_planned.v1",
        "audits.audit_reported.v1",
        "audits.finding_recorded.v1",
        "audits.nonconformity_changed.v1",
        "audits.review_concluded.v1",
        "audits.task_assigned.v1",
        "cases.dossier_finished.v1",
        "cases.dossier_nearing.v1",
        "cases.dossier_overdue.v1",
        "directory.agencies_reorganised.v1",
        "directory.agency_changed.v1",
        "directory.authority_ended.v1",
        "directory.client_approval_due.v1",
        "directory.declaration_due.v1",
        "directory.delegation_changed.v1",
        "directory.grant_changed.v1",
        "directory.person_changed.v1",
        "directory.person_record_changed.v1",
        "directory.position_changed.v1",
        "directory.position_handed_over.v1",
        "directory.position_left.v1",
        "documents.revision_approved.v1",
        "documents.revision_issued.v1",
        "documents.revision_returned.v1",
        "documents.revision_reviewed.v1",
        "documents.revision_submitted.v1",
    ),
    # From the directory only events about rights that ended: others hold people's names and addresses.
    "gateway": ("directory.authority_ended.v1", "notify.notice_posted.v1"),
}
"""Which topics each may bind to: by hand, for a right is given, not found. A test holds it to `@on`."""


@dataclass(frozen=True, kw_only=True)
class Rights:
    """A user's three permissions and, per topic exchange, which routing keys they may use."""

    configure: str
    write: str
    read: str
    tags: str = ""
    topics: Mapping[str, tuple[str, str]]
    """exchange -> (may publish with, may bind with); of an exchange that is not named: nothing"""


def _any_of(*patterns: str) -> str:
    return f"^({'|'.join(patterns)})$" if patterns else NOTHING


def rights_of_service(name: str) -> Rights:
    """A service owns its queues, publishes its events and answers calls; it makes no exchange.

    The one question it may put is to ask a publisher for events it missed: `eiso-logs` leads to nothing else.
    """
    calls, answers, own = rf"rpc-{name}(\..+)?", rf"rpc\.reply-{name}-.+", rf"sub-{name}\..+"
    letters, events = f"sub-{name}", rf"{name}\.events"
    return Rights(
        configure=_any_of(calls, own, answers),
        write=_any_of(calls, own, answers, letters, events, ANSWERS, LOGS),
        read=_any_of(calls, own, answers, letters, CALLS, ANSWERS, LOGS, *_sources(HEARS[name])),
        topics={
            CALLS: (NOTHING, rf"^{name}\.\*$"),
            # To whatever address the caller gave: what is published to nobody does no harm.
            ANSWERS: (EVERYTHING, rf"^{name}\.{UUID}$"),
            LOGS: (r"^[a-z]+\.events_after$", rf"^{name}\.events_after$"),
            f"{name}.events": (rf"^{name}\.", NOTHING),
            **_heard(HEARS[name]),
        },
    )


def rights_of_gateway() -> Rights:
    """The gateway calls services and listens to notices and to rights that ended; it publishes no event."""
    queues = (r"rpc\.reply-gateway-.+", r"gateway\.notices\..+")
    return Rights(
        configure=_any_of(*queues),
        write=_any_of(CALLS, *queues),
        read=_any_of(ANSWERS, *_sources(HEARS["gateway"]), *queues),
        topics={
            CALLS: (r"^[a-z]+\.[a-z_]+$", NOTHING),
            ANSWERS: (NOTHING, rf"^gateway\.{UUID}$"),
            **_heard(HEARS["gateway"]),
        },
    )


def rights_of_ops() -> Rights:
    """Operators look at what is parked, and how much waits elsewhere. They write nothing here, for a service
    itself puts back what is its own (ADR 15); and read no calls, for those hold passwords and tokens.
    """
    return Rights(
        configure=NOTHING,
        write=NOTHING,
        read=r"^(rpc|sub)-[a-z]+(\.[a-z_]+)?\.parked$",
        tags="monitoring",
        topics={},
    )


def _sources(topics: Iterable[str]) -> list[str]:
    return [rf"{source}\.events" for source in sorted({topic.partition(".")[0] for topic in topics})]


def _heard(topics: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Binding to the very topics, without a wildcard among them."""
    by_source: dict[str, list[str]] = {}
    for topic in topics:
        by_source.setdefault(f"{topic.partition('.')[0]}.events", []).append(re.escape(topic))
    return {exchange: (NOTHING, _any_of(*keys)) for exchange, keys in by_source.items()}


def rights_of_admin() -> Rights:
    """The user that builds the broker, for deploy and tests."""
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
            for exchange, (write, read) in _topics(who).items()
        ],
        "exchanges": [_exchange(name, kind) for name, kind in exchanges().items()],
    }


def _topics(who: Rights) -> Mapping[str, tuple[str, str]]:
    """Without a topic permission RabbitMQ lets everything pass; and what an earlier release gave must end."""
    if who.tags == "administrator":
        return who.topics
    shut = {name: (NOTHING, NOTHING) for name, kind in exchanges().items() if kind == "topic"}
    return shut | dict(who.topics)


def exchanges() -> dict[str, str]:
    """The exchanges and their types."""
    events = {f"{name}.events": "topic" for name in SERVICES}
    returns = {f"sub-{name}": "direct" for name in SERVICES}
    return {CALLS: "topic", ANSWERS: "topic", LOGS: "topic", **events, **returns}


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
