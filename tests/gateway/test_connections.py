"""What is borne of a connection before it has asked for anything, on a real server."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
import websockets
from uvicorn import Server
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.app import Gateway
from gateway.bus.addresses import networks
from gateway.edge import websocket
from gateway.edge.connections import Bounds, Places, protocol, served
from tests.gateway.fakes import FakeBus, a_clock, a_me, settings

ASK = b'{"query": "{ clock { isShifted } }"}'
POST = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" % len(
    ASK
)


@contextlib.asynccontextmanager
async def a_server(bounds: Bounds | None = None, **changes: Any) -> AsyncIterator[SimpleNamespace]:
    gateway = Gateway(settings(**changes), FakeBus(clock=a_clock(), me=a_me()))
    kind = protocol(bounds or Bounds(), networks(changes.get("trusted_proxies", "")))
    config = served(gateway.app(), host="127.0.0.1", port=0, socket_bytes=1 << 18, kind=kind)
    config.loop, config.lifespan = "none", "off"
    server = Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield SimpleNamespace(port=port, gateway=gateway, places=kind.places)
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, 15)


async def said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """What a server says to these bytes, to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
    answer = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            answer = await reader.read()
    writer.close()
    return answer


HEADERS = {
    "one of a megabyte": (POST + b"x-much: ", b"y" * 1_000_000, b"\r\n\r\n"),
    "one that never ends": (POST + b"x-much: ", *[b"y" * 4096] * 20),
    "a name that never ends": (POST, *[b"y" * 4096] * 20),
    "ten thousand small ones": (POST, b"x-a: b\r\n" * 10_000, b"\r\n"),
    "an address that never ends": (b"POST /", *[b"y" * 4096] * 20),
}


@pytest.mark.parametrize("parts", HEADERS.values(), ids=HEADERS.keys())
async def test_headers_are_bounded_in_bytes(parts):
    async with a_server() as server:
        answer = await said(server.port, *parts)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
        assert server.places.taken.total() == 0


async def test_large_headers_within_the_bound_and_large_bodies_are_taken():
    async with a_server() as server:
        head = POST + b"authorization-x: " + b"y" * 20_000 + b"\r\nconnection: close\r\n\r\n"
        assert (await said(server.port, head + ASK)).startswith(b"HTTP/1.1 200 ")
        long = b'{"query": "{ clock { isShifted } }", "variables": {"a": "%b"}}' % (b"x" * 200_000)
        head = POST.replace(b"%d" % len(ASK), b"%d" % len(long)) + b"connection: close\r\n\r\n"
        assert (await said(server.port, head, long)).startswith(b"HTTP/1.1 200 ")


async def test_a_connection_that_is_kept_serves_bodies_and_headers_one_after_the_other():
    async with a_server(Bounds(header_bytes=4096)) as server:
        long = b'{"query": "{ clock { isShifted } }", "variables": {"a": "%b"}}' % (b"x" * 20_000)
        head = POST.replace(b"%d" % len(ASK), b"%d" % len(long)) + b"\r\n"
        last = POST + b"connection: close\r\n\r\n" + ASK
        answer = await said(server.port, head, long, head, long, last, pause=0.05)
        assert answer.count(b"HTTP/1.1 200 ") == 3


@pytest.mark.parametrize(
    "first", [b"", b"POST /graphql HTTP/1.1\r\nho", POST], ids=["nothing", "half", "most"]
)
async def test_a_connection_that_asks_nothing_is_closed_in_time(first):
    async with a_server(Bounds(header_seconds=0.3)) as server:
        begun = time.monotonic()
        answer = await said(server.port, first)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - begun > 0.2


async def test_a_line_now_and_then_does_not_keep_it_open():
    async with a_server(Bounds(header_seconds=0.5)) as server:
        lines = [POST, *[b"x-slow: 1\r\n"] * 40, b"\r\n" + ASK]
        answer = await said(server.port, *lines, pause=0.1)
        assert answer == b"" or b"408" in answer
        assert b"200" not in answer
        assert server.places.taken.total() == 0


async def test_the_second_request_of_a_connection_has_its_time_too():
    async with a_server(Bounds(header_seconds=0.4)) as server:
        answer = await said(
            server.port, POST + b"\r\n" + ASK, b"POST /graphql HTTP/1.1\r\nx-slow: ", pause=0.05
        )
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 408 " in answer


async def test_connections_of_one_address_are_bounded_and_their_places_come_back():
    async with a_server(Bounds(per_address=5, header_seconds=5)) as server:
        opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(5)]
        await asyncio.sleep(0.1)
        assert (await said(server.port)).startswith(b"HTTP/1.1 503 ")
        for _, writer in opened:
            writer.close()
        await asyncio.sleep(0.1)
        assert (await said(server.port, POST + b"connection: close\r\n\r\n" + ASK)).startswith(
            b"HTTP/1.1 200 "
        )
        assert server.places.taken.total() == 0


def test_a_proxy_of_ours_speaks_for_many_but_not_for_all():
    places = Places(4, 2, networks("10.0.0.1"))
    assert [places.take("10.0.0.1") for _ in range(5)] == [True] * 4 + [False]
    places = Places(10, 2)
    assert [places.take(f"2001:db8::{n}") for n in range(3)] == [True, True, False]
    assert places.take("203.0.113.1")


def a_socket(port: int, **more: Any):
    return websockets.connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=["graphql-transport-ws"], **more)


async def test_a_socket_that_does_not_say_who_it_is_is_closed(monkeypatch):
    monkeypatch.setattr(websocket, "INIT_SECONDS", 0.2)
    async with a_server() as server, a_socket(server.port) as socket, asyncio.timeout(5):
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd.code == 4408


async def test_a_socket_that_listens_for_nothing_is_closed(monkeypatch):
    monkeypatch.setattr(websocket, "IDLE_SECONDS", 0.2)
    async with a_server() as server, a_socket(server.port) as socket, asyncio.timeout(5):
        await socket.send('{"type": "connection_init", "payload": {"authorization": "Bearer mine"}}')
        assert "connection_ack" in await socket.recv()
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 4408
        await asyncio.sleep(0.05)
        assert server.gateway.sockets.taken.total() == 0


async def test_sockets_of_one_address_are_bounded_as_proxies_name_it():
    async with a_server(sockets_per_address=2, trusted_proxies="127.0.0.1") as server:
        async with contextlib.AsyncExitStack() as opened:
            here = {"x-forwarded-for": "203.0.113.7"}
            for _ in range(2):
                await opened.enter_async_context(a_socket(server.port, additional_headers=here))
            with pytest.raises(InvalidStatus) as no:
                await opened.enter_async_context(a_socket(server.port, additional_headers=here))
            assert no.value.response.status_code == 429
            there = {"x-forwarded-for": "203.0.113.8"}
            await opened.enter_async_context(a_socket(server.port, additional_headers=there))
        await asyncio.sleep(0.1)
        assert server.gateway.sockets.taken.total() == 0
