"""Publishing with confirms: many messages in flight, and a plain answer which of them the broker has."""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import amqp
import eventlet
from amqp.spec import Basic
from eventlet.queue import LifoQueue

from kernel.base import wire
from kernel.bus.connection import connect

_PUBLISH = "Bssbb"
"""How AMQP writes the arguments of a publish: reserved, exchange, routing key, mandatory, immediate."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message on its way; `body` is JSON unless `content_type` says otherwise."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str | None = None
    correlation_id: str | None = None
    headers: dict[str, Any] = field(default_factory=dict)
    content_type: str = "application/json"
    reply_to: str | None = None
    expiration: str | None = None
    user_id: str | None = None
    persistent: bool = True
    mandatory: bool = True

    def as_amqp(self) -> amqp.Message:
        properties = {
            "message_id": self.message_id,
            "correlation_id": self.correlation_id,
            "reply_to": self.reply_to,
            "expiration": self.expiration,
            "user_id": self.user_id,
        }
        return amqp.Message(
            self.body,
            content_type=self.content_type,
            content_encoding="utf-8",
            delivery_mode=2 if self.persistent else 1,
            application_headers=self.headers,
            **{name: value for name, value in properties.items() if value is not None},
        )


CONFIRMED_WITHIN = 10.0
LEAVE_SECONDS = 1.0


def publish(channel: amqp.Channel, message: Outgoing) -> None:
    """Put the message on its way. amqp's own way first looks for what the broker says on the connection,
    which nobody may do beside the green thread that reads from it."""
    arguments = (0, message.exchange, message.routing_key, message.mandatory, False)
    channel.send_method(Basic.Publish, _PUBLISH, arguments, message.as_amqp())


class NotConfirmed(RuntimeError):
    """The broker did not take the message."""


class Publisher:
    """One channel in confirm mode; not to be shared between green threads at the same time."""

    def __init__(self, uri: str) -> None:
        self.connection = connect(uri)
        self.channel = self.connection.channel()
        self.channel.confirm_select()
        self.sent = 0
        self.waiting: dict[int, int] = {}
        self.refused: set[int] = set()
        self.returned: dict[str, None] = {}
        self.channel.events["basic_ack"].add(self._acked)
        self.channel.events["basic_nack"].add(self._nacked)
        self.channel.events["basic_return"].add(self._came_back)

    def publish(self, messages: Sequence[Outgoing], seconds: float = CONFIRMED_WITHIN) -> set[int]:
        """Publish all, wait for every confirm; the indexes of those that reached a queue.

        A mandatory message that no queue wanted comes back before its confirm, and does not count.
        TimeoutError when the broker is silent, or takes nothing in (a full disk, an alarm of memory).
        """
        self.refused, self.returned = set(), {}
        for index, each in enumerate(messages):
            self.sent += 1
            self.waiting[self.sent] = index
            publish(self.channel, each)
        while self.waiting:
            self.connection.drain_events(timeout=seconds)
        lost = self.refused | {i for i, m in enumerate(messages) if m.message_id in self.returned}
        return set(range(len(messages))) - lost

    def publish_one(self, message: Outgoing) -> None:
        """Publish one message; `NotConfirmed` unless the broker has it in a queue."""
        self.came_back = False
        if not self.publish([message]) or self.came_back:
            raise NotConfirmed(f"{message.exchange}/{message.routing_key}")

    def close(self) -> None:
        """Take leave of the broker, if it listens."""
        with eventlet.Timeout(LEAVE_SECONDS, False), suppress(Exception):
            self.connection.close()
        self.abandon()

    def abandon(self) -> None:
        """Let the connection go without a word: a broker that did not answer before would not answer now."""
        with suppress(Exception):
            self.connection.collect()

    came_back = False

    def _confirmed(self, tag: int, multiple: bool) -> Iterable[int]:
        tags = [t for t in self.waiting if t <= tag] if multiple else [tag]
        return [self.waiting.pop(t) for t in tags if t in self.waiting]

    def _acked(self, tag: int, multiple: bool) -> None:
        self._confirmed(tag, multiple)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self.refused.update(self._confirmed(tag, multiple))

    def _came_back(self, why: Exception, exchange: str, routing_key: str, message: amqp.Message) -> None:
        self.came_back = True
        self.returned[message.properties.get("message_id")] = None


class PublisherPool:
    """Publishers kept open for reuse; one that failed is thrown away, never put back."""

    def __init__(self, uri: str, size: int = 16) -> None:
        self.uri, self.idle = uri, LifoQueue(size)

    @contextmanager
    def borrow(self) -> Any:
        """A publisher for this green thread alone."""
        publisher = Publisher(self.uri) if self.idle.empty() else self.idle.get()
        try:
            yield publisher
        except BaseException:
            publisher.abandon()
            raise
        if self.idle.full():
            publisher.close()
        else:
            self.idle.put(publisher)

    def publish_one(self, message: Outgoing) -> None:
        """Publish one message; a connection that went stale in the pool is replaced once."""
        try:
            with self.borrow() as publisher:
                publisher.publish_one(message)
        except (OSError, amqp.exceptions.ConnectionError, amqp.exceptions.RecoverableConnectionError):
            while not self.idle.empty():
                self.idle.get().abandon()
            with self.borrow() as publisher:
                publisher.publish_one(message)

    def drain(self) -> None:
        """Close what is idle."""
        while not self.idle.empty():
            self.idle.get().close()


def json_body(content: Any) -> bytes:
    """`content` as the bytes of a message."""
    return wire.encode(content)
