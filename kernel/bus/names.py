"""What everything on the bus is called and how its queues are made, in one place."""

from typing import Any

from kombu import Exchange, Queue, binding

# Exchanges between services are made with the broker's users (deploy), for no service may make another's.
RPC = Exchange("nameko-rpc", type="topic", durable=True, no_declare=True)
ANSWERS = Exchange("eiso-answers", type="topic", durable=True, no_declare=True)
LOGS = Exchange("eiso-logs", type="topic", durable=True, no_declare=True)
"""Beside the calls: who may write to an exchange may lead others into it, past what keys they may use."""

# Copies on a majority before a confirm, refuse rather than drop, hand dead letters on without loss.
_QUORUM: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}
DELIVERIES = 6


def events_of(service: str) -> Exchange:
    """Where a service publishes its events."""
    return Exchange(f"{service}.events", type="topic", durable=True, no_declare=True)


def dead_letters_of(service: str) -> Exchange:
    """Where a service's own retries and parked messages are sent, each to one queue by its name."""
    return Exchange(f"sub-{service}", type="direct", durable=True, no_declare=True)


def rpc_queue(service: str, kind: str) -> Queue:
    """The queue of calls to a service; what kills its reader again and again is parked (`CallLetters`)."""
    parked = {
        "x-dead-letter-exchange": f"sub-{service}",
        "x-dead-letter-routing-key": f"rpc-{service}.parked",
    }
    quorum = {**_QUORUM, "x-delivery-limit": DELIVERIES} if kind == "quorum" else {}
    heard = [binding(RPC, f"{service}.*"), binding(LOGS, f"{service}.events_after")]
    return _bound(service, f"rpc-{service}", heard, {**parked, **quorum})


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
    return _bound(service, name, [binding(events_of(source), topic)], arguments)


def _bound(service: str, name: str, heard: list[binding], arguments: dict[str, Any]) -> Queue:
    """A queue that hears its sources, and takes back its own letters: retries and what is replayed."""
    bindings = [*heard, binding(dead_letters_of(service), name)]
    return Queue(name, bindings=bindings, durable=True, queue_arguments=arguments)


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
    return Queue(name, dead_letters_of(service), name, durable=True, queue_arguments=arguments)


MOST_EXPIRED = 10_000
EXPIRED = {"x-match": "all-with-x", "x-first-death-reason": "expired"}


class CallLetters:
    """Where what leaves a queue of calls goes: what expired is counted, anything else is parked.

    sub-<service> ─▶ rpc-<service>.dead ─┬ expired ──▶ queue rpc-<service>.expired, emptied and counted
                                         └ any other ▶ rpc-<service>.parked ─▶ queue rpc-<service>.parked

    All of it behind the one name that the queue of calls gives its dead letters, for the arguments of a queue
    that exists cannot be changed. "Any other" is the headers exchange's alternate: nothing is without a way.
    """

    def __init__(self, service: str) -> None:
        queue = f"rpc-{service}"
        self.key = f"{queue}.parked"
        self.letters = dead_letters_of(service)
        self.parking = Exchange(self.key, type="fanout", durable=True)
        otherwise = {"alternate-exchange": self.parking.name}
        self.dead = Exchange(f"{queue}.dead", type="headers", durable=True, arguments=otherwise)
        self.parked = Queue(self.key, self.parking, durable=True, queue_arguments={"x-queue-type": "quorum"})
        self.expired = Queue(
            f"{queue}.expired",
            self.dead,
            binding_arguments=EXPIRED,
            durable=True,
            # Nobody needs these calls, only their number; while no one counts, the oldest may go.
            queue_arguments={"x-queue-type": "quorum", "x-max-length": MOST_EXPIRED},
        )

    def declare(self, channel: Any) -> None:
        """Make all of it. Installations of before led the key straight to the parked queue: that way ends."""
        for queue in (self.parked, self.expired):
            queue.declare(channel=channel)
        self.dead(channel).bind_to(self.letters, self.key)
        self.parked(channel).unbind_from(self.letters, self.key)


def parked_queue(service: str, queue: str) -> Queue:
    """Where messages wait for a person, with the reason in their headers."""
    name = f"{queue}.parked"
    return Queue(
        name, dead_letters_of(service), name, durable=True, queue_arguments={"x-queue-type": "quorum"}
    )
