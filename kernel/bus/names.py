"""What everything on the bus is called and how its queues are made, in one place."""

from typing import Any

from kombu import Exchange, Queue, binding

# Exchanges between services are made with the broker's users (deploy), for no service may make another's.
RPC = Exchange("nameko-rpc", type="topic", durable=True, no_declare=True)

# Copies on a majority before a confirm, refuse rather than drop, hand dead letters on without loss.
_QUORUM: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}
DELIVERIES = 6


def events_of(service: str) -> Exchange:
    """Where a service tells its events."""
    return Exchange(f"{service}.events", type="topic", durable=True, no_declare=True)


def letters_of(service: str) -> Exchange:
    """Where a service's own retries and parked messages are sent, each to one queue by its name."""
    return Exchange(f"sub-{service}", type="direct", durable=True)


def rpc_queue(service: str, kind: str) -> Queue:
    """The queue of calls to a service; what kills its reader again and again is parked."""
    parked = {
        "x-dead-letter-exchange": f"sub-{service}",
        "x-dead-letter-routing-key": f"rpc-{service}.parked",
    }
    quorum = {**_QUORUM, "x-delivery-limit": DELIVERIES} if kind == "quorum" else {}
    return _bound(service, f"rpc-{service}", RPC, f"{service}.*", {**parked, **quorum})


def subscription_queue(service: str, method: str, topic: str) -> Queue:
    """The queue of one reaction to one topic."""
    name = f"sub-{service}.{method}"
    arguments = {
        **_QUORUM,
        "x-delivery-limit": DELIVERIES,
        "x-dead-letter-exchange": f"sub-{service}",
        "x-dead-letter-routing-key": f"{name}.parked",
    }
    source = topic.partition(".")[0]
    return _bound(service, name, events_of(source), topic, arguments)


def _bound(service: str, name: str, source: Exchange, key: str, arguments: dict[str, Any]) -> Queue:
    """A queue that hears its source, and takes back its own letters: retries and what is replayed."""
    heard = [binding(source, key), binding(letters_of(service), name)]
    return Queue(name, bindings=heard, durable=True, queue_arguments=arguments)


def retry_queue(service: str, queue: str, seconds: float) -> Queue:
    """Where a message rests for `seconds` before it comes back to its own queue, and to no other's.

    The pause is part of the name: a changed setting makes a new queue instead of a refused declaration.
    """
    name = f"{queue}.retry.{seconds:g}s"
    arguments = {
        **_QUORUM,
        "x-message-ttl": int(seconds * 1000),
        "x-dead-letter-exchange": f"sub-{service}",
        "x-dead-letter-routing-key": queue,
    }
    return Queue(name, letters_of(service), name, durable=True, queue_arguments=arguments)


def parked_queue(service: str, queue: str) -> Queue:
    """Where messages wait for a person, with the reason in their headers."""
    name = f"{queue}.parked"
    return Queue(name, letters_of(service), name, durable=True, queue_arguments={"x-queue-type": "quorum"})
