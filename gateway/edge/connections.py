"""How much of a connection is borne before there is a request: bytes of headers, time, and how many at once.

uvicorn bounds none of it: headers could be sixteen megabytes, and a line every few seconds kept a connection
for ever. What is bounded here are connections; what a request then asks for, `gateway.graphql.limits`
judges.
"""

from asyncio import TimerHandle
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.bus.addresses import UNKNOWN, Networks, is_within, neighbourhood


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a connection may cost before it has asked for anything."""

    header_bytes: int = 32 * 1024
    header_seconds: float = 10.0
    in_all: int = 4000
    per_address: int = 400


class Places:
    """So many at once, in all and of one address; a whole IPv6 subscriber counts as one."""

    def __init__(self, in_all: int, per_address: int, spared: Networks = ()) -> None:
        self.in_all, self.per_address, self.spared = in_all, per_address, spared
        self.taken: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Whether there was a place; `spared` addresses, our own proxies, speak for many."""
        key = neighbourhood(address)
        is_full = self.taken[key] >= self.per_address and not is_within(address, self.spared)
        if is_full or self.taken.total() >= self.in_all:
            self._forget(key)
            return False
        self.taken[key] += 1
        return True

    def leave(self, address: str) -> None:
        """Give a place back."""
        key = neighbourhood(address)
        self.taken[key] -= 1
        self._forget(key)

    @contextmanager
    def one(self, address: str) -> Iterator[bool]:
        """A place for as long as it is used, or False."""
        has_place = self.take(address)
        try:
            yield has_place
        finally:
            if has_place:
                self.leave(address)

    def _forget(self, key: str) -> None:
        if self.taken[key] <= 0:
            del self.taken[key]


class Bounded(HttpToolsProtocol):
    """uvicorn's protocol with an end to what it bears; made by `protocol`, which fills in the bounds."""

    bounds = Bounds()
    places = Places(bounds.in_all, bounds.per_address)

    waits: TimerHandle | None = None
    has_place = False
    head = 0
    is_inside = False
    """Whether what arrives now belongs to a request whose headers are read."""
    is_too_large = False

    def connection_made(self, transport: Any) -> None:
        """Counted at once: most of what is hostile never gets as far as a request."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else UNKNOWN
        self.has_place = self.places.take(self.address)
        if not self.has_place:
            self._refuse(b"503 Service Unavailable", b"too many connections\n")
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the connection's place."""
        self._let_go()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes before the end of the headers are counted, also those of one endless header."""
        if not self.has_place:
            return
        if self.waits is None and not self.is_inside:
            self.head = 0
            self._wait()  # the next request on a connection that is kept has its own time
        self.head += len(data)
        super().data_received(data)
        if self.waits is not None and self.head > self.bounds.header_bytes and not self.is_too_large:
            self._too_large()

    def on_message_begin(self) -> None:
        """Another request begins."""
        super().on_message_begin()
        self.fields = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Many small headers are as much as a large one."""
        self.fields += len(name) + len(value)
        if self.fields > self.bounds.header_bytes:
            self.is_too_large = True
            raise ValueError("headers past their bound")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The request is whole enough to be answered; its body has its own time (`edge.graphql_http`)."""
        self._stop_waiting()
        self.is_inside = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is read to its end."""
        self.is_inside = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What was cut off for its size is said to be."""
        if self.is_too_large:
            self._too_large()
        else:
            super().send_400_response(msg)

    def handle_websocket_upgrade(self) -> None:
        """From here on the socket's own bounds hold (`gateway.edge.websocket`)."""
        self._let_go()
        super().handle_websocket_upgrade()

    def _wait(self) -> None:
        self._stop_waiting()
        self.waits = self.loop.call_later(self.bounds.header_seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self.waits is not None:
            self.waits.cancel()
            self.waits = None

    def _let_go(self) -> None:
        self._stop_waiting()
        if self.has_place:
            self.has_place = False
            self.places.leave(self.address)

    def _too_slow(self) -> None:
        self.waits = None
        self._refuse(b"408 Request Timeout", b"the headers did not arrive in time\n")

    def _too_large(self) -> None:
        self.is_too_large = True
        self._stop_waiting()
        self._refuse(b"431 Request Header Fields Too Large", b"the headers are too large\n")

    def _refuse(self, status: bytes, why: bytes) -> None:
        """Said in bytes: there is no request that could be answered in GraphQL's form."""
        if self.transport.is_closing():
            return
        head = b"HTTP/1.1 %b\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, len(why)) + why)
        self.transport.close()


def protocol(bounds: Bounds, spared: Networks = ()) -> type[Bounded]:
    """The protocol of one server, which counts its own connections."""
    places = Places(bounds.in_all, bounds.per_address, spared)
    return type("BoundedHere", (Bounded,), {"bounds": bounds, "places": places})


def served(app: Any, *, host: str, port: int, socket_bytes: int, kind: type[Bounded]) -> Config:
    """How uvicorn is to serve the gateway."""
    return Config(
        app,
        host=host,
        port=port,
        http=kind,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=socket_bytes,
        access_log=False,
        log_config=None,
        server_header=False,
        # uvicorn would believe every process of this machine; `gateway.bus.addresses` asks the setting.
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
    )
