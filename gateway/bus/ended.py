"""Sockets whose rights ended are closed at once, not when their token would have run out.

Calls need no such thing: the services refuse them. But a subscription asks nobody while it delivers, so
the gateway listens itself. Where it may have missed something, each socket is asked for anew.
"""

import logging
from typing import Protocol
from weakref import WeakSet

import msgspec

from contracts.authority import ReliesOn
from contracts.base import Envelope
from contracts.directory.events import AuthorityEnded
from kernel.base import wire
from kernel.base.errors import Refusal

log = logging.getLogger(__name__)


class Socket(Protocol):
    """An open connection of somebody who is signed in."""

    relies_on: tuple[ReliesOn, ...]

    def end(self) -> None:
        """Close it."""

    def ask_again(self) -> None:
        """Find out whether its token is still good, and close it where it is not."""


class Sockets:
    """The sockets of this process."""

    def __init__(self) -> None:
        self.open: WeakSet[Socket] = WeakSet()

    def received(self, body: bytes) -> None:
        """Take a message of the directory's; one that cannot be read is logged, and all are asked for."""
        try:
            sent = msgspec.json.decode(body)
            envelope, event = (
                wire.load(Envelope, sent["envelope"]),
                wire.load(AuthorityEnded, sent["event"]),
            )
        except (msgspec.MsgspecError, KeyError, TypeError, Refusal) as error:
            log.warning("an end of rights on the bus could not be read: %s", error)
            self.look_again()
            return
        ended = ReliesOn(event.basis, event.subject_id, envelope.version)
        for socket in list(self.open):
            if any(each[:2] == ended[:2] and each.version < ended.version for each in socket.relies_on):
                socket.end()

    def look_again(self) -> None:
        """The broker was away."""
        for socket in list(self.open):
            socket.ask_again()
