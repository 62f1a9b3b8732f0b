"""A connection to the broker that waits for an answer only so long: one that is silent counts as lost.

A broker behind a cut wire, on a frozen machine or a full disk takes a connection and then says nothing. amqp
waits for its answers without an end (opening a channel, a declaration, taking leave): one would hang.
"""

import logging
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from kombu.transport import pyamqp

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0


class Connection(amqp.Connection):  # type: ignore[misc]
    """As amqp's, but no wait is without an end."""

    def drain_events(self, timeout: float | None = None) -> None:
        super().drain_events(SILENCE_SECONDS if timeout is None else timeout)


class KombuConnection(Connection, pyamqp.Connection):  # type: ignore[misc]
    """The same for kombu, through which services read."""


pyamqp.Transport.Connection = KombuConnection


def connect(uri: str, heartbeat: int = 60) -> Connection:
    """A connection to the broker."""
    where = urlsplit(uri)
    connection = Connection(
        host=f"{where.hostname}:{where.port or 5672}",
        userid=unquote(where.username or "guest"),
        password=unquote(where.password or "guest"),
        virtual_host=unquote(where.path[1:]) or "/",
        heartbeat=heartbeat,
        connect_timeout=CONNECT_SECONDS,
        client_properties={"connection_name": "eiso-publisher"},
        on_blocked=_blocked,
    )
    connection.connect()
    return connection


def _blocked(reason: Any) -> None:
    log.warning("the broker takes nothing for now: %s", reason)
