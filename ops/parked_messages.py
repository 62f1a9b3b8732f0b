"""Looking at parked messages without taking them: each is read and put back in its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from deploy.platform.platform import Platform
from kernel.bus import parked_messages
from kernel.bus.parked_messages import ParkedMessage
from ops import queues


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen in one queue's parking: how many there are, and those that were read."""

    queue: str
    messages: int
    read: list[tuple[ParkedMessage, dict[str, Any], bytes]]


def look(platform: Platform, most: int, only: str | None = None) -> Iterator[Look]:
    """Every queue with parked messages, or one; at most `most` of each are read."""
    for name in [each.removesuffix(".parked") for each in queues.expected() if each.endswith(".parked")]:
        if only in (None, name):
            with _channel(platform) as channel:
                try:
                    messages = channel.queue_declare(f"{name}.parked", passive=True).method.message_count
                except ChannelClosedByBroker:
                    continue
                if messages:
                    yield Look(queue=name, messages=messages, read=list(_read(channel, name, most)))


def _read(
    channel: BlockingChannel, queue: str, most: int
) -> Iterator[tuple[ParkedMessage, dict[str, Any], bytes]]:
    """Never acknowledged: when the channel closes they are back where they were."""
    for _ in range(most):
        method, properties, body = channel.basic_get(f"{queue}.parked")
        if method is None or properties is None:
            return
        headers = dict(properties.headers or {})
        yield parked_messages.read(queue, headers, properties.message_id, body or b""), headers, body or b""


@contextmanager
def _channel(platform: Platform) -> Iterator[BlockingChannel]:
    parameters = pika.URLParameters(platform.amqp_uri("ops"))
    parameters.connection_attempts, parameters.socket_timeout = 1, 5
    with pika.BlockingConnection(parameters) as connection:
        yield connection.channel()
