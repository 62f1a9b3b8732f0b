"""Where a request comes from: the address of the client, also where proxies stand before the gateway.

A client may write `X-Forwarded-For` itself, so the header is read from its end, and only as far as
the hops are proxies that the operators name. What a stranger writes there is never believed.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

Networks = Sequence[IPv4Network | IPv6Network]

UNKNOWN = "unknown"
"""The address of a connection without one, such as a socket of the file system."""
MOST_HOPS = 10


def networks(text: str) -> Networks:
    """Addresses and networks separated by commas; `ValueError` names the one that is none."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def address_of(scope: Any, trusted: Networks = ()) -> str:
    """The address of the client of a request: the last hop that is no proxy of ours."""
    peer = (scope.get("client") or (UNKNOWN, 0))[0]
    hops = [hop for line in Headers(scope=scope).getlist("x-forwarded-for") for hop in line.split(",")]
    address = _plain(peer) or str(peer)
    for hop in reversed(hops[-MOST_HOPS:]):
        if not is_within(address, trusted):
            break
        named = _plain(hop)
        if named is None:  # a proxy of ours that says nothing readable: itself is the last that is known
            break
        address = named
    return address


def neighbourhood(address: str) -> str:
    """What a bound per address counts by: an IPv6 subscriber has a whole /64 to take addresses from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((address, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


def comes_from(scope: Any, allowed: Networks, trusted: Networks = ()) -> bool:
    """Whether a request comes from one of these networks, and is known to.

    A proxy on this machine that nobody named would lend its own address to all the world: what was passed
    on by a stranger comes from nowhere.
    """
    headers = Headers(scope=scope)
    passed_on = any(name in headers for name in ("x-forwarded-for", "forwarded", "via", "x-real-ip"))
    peer = _plain((scope.get("client") or (UNKNOWN, 0))[0]) or UNKNOWN
    if passed_on and not is_within(peer, trusted):
        return False
    return is_within(address_of(scope, trusted), allowed)


class Addressed:
    """Says to what stands behind it where each request comes from, in `state.address`.

    `state.observes`: whether it may be shown how the platform stands; `observers`: from where one may.
    """

    def __init__(self, app: ASGIApp, *, trusted: Networks = (), observers: Networks | None = None) -> None:
        self.app, self.trusted, self.observers = app, trusted, observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            state = scope.setdefault("state", {})
            state["address"] = address_of(scope, self.trusted)
            state["observes"] = self.observers is None or comes_from(scope, self.observers, self.trusted)
        await self.app(scope, receive, send)


def is_within(address: str, some: Networks) -> bool:
    """Whether an address lies in one of the networks."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in some)


def _plain(text: str) -> str | None:
    """An address as Python writes it, without port, brackets or zone; None for what is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)
