"""A caller who asks much waits for themselves; others are answered as if they were alone."""

import asyncio

import pytest

from gateway.bus.lanes import Lanes, Room
from gateway.bus.refused import Refused

WORKERS, WORK = 10, 0.05


class Service:
    """So many workers, each at work for so long; a call that finds none free waits in one queue."""

    def __init__(self, room: Room | None = None) -> None:
        self.lanes, self.free, self.most = Lanes(room), asyncio.Semaphore(WORKERS), 0
        self.at_work, self.served = 0, 0

    async def call(self, caller: str, service: str = "cases") -> int:
        """How many others were served from when this one was asked to when it was: no clock is in that."""
        before = self.served
        async with self.lanes.turn(service, caller, 10):
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            async with self.free:
                await asyncio.sleep(WORK)
            self.at_work -= 1
        self.served += 1
        return self.served - before - 1


async def test_a_callers_most_expensive_query_leaves_anothers_within_a_small_factor():
    service = Service()
    assert await service.call("light") == 0
    heavy = [asyncio.create_task(service.call("heavy")) for _ in range(120)]
    await asyncio.sleep(WORK / 2)
    beside = [await service.call("light") for _ in range(5)]
    # Those at work already end before it; what begins after it ends after it.
    assert max(beside) <= service.lanes.room.per_caller
    assert not all(task.done() for task in heavy)
    await asyncio.gather(*heavy)
    assert service.lanes.lanes == {}, "nothing is kept of callers who have gone"


async def test_twenty_heavy_callers_and_a_light_one_share_in_turn():
    service = Service(Room(at_once=WORKERS, per_caller=6))
    heavy = [asyncio.create_task(service.call(f"heavy{n % 20}")) for n in range(20 * 50)]
    await asyncio.sleep(WORK / 2)
    # A thousand calls came first; those at work go before it, and one of each caller.
    assert await service.call("light") <= WORKERS + 20
    assert service.most <= WORKERS
    for task in heavy:
        task.cancel()
    await asyncio.gather(*heavy, return_exceptions=True)
    assert await asyncio.wait_for(service.call("light"), 10) == 0


async def test_a_service_that_hangs_holds_up_nobody_who_asks_another():
    lanes, hung = Lanes(Room(at_once=2, per_caller=2)), asyncio.Event()

    async def hang(caller: str) -> None:
        async with lanes.turn("cases", caller, 10):
            await hung.wait()

    stuck = [asyncio.create_task(hang(f"c{n}")) for n in range(5)]
    await asyncio.sleep(0)
    async with asyncio.timeout(1), lanes.turn("directory", "c0", 10):
        pass
    hung.set()
    await asyncio.gather(*stuck)


async def test_what_waits_is_bounded_for_one_caller_and_for_all():
    lanes, hung = Lanes(Room(at_once=1, per_caller=1, waiting=5, waiting_per_caller=3)), asyncio.Event()

    async def hang(caller: str) -> None:
        async with lanes.turn("cases", caller, 10):
            await hung.wait()

    waiting = [asyncio.create_task(hang("a")) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="too_much_at_once"):
        await hang("a")
    waiting += [asyncio.create_task(hang("b")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="gateway_overloaded"):
        await hang("c")
    hung.set()
    await asyncio.gather(*waiting)
    assert not lanes.waiting
    assert not lanes.lanes


async def test_a_turn_that_never_comes_is_refused_in_time_and_one_given_up_goes_on_to_the_next():
    lanes, hung = Lanes(Room(at_once=1, per_caller=1)), asyncio.Event()

    async def call(caller: str, seconds: float = 10) -> str:
        async with lanes.turn("cases", caller, seconds):
            await hung.wait()
            return caller

    first = asyncio.create_task(call("a"))
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="gateway_overloaded"):
        await call("b", 0.02)
    gone, last = asyncio.create_task(call("c")), asyncio.create_task(call("d"))
    await asyncio.sleep(0)
    hung.set()
    await asyncio.sleep(0)
    gone.cancel()
    async with asyncio.timeout(1):
        assert (await first, await last) == ("a", "d")
    assert not lanes.lanes
