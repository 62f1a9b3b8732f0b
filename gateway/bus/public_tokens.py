"""The token of callers who have not signed in, and whose token a signed-in caller's is."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from contracts.directory.access import PublicGrant, PublicTokenView
from kernel.base import clock, wire
from kernel.life import traces

RENEW_BEFORE = 60.0
"""Seconds of life below which the public token is fetched anew."""


class Asks(Protocol):
    """Whatever carries a call to a service."""

    async def call(self, method: str, body: Any, *, traceparent: str) -> Any:
        """The service's `ok`."""


class PublicTokenKeeper:
    """Fetches the public token once and again before it expires; callers at the same time share it."""

    def __init__(self, bus: Asks) -> None:
        self.bus = bus
        self.held: PublicTokenView | None = None
        self.fetched_at: datetime | None = None
        self.fetching = asyncio.Lock()

    async def current(self) -> str:
        """A token with some life left in it; one still valid serves while the directory is away."""
        if not self._is_good():
            async with self.fetching:
                await self._renew()
        assert self.held is not None
        return self.held.grant

    async def _renew(self) -> None:
        if self._is_good():
            return
        left = seconds_until(self.held.expires_at) if self.held else 0.0
        try:
            with traces.span("public grant") as span:
                raw = await self.bus.call(
                    "directory.public_grant",
                    wire.dump(PublicGrant()),
                    traceparent=span.traceparent or wire.new_traceparent(),
                )
            self.held, self.fetched_at = msgspec.convert(raw, PublicTokenView), clock.now()
        except Exception:
            if left <= 0:
                raise

    def _is_good(self) -> bool:
        """Whether the token has some life left, and the clock has not gone back to before it: services
        refuse a token of the future, and nobody could sign in until its time has come.
        """
        if self.held is None or self.fetched_at is None or clock.now() < self.fetched_at:
            return False
        return seconds_until(self.held.expires_at) >= RENEW_BEFORE


def seconds_until(moment: datetime) -> float:
    """Seconds from now to a moment, by real time."""
    left = wire.seconds_left(str(int(moment.timestamp() * 1000)))
    return left if left is not None else 0.0


def claims_of(token: str) -> dict[str, Any]:
    """What a token says of itself, unverified; nothing where it cannot be read."""
    try:
        claims = token.split(".")[1]
        padded = claims + "=" * (-len(claims) % 4)
        read = msgspec.json.decode(base64.urlsafe_b64decode(padded))
    except (msgspec.MsgspecError, ValueError, IndexError):
        return {}
    return read if isinstance(read, dict) else {}


def expiry_of(token: str) -> datetime | None:
    """When a token says it expires, read without verifying: ask only of one a service has accepted."""
    try:
        return datetime.fromtimestamp(claims_of(token)["exp"], UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
