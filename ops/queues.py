"""The queues there should be and how much waits in each, asked with passive declarations."""

import warnings
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from kernel.life.settings import Settings

RETRY_TIERS = Settings.retry_tiers
"""What services take where the platform does not say."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A queue, what waits in it and who reads it; `messages` is None where there is no such queue."""

    name: str
    messages: int | None
    consumers: int

    @property
    def is_parked(self) -> bool:
        return self.name.endswith(".parked")


def expected() -> list[str]:
    """Calls and reactions of every service, each with its parked messages."""
    names = [f"rpc-{service}" for service in SERVICES]
    names += [f"sub-{service}.{name}" for service in SERVICES for name in sorted(_reactions(service))]
    return [name for queue in names for name in (queue, f"{queue}.parked")]


def readers() -> dict[str, list[tuple[str, str]]]:
    """Topic → who reacts to it, as service and reaction."""
    found: dict[str, list[tuple[str, str]]] = {}
    for service in SERVICES:
        for name, topic in _reactions(service).items():
            found.setdefault(topic, []).append((service, name))
    return found


def storing() -> list[str]:
    """The services that rely on objects in the store."""
    base = import_module("kernel.work.service").Service.objects
    return [service for service in SERVICES if _class_of(service).objects is not base]


@cache
def _reactions(service: str) -> dict[str, str]:
    """Reaction → topic, as the service's class declares them; nothing of it is started."""
    declared = _class_of(service)  # first: it keeps what its imports warn of from the operator
    return {each.name: each.event.topic for each in declared.reactions.values()}


@cache
def _class_of(service: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = import_module(f"services.{service}.service")
    return getattr(module, f"{service.title()}Service")


def waiting(platform: Platform, queue: str) -> int:
    """Messages in a queue and in its pauses before a further try."""
    with _connection(platform) as connection:
        found = [_look_at(connection, name) for name in (queue, *_pauses(platform, queue))]
    return sum(each.messages or 0 for each in found)


def _pauses(platform: Platform, queue: str) -> list[str]:
    """Named by their seconds, as in the service's settings."""
    tiers = platform.settings.get("RETRY_TIERS", RETRY_TIERS).split(",")
    return [f"{queue}.retry.{float(seconds):g}s" for seconds in tiers]


def look(platform: Platform) -> list[Queue]:
    """All expected queues; AMQPError or OSError where the broker does not answer."""
    with _connection(platform) as connection:
        return [_look_at(connection, name) for name in expected()]


def _connection(platform: Platform) -> pika.BlockingConnection:
    parameters = pika.URLParameters(platform.amqp_uri("ops"))
    parameters.connection_attempts, parameters.socket_timeout = 1, 5
    parameters.blocked_connection_timeout = 5
    return pika.BlockingConnection(parameters)


def _look_at(connection: pika.BlockingConnection, name: str) -> Queue:
    channel = connection.channel()
    try:
        found = channel.queue_declare(name, passive=True).method
    except ChannelClosedByBroker:
        return Queue(name=name, messages=None, consumers=0)
    channel.close()
    return Queue(name=name, messages=found.message_count, consumers=found.consumer_count)


UNREACHABLE = (AMQPError, OSError)
