"""This process's own queues on events: notices for its listeners, and rights that ended for its sockets."""

import asyncio
import logging
from typing import Any, Protocol
from uuid import uuid4

from pika import BasicProperties
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel

from contracts.base import source_of
from contracts.directory.events import AuthorityEnded
from contracts.notify.events import NoticePosted
from gateway.bus.link import open_channel, resolve, step

log = logging.getLogger(__name__)

EXCHANGE = f"{source_of(NoticePosted.topic)}.events"
MOST_WAITING = 10_000
"""Past this the oldest go: listeners see the gap and read the stretch from the service."""
PAUSE = 2.0


class Hears(Protocol):
    """What is fed from a queue."""

    def received(self, body: bytes) -> None:
        """A message came."""

    def look_again(self) -> None:
        """Some may have been missed."""


class EventQueue:
    """Exclusive and gone with the connection: it is only the quick way, nothing is kept here."""

    topic: str

    def __init__(self, hears: Hears) -> None:
        self.hears = hears
        # One name for all: what the broker lets the gateway make.
        self.queue = f"gateway.notices.{uuid4()}"
        self._task: asyncio.Task[None] | None = None

    async def attach(self, connection: AsyncioConnection) -> None:
        """Listen in the background: calls do not wait until the publisher has its exchange."""
        self._task = asyncio.create_task(self._keep(connection))

    def detach(self) -> None:
        """The queue is gone; after the next attachment listeners look again."""
        if self._task:
            self._task.cancel()

    async def _keep(self, connection: AsyncioConnection) -> None:
        while connection.is_open:
            try:
                closed = await self._listen(await open_channel(connection))
                self.hears.look_again()
                await closed
            except Exception as error:
                log.info("%s is not heard live yet: %s", self.topic, str(error) or type(error).__name__)
            await asyncio.sleep(PAUSE)

    async def _listen(self, channel: Channel) -> "asyncio.Future[Any]":
        """Consume; the future ends when the channel does."""
        closed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        channel.add_on_close_callback(lambda _, why: resolve(closed, why))
        await step(
            channel,
            channel.queue_declare,
            queue=self.queue,
            exclusive=True,
            auto_delete=True,
            arguments={"x-max-length": MOST_WAITING},
        )
        await step(
            channel,
            channel.queue_bind,
            queue=self.queue,
            exchange=f"{source_of(self.topic)}.events",
            routing_key=self.topic,
        )
        channel.basic_consume(self.queue, self._heard, auto_ack=True)
        return closed

    def _heard(self, _channel: Channel, _how: Any, _what: BasicProperties, body: bytes) -> None:
        self.hears.received(body)


class NoticeQueue(EventQueue):
    """New notices."""

    topic = NoticePosted.topic


class EndedQueue(EventQueue):
    """Rights that ended."""

    topic = AuthorityEnded.topic
