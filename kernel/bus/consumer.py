"""The one connection a service reads from: raw messages, bounded prefetch, and no death by a message."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import amqp
from amqp import serialization
from amqp.exceptions import AMQPError
from amqp.spec import Basic
from kombu import Connection, Consumer
from kombu.message import Message
from nameko.messaging import QueueConsumer

from kernel.bus.incoming import PROPERTIES

log = logging.getLogger(__name__)

LOST = (OSError, AMQPError)
"""The connection broke under our hands: the broker gives the message out again by itself. Unheeded, each of
these would end the whole container."""


def _properties(buffer: bytes, offset: int) -> tuple[dict[str, Any], int]:
    """A message's properties; where they hold no text or no time, only why they cannot be read."""
    try:
        return serialization.decode_properties_basic(buffer, offset)  # type: ignore[no-any-return]
    except Exception as error:
        return {PROPERTIES: f"{type(error).__name__}: {error}"}, len(buffer)


# amqp gives up its connection over one property that is no UTF-8. The message then comes back and ends
# the next connection: a single one would keep a service from ever reading its queue again.
serialization.PROPERTY_CLASSES[Basic.CLASS_ID] = _properties


LOOKS_UP_SECONDS = 0.05
"""How often the loop looks up from a silent socket: a stop waits for that three times over."""


AGAIN = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 3.0}
"""Seconds between the tries to reach a broker that is away."""


class RawConsumer(QueueConsumer):  # type: ignore[misc]
    """Hands messages on undecoded, so that what cannot be decoded is ours to park, not nameko's to drop."""

    is_connected = False
    at_hand = 0
    reads: amqp.Connection | None = None
    """The connection on which the queues are consumed."""

    def run(self, _tokens: int = 1, **kwargs: Any) -> None:
        super().run(_tokens, safety_interval=LOOKS_UP_SECONDS, **kwargs)

    def get_consumers(self, consumer_cls: type[Consumer], channel: Any) -> Any:
        channel.auto_decode = False  # what is parked must be the very bytes that came
        for provider in self._providers:
            consumer = consumer_cls(queues=[provider.queue], on_message=partial(self.receive, provider))
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return self._consumers.values()

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        self.is_connected, self.reads = True, channel.connection
        super().on_consume_ready(connection, channel, consumers, **kwargs)

    def on_iteration(self) -> None:
        """Nothing is read any more after a stop was asked for, yet what is at hand can still be acknowledged.

        A worker whose answer breaks the connection may find that out before the loop does. kombu would then
        connect anew without a word, consume nothing there, and the queue would be read by nobody.
        """
        self._cancel_consumers_if_requested()
        if not (self._consumers or self.at_hand or self.container._worker_threads):
            self.should_stop = True
        elif self.reads is None or not self.reads.connected:
            raise ConnectionResetError("the connection was lost under an answer or an acknowledgement")

    def receive(self, provider: Any, message: Message) -> None:
        """Give the message to its entrypoint in a green thread of its own."""
        self.at_hand += 1
        self.container.spawn_managed_thread(partial(self._give, provider, message), identifier=str(provider))

    def _give(self, provider: Any, message: Message) -> None:
        # An exception here would end the whole container, and the message would come back to end the next.
        try:
            provider.handle_message(message)
        except Exception:
            log.exception("message could not be handled; it goes back to its queue")
            self.requeue_message(message)
        finally:
            self.at_hand -= 1

    def ack_message(self, message: Message) -> None:
        with suppress(*LOST):
            super().ack_message(message)

    def requeue_message(self, message: Message) -> None:
        with suppress(*LOST):
            super().requeue_message(message)

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """kombu waits up to half a minute between its tries: a broker that came back would be found late."""
        with self.create_connection() as connection:
            connection.ensure_connection(self.on_connection_error, **AGAIN)
            yield connection

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        self.is_connected = False
        log.warning("broker not reached, next try in %s s: %s", interval, exc)


def declare(uri: str, *wanted: Any) -> None:
    """Make what a queue's messages may be sent to before anything is read from it."""
    with Connection(uri) as connection, connection.channel() as channel:
        for each in wanted:
            each.declare(channel=channel)
