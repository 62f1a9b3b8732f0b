"""One connection to the broker, made again whenever it is lost; what uses it is attached anew each time."""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any, Protocol

from pika import URLParameters
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
STEP_SECONDS = 5.0
HEARTBEAT = 10


class Room(Protocol):
    """A part of the gateway that lives on channels of the connection."""

    async def attach(self, connection: AsyncioConnection) -> None:
        """Open channels and declare what is needed; called for each new connection."""

    def detach(self) -> None:
        """The connection is gone."""


class Link:
    """Keeps one connection open and its rooms attached."""

    def __init__(self, uri: str, *rooms: Room) -> None:
        self.parameters = URLParameters(uri)
        self.parameters.heartbeat = HEARTBEAT
        self.parameters.client_properties = {"connection_name": "eiso-gateway"}
        self.rooms = rooms
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Close the connection and stay away."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout(2 * STEP_SECONDS):
                    connection, closed = await self._open()
                log.info("connected to the broker")
                pause = FIRST_PAUSE
                await self._use(connection, closed)
            except Exception as error:
                log.warning("no connection to the broker: %s", str(error) or type(error).__name__)
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _open(self) -> tuple[AsyncioConnection, "asyncio.Future[BaseException]"]:
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[AsyncioConnection] = loop.create_future()
        closed: asyncio.Future[BaseException] = loop.create_future()
        AsyncioConnection(
            self.parameters,
            on_open_callback=lambda connection: resolve(opened, connection),
            on_open_error_callback=lambda _, error: _fail(opened, error),
            on_close_callback=lambda _, reason: resolve(closed, reason),
        )
        return await opened, closed

    async def _use(self, connection: AsyncioConnection, closed: "asyncio.Future[BaseException]") -> None:
        """Attach the rooms and stay until the connection is lost."""
        try:
            for room in self.rooms:
                await room.attach(connection)
            log.warning("the connection to the broker was lost: %s", await closed)
        finally:
            for room in self.rooms:
                room.detach()
            if connection.is_open:
                connection.close()


async def open_channel(connection: AsyncioConnection) -> Channel:
    """A new channel; a refusal or a lost connection ends in a time-out."""
    opened: asyncio.Future[Channel] = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(STEP_SECONDS):
        connection.channel(on_open_callback=lambda channel: resolve(opened, channel))
        return await opened


async def step(channel: Channel, method: Callable[..., Any], **arguments: Any) -> Any:
    """Call one of the channel's methods and wait for the broker's answer; a closed channel raises."""
    answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    channel.add_on_close_callback(lambda _, reason: _fail(answered, reason))
    async with asyncio.timeout(STEP_SECONDS):
        method(**arguments, callback=lambda frame: resolve(answered, frame))
        return await answered


def resolve(future: "asyncio.Future[Any]", value: Any) -> None:
    """Give a future its value unless it has one."""
    if not future.done():
        future.set_result(value)


def _fail(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
