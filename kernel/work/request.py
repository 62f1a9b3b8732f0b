"""Reading what arrives: raw bytes become a request or an event, or a reason to park the message."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """A call as it arrived: its one argument undecoded further, and its headers."""

    method: str
    body: Any
    grant: str | None
    deadline: str | None
    traceparent: str | None
    user_id: str | None
    address: str | None = None
