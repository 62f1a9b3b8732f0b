"""A reader's live notices: GraphQL over the web socket, as a browser would listen."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets

from client.gateway import Gateway

ASKED = "subscription($n: Int) { noticePosted(afterNumber: $n) { number kind subject subjectEn } }"


class Listener:
    """Collects the notices as they come."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """What was heard of one kind."""
        return [notice for notice in self.heard if notice["kind"] == kind]


@asynccontextmanager
async def listening(url: str, caller: Gateway, after: int = 0) -> AsyncIterator[Listener]:
    """A listener that is connected and subscribed inside the block."""
    address = url.replace("http://", "ws://") + "/graphql"
    protocol: Any = "graphql-transport-ws"
    async with websockets.connect(address, subprotocols=[protocol]) as socket:
        await _say(socket, "connection_init", payload={"authorization": f"Bearer {caller.token}"})
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        payload = {"query": ASKED, "variables": {"n": after}}
        await _say(socket, "subscribe", id="1", payload=payload)
        listener = Listener()
        collecting = asyncio.create_task(_collect(socket, listener))
        try:
            yield listener
        finally:
            collecting.cancel()


async def _say(socket: Any, kind: str, **more: Any) -> None:
    await socket.send(json.dumps({"type": kind, **more}))


async def _collect(socket: Any, listener: Listener) -> None:
    async for raw in socket:
        message = json.loads(raw)
        if message["type"] == "ping":
            await _say(socket, "pong")
        if message["type"] == "next":
            listener.heard.append(message["payload"]["data"]["noticePosted"])
