"""Turns on the way to each service: no caller takes more than a few at once, and all wait in one fair round.

A service has few workers. A caller with a hundred questions at once would fill them all, and everybody
else would wait behind the hundred. So a caller has a few calls on the way to a service at a time; the
others wait here, and a turn that comes free goes to the next caller in the round. Each service has a
lane of its own, so one that hangs holds up nobody who asks another.
"""

import asyncio
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.bus.refused import Refused
from kernel.base.errors import Unavailable


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many calls there is room for, on the way and waiting."""

    at_once: int = 64
    per_caller: int = 3
    waiting: int = 1000
    waiting_per_caller: int = 250


class Lane:
    """The calls on the way to one service, and those that wait for a turn, by caller."""

    def __init__(self, room: Room) -> None:
        self.room, self.busy = room, 0
        self.of_caller: Counter[str] = Counter()
        self.waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    def has_turn_for(self, caller: str) -> bool:
        """Whether a call of this caller may go at once."""
        return self.busy < self.room.at_once and self.of_caller[caller] < self.room.per_caller

    def take(self, caller: str) -> None:
        """Begin a call."""
        self.busy += 1
        self.of_caller[caller] += 1

    def leave(self, caller: str) -> None:
        """End a call; its turn goes to the next caller that waits."""
        self.busy -= 1
        self.of_caller[caller] -= 1
        if self.of_caller[caller] <= 0:
            del self.of_caller[caller]
        while (following := self._next()) is not None:
            turn = self.waiting[following].popleft()
            # To the end of the round; a caller with nothing more to ask leaves it.
            self.waiting.move_to_end(following)
            if not self.waiting[following]:
                del self.waiting[following]
            if not turn.done():
                self.take(following)
                turn.set_result(None)

    def wait(self, caller: str) -> "asyncio.Future[None]":
        """A place at the end of the caller's own queue."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(caller, deque()).append(turn)
        return turn

    def give_up(self, caller: str, turn: "asyncio.Future[None]") -> None:
        """The caller has gone: its place is left, or the turn that it was given just now."""
        if turn.done() and not turn.cancelled():
            self.leave(caller)
            return
        queue = self.waiting.get(caller)
        if queue and turn in queue:
            queue.remove(turn)
            if not queue:
                del self.waiting[caller]

    def _next(self) -> str | None:
        return next((caller for caller in self.waiting if self.has_turn_for(caller)), None)


class Lanes:
    """The lanes to all services."""

    def __init__(self, room: Room | None = None) -> None:
        self.room = room or Room()
        self.lanes: defaultdict[str, Lane] = defaultdict(lambda: Lane(self.room))
        self.waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, service: str, caller: str, seconds: float) -> AsyncIterator[None]:
        """Hold a turn; refused where too much waits already, or none came in time."""
        lane = self.lanes[service]
        if caller not in lane.waiting and lane.has_turn_for(caller):
            lane.take(caller)
        else:
            await self._waited(lane, caller, seconds)
        try:
            yield
        finally:
            lane.leave(caller)
            if not lane.busy and not lane.waiting:
                self.lanes.pop(service, None)  # the name came with a call; nothing is kept of it

    async def _waited(self, lane: Lane, caller: str, seconds: float) -> None:
        if self.waiting.total() >= self.room.waiting:
            raise Refused.because(Unavailable("gateway_overloaded"))
        if self.waiting[caller] >= self.room.waiting_per_caller:
            raise Refused.because(Unavailable("too_much_at_once", limit=self.room.waiting_per_caller))
        turn = lane.wait(caller)
        self.waiting[caller] += 1
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as gone:
            lane.give_up(caller, turn)
            if isinstance(gone, TimeoutError):
                raise Refused.because(Unavailable("gateway_overloaded")) from None
            raise
        finally:
            self.waiting[caller] -= 1
            if self.waiting[caller] <= 0:
                del self.waiting[caller]
