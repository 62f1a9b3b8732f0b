"""A few workers among many callers: who is known comes first, then one address after the other in turn.

However many calls one address sends, the next address waits for one of them at most. Where all places to wait
are taken, the address with the most gives one up: so nobody can keep others out by being many.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock
from typing import Generic, TypeVar

from kernel.base.errors import Unavailable

R = TypeVar("R")


class _Waiter(Generic[R]):
    """One caller; it has been given a worker, or is turned away, once `decided`."""

    def __init__(self) -> None:
        self.decided = Event()
        self.given: R | None = None


class Places(Generic[R]):
    """The workers, and so many places to wait for one: as many for known callers as for strangers."""

    def __init__(self, workers: Sequence[R], *, waiting: int, timeout: float) -> None:
        self._idle = list(workers)
        self._waiting, self._timeout = waiting, timeout
        self._known: deque[_Waiter[R]] = deque()
        self._lanes: OrderedDict[str, deque[_Waiter[R]]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def taken(self, lane: str | None) -> Iterator[R]:
        """A worker for a stranger from the address `lane`, or for somebody known; `sign_in_busy` if none."""
        worker = self._take(lane)
        try:
            yield worker
        finally:
            self._give_back(worker)

    def _take(self, lane: str | None) -> R:
        waiter: _Waiter[R] = _Waiter()
        with self._lock:
            # Whoever gives a worker back hands it to the next who waits: an idle one means that nobody does.
            if self._idle:
                return self._idle.pop()
            self._queue(waiter, lane)
        try:
            waiter.decided.wait(self._timeout)
        except BaseException:
            # Given up while waiting: what was given meanwhile goes to the next.
            if (given := self._leave(waiter, lane)) is not None:
                self._give_back(given)
            raise
        given = self._leave(waiter, lane)
        if given is None:
            raise Unavailable("sign_in_busy")
        return given

    def _queue(self, waiter: _Waiter[R], lane: str | None) -> None:
        if lane is None:
            if len(self._known) >= self._waiting:
                raise Unavailable("sign_in_busy")
            self._known.append(waiter)
            return
        mine = len(self._lanes.get(lane, ()))
        if sum(map(len, self._lanes.values())) >= self._waiting:
            most = max(self._lanes.values(), key=len)
            if len(most) <= mine + 1:
                raise Unavailable("sign_in_busy")
            most.pop().decided.set()
        self._lanes.setdefault(lane, deque()).append(waiter)

    def _leave(self, waiter: _Waiter[R], lane: str | None) -> R | None:
        with self._lock:
            queue = self._known if lane is None else self._lanes.get(lane, deque())
            if waiter in queue:
                queue.remove(waiter)
            if lane is not None and not queue:
                self._lanes.pop(lane, None)
            return waiter.given

    def _give_back(self, worker: R) -> None:
        with self._lock:
            waiter = self._next()
            if waiter is None:
                self._idle.append(worker)
            else:
                waiter.given = worker
                waiter.decided.set()

    def _next(self) -> _Waiter[R] | None:
        if self._known:
            return self._known.popleft()
        if not self._lanes:
            return None
        lane, queue = self._lanes.popitem(last=False)
        waiter = queue.popleft()
        if queue:
            self._lanes[lane] = queue
        return waiter
