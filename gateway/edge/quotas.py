"""The calls a portal's program may make: leased from the directory some at a time, counted off one by one.

The gateway verifies no token. What a token says of itself only decides whether it is asked about; the lease
is asked for under that very token, so a forged one is refused by the directory and uses up nobody's calls.
Several gateways lease from one count, so together they let no more through than the quota says.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from contracts.directory.clients import CallsLeased, LeaseCalls
from gateway.bus.public_tokens import claims_of, seconds_until
from gateway.bus.refused import Refused
from gateway.edge import measures
from gateway.graphql.context import Context
from kernel.base import clock
from kernel.base.errors import Forbidden, Refusal

SHARE_ON_CREDIT = 0.1
"""The share of a minute's calls that may be made in each minute while the directory is away."""
MOST_HELD = 2_000
"""Tokens whose leases are kept; what is forgotten is leased anew."""


@dataclass
class Purse:
    """What one token has left of its lease."""

    leased: CallsLeased | None = None
    left: int = 0
    refilling: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_good(self) -> bool:
        """Whether a call may be counted off without asking."""
        return self.left > 0 and self.leased is not None and seconds_until(self.leased.minute_ends_at) > 0

    def is_spent(self) -> bool:
        """Whether the directory gave nothing and will not before the minute, or the day, is over.

        Asked again at every request, it would be asked most by the program that may ask nothing.
        """
        return (
            self.leased is not None and self.leased.calls <= 0 and seconds_until(_again_at(self.leased)) > 0
        )


@dataclass(frozen=True)
class Counted:
    """A call let through or not, and how the quota stands, as the headers say it."""

    headers: Mapping[str, str]
    refused: Refusal | None = None


class Quotas:
    """The leases of this process, by token."""

    def __init__(self) -> None:
        self.purses: OrderedDict[bytes, Purse] = OrderedDict()

    async def count(self, context: Context) -> Counted | None:
        """Count one call off; None for a caller who is no program. What the directory refuses is raised."""
        if context.token is None or claims_of(context.token).get("knd") != "client":
            return None
        purse = self._purse(context.token)
        async with purse.refilling:
            if not purse.is_good() and not purse.is_spent():
                await _refill(purse, context)
            return self._off(purse, purse.leased)

    def _off(self, purse: Purse, leased: CallsLeased | None) -> Counted:
        assert leased is not None
        if purse.left <= 0:
            wait, until = _waits(leased)
            refused = Forbidden("quota_spent", limit=leased.per_minute, day=leased.per_day, seconds=wait)
            measures.PROGRAMS.labels(str(leased.client_id), "quota_spent").inc()
            return Counted({**_headers(leased, 0, until), "retry-after": str(wait)}, refused)
        purse.left -= 1
        measures.PROGRAMS.labels(str(leased.client_id), "let_through").inc()
        return Counted(_headers(leased, purse.left, leased.minute_ends_at))

    def _purse(self, token: str) -> Purse:
        key = sha256(token.encode()).digest()
        purse = self.purses.setdefault(key, Purse())
        self.purses.move_to_end(key)
        while len(self.purses) > MOST_HELD:
            self.purses.popitem(last=False)
        return purse


async def _refill(purse: Purse, context: Context) -> None:
    """Lease anew; while the directory is away, a program it knew a moment ago goes on with a small share."""
    try:
        purse.leased = await context.ask(LeaseCalls(request_id=uuid4()))
    except Refused as refused:
        if purse.leased is None or not refused.is_outage:
            raise
        calls = math.ceil(purse.leased.per_minute * SHARE_ON_CREDIT)
        purse.leased = replace(purse.leased, calls=calls, minute_ends_at=clock.now() + timedelta(minutes=1))
    purse.left = purse.leased.calls


def _waits(leased: CallsLeased) -> tuple[int, datetime]:
    """Seconds until there are calls again: in the next minute, or tomorrow where the day is spent."""
    until = _again_at(leased)
    return max(1, math.ceil(seconds_until(until))), until


def _again_at(leased: CallsLeased) -> datetime:
    return leased.day_ends_at if leased.left_in_day <= 0 else leased.minute_ends_at


def _headers(leased: CallsLeased, in_hand: int, until: datetime) -> dict[str, str]:
    """The quota as most clients know it; what other gateways have leased meanwhile is not in it."""
    left = min(leased.left_in_minute, leased.left_in_day) + in_hand
    return {
        "ratelimit-limit": str(leased.per_minute),
        "ratelimit-remaining": str(max(0, left)),
        "ratelimit-reset": str(max(0, math.ceil(seconds_until(until)))),
        "ratelimit-policy": f"{leased.per_minute};w=60, {leased.per_day};w=86400",
    }
