"""Whether servers and processes of a platform answer, and servers hold to the rights they were given."""

from enum import StrEnum

import httpx
import pika
import psycopg
from pika.exceptions import AMQPError, ChannelClosedByBroker

from deploy.platform import broker
from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform

SECONDS = 2
ACCESS_REFUSED = 403


class Standing(StrEnum):
    """How a server or a process is found: what is asked and says nothing in time is up, and not ready."""

    READY = "ready"
    NOT_READY = "not_ready"
    DOWN = "down"


def standing(url: str) -> Standing:
    """How a process stands by its own word; down where nothing listens at its address."""
    try:
        is_ready = httpx.get(url, timeout=SECONDS).status_code == 200
    except httpx.ConnectError:
        return Standing.DOWN
    except httpx.HTTPError:
        return Standing.NOT_READY
    return Standing.READY if is_ready else Standing.NOT_READY


def process_answers(url: str) -> bool:
    """Whether a process says it is ready."""
    return standing(url) is Standing.READY


def postgres_answers(url: str) -> bool:
    """Whether the role of the address can connect."""
    try:
        psycopg.connect(url, connect_timeout=SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def broker_answers(uri: str) -> bool:
    """Whether the broker takes the connection of the address's user."""
    try:
        _connection(uri).close()
    except (AMQPError, OSError):
        return False
    return True


def store_answers(endpoint: str) -> bool:
    """Whether the store's port answers HTTP."""
    try:
        return httpx.get(endpoint, timeout=SECONDS).status_code < 500
    except httpx.HTTPError:
        return False


def lacking(uri: str) -> list[str]:
    """Exchanges of this release that the broker does not have: its definitions are of an earlier one."""
    missing = []
    with _connection(uri) as connection:
        for name in broker.exchanges():
            channel = connection.channel()
            try:
                channel.exchange_declare(name, passive=True)
            except ChannelClosedByBroker:
                missing.append(name)
    return missing


def oversteps(platform: Platform) -> list[str]:
    """Services that the broker still lets lead their own exchange into everybody's calls.

    Asked by undoing what was never done: what is allowed changes nothing.
    """
    found = []
    for service in SERVICES:
        with _connection(platform.amqp_uri(service)) as connection:
            try:
                connection.channel().exchange_unbind(broker.CALLS, f"sub-{service}", "eiso-never-bound")
            except ChannelClosedByBroker as refused:
                if refused.reply_code == ACCESS_REFUSED:
                    continue
            found.append(service)
    return found


def _connection(uri: str) -> pika.BlockingConnection:
    parameters = pika.URLParameters(uri)
    parameters.connection_attempts, parameters.socket_timeout = 1, SECONDS
    return pika.BlockingConnection(parameters)
