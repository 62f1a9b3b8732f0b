"""A parked message as an operator reads it: why it waits, since when, how often it was tried, what it says.

Pure, and free of any client library: who lists parked messages and who moves them read them alike.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

REASON, DETAIL, PARKED_AT, QUEUE, ATTEMPT = (
    "eiso-reason",
    "eiso-detail",
    "eiso-parked-at",
    "eiso-queue",
    "eiso-attempt",
)
REPLAYED, REPLAYED_BY = "eiso-replayed", "eiso-replayed-by"
UNKNOWN = "?"
_NAMES = UUID("5f0f3f0e-6b0c-5d52-9d55-6a1d1f0a4b11")


@dataclass(frozen=True, kw_only=True)
class ParkedMessage:
    """One parked message. `id` is its message id, or a part of its hash where it has none."""

    queue: str
    id: str
    topic: str | None
    reason: str
    detail: str
    parked_at: str | None
    attempts: int
    replayed: int
    sha256: str
    envelope: Mapping[str, Any] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """Whose queue it is parked from."""
        return service_of(self.queue)

    @property
    def is_call(self) -> bool:
        return self.queue.startswith("rpc-")

    @property
    def subject_id(self) -> UUID:
        """Under what the trail speaks of it."""
        try:
            return UUID(self.id)
        except ValueError:
            return uuid5(_NAMES, self.sha256)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which parked messages are meant; what is left out does not narrow."""

    ids: tuple[str, ...] = ()
    reason: str | None = None
    topic: str | None = None

    def fits(self, parked: ParkedMessage) -> bool:
        """Ids may be given by their beginning, as they are shown in lists."""
        return (
            (not self.ids or parked.id.startswith(self.ids))
            and self.reason in (None, parked.reason)
            and self.topic in (None, parked.topic)
        )


def service_of(queue: str) -> str:
    """`sub-notify.tell_issued` and `rpc-notify` are notify's."""
    return queue.partition("-")[2].partition(".")[0]


def read(queue: str, headers: Mapping[str, Any], message_id: str | None, body: bytes) -> ParkedMessage:
    """What can be said of a message parked from `queue`, whatever the message holds."""
    envelope, digest = _envelope(body), sha256(body).hexdigest()
    return ParkedMessage(
        queue=queue,
        id=str(message_id or envelope.get("message_id") or digest[:32]),
        topic=envelope.get("topic"),
        reason=_reason(headers),
        detail=str(headers.get(DETAIL, "")),
        parked_at=_parked_at(headers),
        attempts=_number(headers.get(ATTEMPT)),
        replayed=_number(headers.get(REPLAYED)),
        sha256=digest,
        envelope=envelope,
    )


def marks_of_replay(headers: Mapping[str, Any], who: str) -> dict[str, Any]:
    """The message's headers for a fresh start: all tries again, and a note that an operator sent it back."""
    kept = {name: value for name, value in headers.items() if not name.startswith(("x-", "eiso-"))}
    return kept | {REPLAYED: _number(headers.get(REPLAYED)) + 1, REPLAYED_BY: who}


def _reason(headers: Mapping[str, Any]) -> str:
    """Ours, unless the broker itself gave the message up: then ours is of an earlier parking."""
    died = headers.get("x-first-death-reason")
    return str(headers.get(REASON) or died or UNKNOWN) if died != "delivery_limit" else died


def _parked_at(headers: Mapping[str, Any]) -> str | None:
    if said := headers.get(PARKED_AT):
        return str(said)
    deaths = headers.get("x-death") or []
    times = [each["time"] for each in deaths if isinstance(each, dict) and each.get("time")]
    return times[0].isoformat() if times else None


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    envelope = found.get("envelope") if isinstance(found, dict) else None
    return envelope if isinstance(envelope, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
