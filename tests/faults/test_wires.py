"""Slow, narrow, cut and deaf wires to each server: clear answers in time, nothing twice, no hand needed.

EISO_PROOF=1 makes the silence longer and the cuts more.
"""

import asyncio
import os
import time

import pytest

from deploy.local import environment, supervision, up
from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import PROOF
from tests.faults.ledger import all_is_well
from tests.faults.probes import ANSWERED_WITHIN, DOCUMENTS, DOSSIERS, FLOWS_WITHIN
from tests.faults.proxy import FAIR, Proxy, Weather

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

SERVERS = ("amqp", "postgres", "s3")
DEAF_SECONDS = 120 if PROOF else 12
TURNS = 20 if PROOF else 2
SLOW = Weather(latency=0.02, bytes_a_second=2_000_000)
LENGTHS = {"amqp": 60_000, "postgres": 60_000, "s3": 20_000}
"""After how many bytes, on the average, a connection is cut: some calls' worth."""


@pytest.fixture(scope="module")
def wires(platform):
    """All processes reach all servers through wires of ours."""
    found = {server: Proxy(platform.ports[server]) for server in SERVERS}
    for wire in found.values():
        wire.start()
    os.environ[environment.DETOURS] = ",".join(f"{server}={wire.port}" for server, wire in found.items())
    try:
        _start_processes(platform)
        yield found
    finally:
        del os.environ[environment.DETOURS]
        _start_processes(platform)
        for wire in found.values():
            wire.stop()


def _start_processes(platform):
    supervision.start(platform)
    up.wait_until_ready(platform)


async def test_over_slow_and_narrow_wires_everything_is_done(platform, traffic, wires, record_property):
    began = time.monotonic()
    for wire in wires.values():
        wire.become(SLOW)
    for _ in range(TURNS):
        await traffic.some()
    for wire in wires.values():
        wire.become(FAIR)
    record_property("turns", TURNS)
    record_property("seconds", round(time.monotonic() - began, 1))
    await all_is_well(platform, traffic)


@pytest.mark.parametrize("server", SERVERS)
async def test_wires_that_are_cut_again_and_again_cost_nobody_anything(
    platform, traffic, wires, server, record_property
):
    wire = wires[server]
    before = wire.cuts
    wire.become(Weather(cut=LENGTHS[server]))
    for _ in range(TURNS):
        await traffic.some()
    wire.become(Weather(resets=True))
    work = asyncio.create_task(traffic.some())
    await asyncio.sleep(1)
    wire.become(FAIR)
    await work
    assert wire.cuts > before
    record_property("cuts", wire.cuts - before)
    await eventually(lambda: asyncio.to_thread(all_ready, platform), FLOWS_WITHIN)
    await all_is_well(platform, traffic)


@pytest.mark.parametrize("server", SERVERS)
async def test_a_server_that_falls_silent_keeps_nobody_waiting_and_is_found_again(
    platform, traffic, probes, wires, server, record_property
):
    work = asyncio.create_task(traffic.some())
    wires[server].become(Weather(deaf=True))
    until = time.monotonic() + DEAF_SECONDS
    while time.monotonic() < until:
        await asyncio.gather(probes.command(), probes.query(DOSSIERS), probes.query(DOCUMENTS))
        await asyncio.sleep(0.2)
    assert probes.longest < ANSWERED_WITHIN
    wires[server].become(FAIR)
    found = time.monotonic()
    await eventually(probes.command, FLOWS_WITHIN)
    await work
    await eventually(lambda: asyncio.to_thread(all_ready, platform), FLOWS_WITHIN)
    record_property("seconds silent", DEAF_SECONDS)
    record_property("longest answer", round(probes.longest, 1))
    record_property("all ready after", round(time.monotonic() - found, 1))
    await all_is_well(platform, traffic)
    assert probes.carried_out_twice() == 0
