"""This process's own queue on notify's events, from which its listeners are fed."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

from pika import BasicProperties
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel

from contracts.base import source_of
from contracts.notify import NoticePosted
from gateway.link import open_channel, settle, step
from gateway.live import Feeds

log = logging.getLogger(__name__)

EXCHANGE = f"{source_of(NoticePosted.topic)}.events"
MOST_WAITING = 10_000
"""Past this the oldest go: listeners see the gap and read the stretch from the service."""
PAUSE = 2.0


class NoticeQueue:
    """Exclusive and gone with the connection: live notices are only the quick way, none is kept here."""

    def __init__(self, feeds: Feeds) -> None:
        self.feeds = feeds
        self.queue = f"gateway.notices.{uuid4()}"
        self._task: asyncio.Task[None] | None = None

    async def attach(self, connection: AsyncioConnection) -> None:
        """Listen in the background: calls do not wait until notify has its exchange."""
        self._task = asyncio.create_task(self._keep(connection))

    def detach(self) -> None:
        """The queue is gone; the next attachment tells listeners to look again."""
        if self._task:
            self._task.cancel()

    async def _keep(self, connection: AsyncioConnection) -> None:
        while connection.is_open:
            try:
                closed = await self._listen(await open_channel(connection))
                self.feeds.look_again()
                await closed
            except Exception as error:
                log.info("notices are not heard live yet: %s", str(error) or type(error).__name__)
            await asyncio.sleep(PAUSE)

    async def _listen(self, channel: Channel) -> "asyncio.Future[Any]":
        """Consume; the future ends when the channel does."""
        closed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        channel.add_on_close_callback(lambda _, why: settle(closed, why))
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
            exchange=EXCHANGE,
            routing_key=NoticePosted.topic,
        )
        channel.basic_consume(self.queue, self._heard, auto_ack=True)
        return closed

    def _heard(self, _channel: Channel, _how: Any, _what: BasicProperties, body: bytes) -> None:
        self.feeds.received(body)
