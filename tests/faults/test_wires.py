"""Slow, narrow, cut and deaf wires to each server: clear answers in time, nothing twice, no hand needed.

EISO_PROOF=1 spoils them one after the other as well, and for longer.
"""

import asyncio
import time

import pytest

from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import PROOF, WIRES
from tests.faults.ledger import all_is_well
from tests.faults.probes import ANSWERED_WITHIN, DOCUMENTS, DOSSIERS, FLOWS_WITHIN
from tests.faults.proxy import FAIR, Weather

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

DEAF_SECONDS = 60 if PROOF else 6
TURNS = 20 if PROOF else 1
SLOW = Weather(latency=0.01, bytes_a_second=2_000_000)
LENGTHS = {"amqp": 60_000, "postgres": 60_000, "s3": 20_000}
"""After how many bytes, on the average, a connection is cut: some calls' worth."""
SPOILED = [WIRES, *((wire,) for wire in WIRES if PROOF)]


@pytest.fixture
def wires(surroundings):
    """All wires, mended when the test is over, however it ended."""
    yield surroundings.wires
    for wire in surroundings.wires.values():
        wire.become(FAIR)


async def test_over_slow_and_narrow_wires_everything_is_done(platform, traffic, wires, record_property):
    began = time.monotonic()
    for wire in wires.values():
        wire.become(SLOW)
    for _ in range(TURNS):
        await traffic.sign_in()
        await traffic.some()
    for wire in wires.values():
        wire.become(FAIR)
    record_property("turns", TURNS)
    record_property("seconds", round(time.monotonic() - began, 1))
    await all_is_well(platform, traffic)


@pytest.mark.parametrize("spoiled", SPOILED, ids="+".join)
async def test_wires_that_are_cut_again_and_again_cost_nobody_anything(
    platform, traffic, wires, spoiled, record_property
):
    before = {name: wires[name].cuts for name in spoiled}
    for name in spoiled:
        wires[name].become(Weather(cut=LENGTHS[name]))
    for _ in range(TURNS):
        await traffic.sign_in()
        await traffic.some()
    for name in spoiled:
        wires[name].become(Weather(resets=True))
    work = asyncio.create_task(traffic.some())
    await eventually(lambda: all(wires[name].cuts > before[name] for name in spoiled), 60)
    for name in spoiled:
        wires[name].become(FAIR)
    await work
    record_property("cuts", sum(wires[name].cuts - before[name] for name in spoiled))
    await eventually(lambda: asyncio.to_thread(all_ready, platform), FLOWS_WITHIN)
    await all_is_well(platform, traffic)


@pytest.mark.parametrize("spoiled", SPOILED, ids="+".join)
async def test_servers_that_fall_silent_keep_nobody_waiting_and_are_found_again(
    platform, traffic, probes, wires, spoiled, record_property
):
    work = asyncio.create_task(traffic.some())
    for name in spoiled:
        wires[name].become(Weather(deaf=True))
    until = time.monotonic() + DEAF_SECONDS
    while time.monotonic() < until:
        await asyncio.gather(probes.command(), probes.query(DOSSIERS), probes.query(DOCUMENTS))
        await asyncio.sleep(0.2)
    assert probes.longest < ANSWERED_WITHIN
    for name in spoiled:
        wires[name].become(FAIR)
    heard = time.monotonic()
    await eventually(probes.command, FLOWS_WITHIN)
    flows = time.monotonic() - heard
    await traffic.sign_in()
    await work
    await eventually(lambda: asyncio.to_thread(all_ready, platform), FLOWS_WITHIN)
    record_property("seconds silent", DEAF_SECONDS)
    record_property("longest answer", round(probes.longest, 1))
    record_property("flows again after", round(flows, 1))
    await all_is_well(platform, traffic)
    assert probes.carried_out_twice() == 0
