"""Parking: a message that cannot be handled waits for a person, whole, with the reason on it."""

import logging
from typing import Any

from kombu.message import Message

from kernel.base.clock import now
from kernel.bus.parked_messages import DETAIL, PARKED_AT, QUEUE, REASON
from kernel.bus.publisher import Outgoing, PublisherPool
from kernel.life import metrics

log = logging.getLogger(__name__)


def park(pool: PublisherPool, service: str, queue: str, message: Message, reason: str, detail: str) -> None:
    """Put the message, bytes untouched, into `<queue>.parked`; returns once the broker has it there."""
    marks = {REASON: reason, DETAIL: detail[:500], PARKED_AT: now().isoformat(), QUEUE: queue}
    pool.publish_one(forward(message, f"sub-{service}", f"{queue}.parked", marks))
    metrics.PARKED.labels(queue, reason).inc()
    facts = {"queue": queue, "reason": reason, "detail": detail[:500]}
    log.error("message parked", extra={"facts": facts})


def forward(message: Message, exchange: str, routing_key: str, marks: dict[str, Any]) -> Outgoing:
    """The same bytes and properties for another queue, with `marks` among the headers."""
    kept = {k: v for k, v in (message.headers or {}).items() if not k.startswith("x-")}
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    return Outgoing(
        exchange=exchange,
        routing_key=routing_key,
        body=body,
        message_id=message.properties.get("message_id"),
        correlation_id=message.properties.get("correlation_id"),
        reply_to=message.properties.get("reply_to"),
        content_type=message.content_type or "application/octet-stream",
        headers=kept | marks,
    )
