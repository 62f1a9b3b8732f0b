"""How fast something goes: so many workers doing it again and again for some seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.report import percentile

WARM_UP = 0.7


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What was done a second, and how long each took."""

    per_second: float
    seconds: list[float]
    done: int
    """All of them, those of the warm-up included."""

    def milliseconds(self, share: float) -> float:
        return percentile(self.seconds, share) * 1000


async def at_once(workers: int, seconds: float, do: Callable[[], Awaitable[object]]) -> Pace:
    """Closed loop: each worker begins anew when its answer is there; the warm-up is not counted."""
    begins = time.perf_counter() + WARM_UP
    ends = begins + seconds
    taken: list[float] = []
    done = 0

    async def work() -> None:
        nonlocal done
        while (now := time.perf_counter()) < ends:
            await do()
            done += 1
            if now >= begins:
                taken.append(time.perf_counter() - now)

    await asyncio.gather(*(work() for _ in range(workers)))
    return Pace(per_second=len(taken) / (time.perf_counter() - begins), seconds=taken, done=done)


def one_by_one(seconds: float, do: Callable[[], object]) -> Pace:
    """The same without a loop of events, one after the other."""
    begins = time.perf_counter() + WARM_UP
    ends = begins + seconds
    taken: list[float] = []
    done = 0
    while (now := time.perf_counter()) < ends:
        do()
        done += 1
        if now >= begins:
            taken.append(time.perf_counter() - now)
    return Pace(per_second=len(taken) / (time.perf_counter() - begins), seconds=taken, done=done)
