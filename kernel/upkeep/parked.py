"""Sending parked messages back to their queue, or letting go of them: none is ever lost in between.

A message is taken, given to its queue with a confirm, entered in the trail, and only then acknowledged
where it was parked. A death in between leaves at worst two of it, and the inbox lets one have effect.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import amqp

from kernel.base.errors import Conflict
from kernel.bus import parked_messages
from kernel.bus.parked_messages import ParkedMessage, Wanted
from kernel.bus.publisher import Outgoing, Publisher
from kernel.life.crash import crash_point
from kernel.upkeep.acting import acting
from kernel.work.context import ProcessContext

ACTS = ("replay", "drop")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What an operator wants done with which parked messages of one queue, and why."""

    queue: str
    act: str
    who: str
    reason: str | None
    wanted: Wanted
    rate: float = 50.0


def carry_out(means: ProcessContext, order: Order) -> Iterator[ParkedMessage]:
    """Each message acted on, once it is done. Those parked meanwhile are left for the next order."""
    _check(means, order)
    publisher = Publisher(means.settings.amqp_uri)
    publisher.channel.auto_decode = False
    try:
        for message in _parked(publisher, order):
            parked = parked_messages.read(order.queue, message.headers, message.message_id, message.body)
            if not order.wanted.fits(parked):
                continue  # unacknowledged: it is back in its place when the connection ends
            began = time.monotonic()
            if order.act == "replay":
                publisher.publish_one(_sent_back(means.service, order, message))
                crash_point("parked.after_publish")
            _leave_trail(means, order, parked)
            crash_point("parked.before_ack")
            publisher.channel.basic_ack(message.delivery_tag)
            yield parked
            time.sleep(max(0.0, 1 / order.rate - (time.monotonic() - began)))
    finally:
        publisher.close()


def _check(means: ProcessContext, order: Order) -> None:
    if parked_messages.service_of(order.queue) != means.service or order.act not in ACTS:
        raise ValueError(f"{order.act} {order.queue}: not for {means.service}")
    if order.act == "replay" and order.queue.startswith("rpc-"):
        # Its caller has long read that no answer came, and asks again.
        raise Conflict("parked_call_not_replayed")
    if order.act == "drop" and not order.reason:
        raise Conflict("parked_drop_needs_reason")


def _parked(publisher: Publisher, order: Order) -> Iterator[Any]:
    name = f"{order.queue}.parked"
    waiting = publisher.channel.queue_declare(name, passive=True).message_count
    for _ in range(waiting):
        message: amqp.Message | None = publisher.channel.basic_get(name)
        if message is None:
            return
        yield _Taken(message)


class _Taken:
    """A message in hand, its body the very bytes that came."""

    def __init__(self, message: amqp.Message) -> None:
        self.delivery_tag = message.delivery_tag
        self.headers: dict[str, Any] = message.properties.get("application_headers") or {}
        self.message_id = message.properties.get("message_id")
        self.content_type = message.properties.get("content_type")
        self.body = message.body if isinstance(message.body, bytes) else str(message.body).encode()


def _sent_back(service: str, order: Order, message: _Taken) -> Outgoing:
    return Outgoing(
        exchange=f"sub-{service}",
        routing_key=order.queue,
        body=message.body,
        message_id=message.message_id,
        content_type=message.content_type or "application/octet-stream",
        headers=parked_messages.marks_of_replay(message.headers, order.who),
    )


def _leave_trail(means: ProcessContext, order: Order, parked: ParkedMessage) -> None:
    """Also for what changed no row: that an operator touched a message is a fact about the service."""
    about = {"queue": parked.queue, "message_id": parked.id, "topic": parked.topic}
    about |= {"parked_because": parked.reason, "detail": parked.detail, "sha256": parked.sha256}
    with acting(means, order.who, f"{order.act}_parked") as call:
        call.leave_trail(
            subject_type="ParkedMessage",
            subject_id=parked.subject_id,
            agency_id=None,
            before=about,
            reason=order.reason,
        )
