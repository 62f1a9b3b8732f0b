"""A connection to the broker that waits for it only so long: one that is silent, or takes nothing, is lost.

A broker behind a cut wire, on a frozen machine or a full disk takes a connection and then says nothing. amqp
waits for its answers without an end (opening a channel, a declaration, taking leave): one would hang. And it
gives what it sends only as long as the loop that reads may wait for news, a fifth of a second.
"""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from eventlet.greenio import GreenSocket
from eventlet.hubs import trampoline
from kombu.transport import pyamqp

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0


class Connection(amqp.Connection):  # type: ignore[misc]
    """As amqp's, but waits for an answer, or for the next word, only so long; so does what it sends."""

    def connect(self, callback: Callable[..., Any] | None = None) -> None:
        super().connect(callback)
        if isinstance(self.transport.sock, GreenSocket):
            self.transport._write = partial(_send, self.transport.sock)

    def drain_events(self, timeout: float | None = None) -> None:
        super().drain_events(SILENCE_SECONDS if timeout is None else timeout)


class KombuConnection(Connection, pyamqp.Connection):  # type: ignore[misc]
    """The same for kombu, through which services read."""


pyamqp.Transport.Connection = KombuConnection


def _send(sock: GreenSocket, data: bytes | memoryview) -> None:
    """Send all the data, however small the broker's sips. Half a frame would spoil whatever follows: who is
    stopped on the way ends the connection, and the reader learns of it at once."""
    left = memoryview(data)
    try:
        while left:
            try:
                left = left[sock.fd.send(left) :]
            except BlockingIOError:
                said = TimeoutError(f"the broker took nothing in for {SILENCE_SECONDS:g} s")
                trampoline(sock.fd, write=True, timeout=SILENCE_SECONDS, timeout_exc=said)
    except BaseException:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        raise


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
