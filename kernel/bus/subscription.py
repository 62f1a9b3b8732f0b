"""Subscriptions: an event has its effect once, failures wait and try again, and nothing is dropped.

<source>.events ──topic──▶ sub-<service>.<method> ──▶ reaction, in one transaction with its claim
                              ▲            │ failed
                              │ TTL        ▼
                              └── .retry.10s / .retry.60s / …  ──after the last──▶ .parked
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from kombu import Queue
from kombu.message import Message
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from contracts.base import Envelope, Event
from kernel.base.errors import Unavailable
from kernel.bus import names
from kernel.bus.consumer import RawConsumer, declare
from kernel.bus.incoming import Unreadable, read_event, traceparent_of
from kernel.bus.parked import forward, park
from kernel.bus.parked_messages import ATTEMPT, REASON
from kernel.bus.worker import MEANS
from kernel.work.context import ProcessContext
from kernel.work.handling import react
from kernel.work.operations import Subscribed

log = logging.getLogger(__name__)


class Subscription(Entrypoint):  # type: ignore[misc]
    """One reaction to one topic, on a quorum queue of its own."""

    consumer = RawConsumer()

    def __init__(self, topic: str, **kwargs: Any) -> None:
        self.topic = topic
        super().__init__(**kwargs)

    def setup(self) -> None:
        self.means: ProcessContext = self.container.config[MEANS]
        self.service = self.container.service_name
        self.queue = names.subscription_queue(self.service, self.method_name, self.topic)
        self.retries = [
            names.retry_queue(self.service, self.queue.name, seconds) for seconds in self.means.settings.tiers
        ]
        parked = names.parked_queue(self.service, self.queue.name)
        declare(self.means.settings.amqp_uri, parked, *self.retries)
        self.consumer.register_provider(self)

    def stop(self) -> None:
        self.consumer.unregister_provider(self)

    def handle_message(self, message: Message) -> None:
        try:
            envelope, event = read_event(message, self.topic, self.means.settings.max_message_bytes)
        except Unreadable as why:
            park(self.means.publishers, self.service, self.queue.name, message, why.reason, why.detail)
            self.consumer.ack_message(message)
            return
        try:
            self.container.spawn_worker(
                self,
                (envelope, event, traceparent_of(message)),
                {},
                handle_result=partial(self.handle_result, message),
            )
        except ContainerBeingKilled:
            self.consumer.requeue_message(message)

    def handle_result(self, message: Message, worker_ctx: Any, result: Any, exc_info: Any) -> Any:
        """Ack after the commit; after a failure only once the broker holds the message elsewhere."""
        try:
            if exc_info is not None:
                self._try_later(message, exc_info[1])
            self.consumer.ack_message(message)
        except Exception:
            log.exception("%s: the message goes back to its queue", self.queue.name)
            self.consumer.requeue_message(message)
        return result, None

    def _try_later(self, message: Message, error: BaseException) -> None:
        attempt = int((message.headers or {}).get(ATTEMPT, 0))
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, Unavailable) and error.code == "database_unavailable":
            # Not the event's fault: an outage must neither use up its tries nor send it to the long pauses.
            self._send_to_rest(message, self.retries[0], attempt, reason)
            return
        if attempt >= len(self.retries):
            park(self.means.publishers, self.service, self.queue.name, message, "reaction_failed", reason)
            return
        self._send_to_rest(message, self.retries[attempt], attempt + 1, reason)

    def _send_to_rest(self, message: Message, retry: Queue, attempts: int, reason: str) -> None:
        log.warning("%s failed, tried again from %s: %s", self.queue.name, retry.name, reason)
        marks = {ATTEMPT: attempts, REASON: reason[:200]}
        letter = forward(message, retry.exchange.name, retry.name, marks)
        self.means.publishers.publish_one(letter)


class EveryProcessSubscription(Subscription):
    """One that also the processes that answer calls read: it needs no other process to be up."""


def reaction(subscribed: Subscribed) -> Callable[..., Any]:
    """The entry point of one reaction."""

    def entrypoint(self: Any, envelope: Envelope, event: Event, parent: str | None = None) -> bool:
        return react(self.means, subscribed.name, subscribed.handler, envelope, event, parent)

    entrypoint.__name__, entrypoint.__doc__ = subscribed.name, subscribed.handler.__doc__
    kind = EveryProcessSubscription if subscribed.in_every_process else Subscription
    return kind.decorator(subscribed.event.topic)(entrypoint)  # type: ignore[no-any-return]
