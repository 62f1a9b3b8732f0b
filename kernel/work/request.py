"""A call as it arrived, whatever carried it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """A call as it arrived: its one argument undecoded further, and its headers."""

    method: str
    body: Any
    token: str | None
    deadline: str | None
    traceparent: str | None
    user_id: str | None
    address: str | None = None
