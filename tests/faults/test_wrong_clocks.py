"""The clock jumps an hour forward and back while offices work: nothing twice, nothing stops, no hand."""

import asyncio
import time

import pytest

from tests.e2e.asking import is_clear
from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import FAKETIME, PROOF
from tests.faults.ledger import all_is_well, trail_is_whole
from tests.faults.probes import FLOWS_WITHIN

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.proof,
    pytest.mark.skipif(not FAKETIME.exists(), reason="no libfaketime: run `make setup`"),
]

HOUR = 3600
JUMPS = (HOUR, 0, -HOUR, 0) * (5 if PROOF else 1)


@pytest.fixture
def clock(surroundings):
    """Every process's clock, right again when the test is over."""
    yield surroundings
    surroundings.jump(0)


async def test_a_clock_that_jumps_an_hour_stops_nothing_and_does_nothing_twice(
    platform, traffic, probes, clock, record_property
):
    longest = 0.0
    for jump in JUMPS:
        work = await _work_under_way(traffic)
        clock.jump(jump)
        jumped = time.monotonic()
        await work
        await traffic.sign_in_anew()
        await eventually(probes.command, FLOWS_WITHIN)
        longest = max(longest, time.monotonic() - jumped)
    record_property("jumps", len(JUMPS))
    record_property("longest until all flows", round(longest, 1))
    await traffic.some()
    await eventually(lambda: asyncio.to_thread(all_ready, platform), FLOWS_WITHIN)
    await all_is_well(platform, traffic)
    await asyncio.to_thread(trail_is_whole, platform)


async def _work_under_way(traffic):
    """An upload of which something was answered already, and not all."""
    before = len(traffic.accepted)

    async def several():
        for _ in range(5):
            await traffic.writing()

    work = asyncio.create_task(several())
    await eventually(lambda: len(traffic.accepted) > before)
    assert not work.done()
    return work


async def test_a_store_that_finds_our_clock_wrong_is_away_and_nothing_else(platform, traffic, probes, clock):
    ticket = await traffic.put()
    clock.jump(HOUR)
    await traffic.sign_in_anew()
    assert is_clear(await probes.confirm(ticket))["code"] == "store_unavailable"
    await traffic.nonconformity()
    clock.jump(0)
    await traffic.sign_in_anew()
    await traffic.confirm(ticket)
    await all_is_well(platform, traffic)
