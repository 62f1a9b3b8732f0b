"""A few places among many callers: who is known comes first, then one address after the other in turn.

However many calls one address sends, the next address waits for one of them at most. Where all places to wait
are taken, the address with the most gives one up: so nobody can keep others out by being many.
"""

from collections import OrderedDict, deque
from threading import Event, Lock

from kernel.base.errors import Unavailable


class _Waiter:
    """One caller; a place was given to it, or it is turned away, once `decided`."""

    def __init__(self) -> None:
        self.decided = Event()
        self.is_given = False


class Places:
    """So many places, and so many callers who wait for one: as many known ones as strangers."""

    def __init__(self, places: int, *, waiting: int, timeout: float) -> None:
        self._free = places
        self._waiting, self._timeout = waiting, timeout
        self._known: deque[_Waiter] = deque()
        self._lanes: OrderedDict[str, deque[_Waiter]] = OrderedDict()
        self._lock = Lock()

    def take(self, lane: str | None) -> None:
        """Wait for a place; `lane` is the address of a stranger. Refuses with `sign_in_busy`."""
        waiter = _Waiter()
        with self._lock:
            # A place that is given back goes to the next who waits: a free one means that nobody does.
            if self._free:
                self._free -= 1
                return
            self._queue(waiter, lane)
        try:
            waiter.decided.wait(self._timeout)
        except BaseException:
            # Given up while waiting: a place given meanwhile goes to the next.
            if self._leave(waiter, lane):
                self.give_back()
            raise
        if not self._leave(waiter, lane):
            raise Unavailable("sign_in_busy")

    def give_back(self) -> None:
        """Hand the place to the next who waits."""
        with self._lock:
            waiter = self._next()
            if waiter is None:
                self._free += 1
            else:
                waiter.is_given = True
                waiter.decided.set()

    def _queue(self, waiter: _Waiter, lane: str | None) -> None:
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

    def _leave(self, waiter: _Waiter, lane: str | None) -> bool:
        """Wait no longer; says whether the caller has a place."""
        with self._lock:
            queue = self._known if lane is None else self._lanes.get(lane, deque())
            if waiter in queue:
                queue.remove(waiter)
            if lane is not None and not queue:
                self._lanes.pop(lane, None)
            return waiter.is_given

    def _next(self) -> _Waiter | None:
        if self._known:
            return self._known.popleft()
        if not self._lanes:
            return None
        lane, queue = self._lanes.popitem(last=False)
        waiter = queue.popleft()
        if queue:
            self._lanes[lane] = queue
        return waiter
