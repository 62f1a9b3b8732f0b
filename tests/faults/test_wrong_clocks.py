"""The clock jumps an hour forward and back while offices work: nothing twice, nothing stops, no hand."""

import asyncio
import subprocess
import sys
import time

import pytest

from deploy.local.instance import ROOT
from tests.e2e.asking import is_clear
from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import FAKETIME, INSTANCE, PROOF
from tests.faults.ledger import all_is_well
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
        work = asyncio.create_task(traffic.writing())
        await asyncio.sleep(0.3)
        clock.jump(jump)
        jumped = time.monotonic()
        await work
        await traffic.sign_in()
        await eventually(probes.command, FLOWS_WITHIN)
        longest = max(longest, time.monotonic() - jumped)
    record_property("jumps", len(JUMPS))
    record_property("longest until all flows", round(longest, 1))
    await traffic.some()
    await eventually(lambda: asyncio.to_thread(all_ready, platform), FLOWS_WITHIN)
    await all_is_well(platform, traffic)
    said = await asyncio.to_thread(_verify)
    assert said.returncode == 0, said.stdout + said.stderr


async def test_a_store_that_finds_our_clock_wrong_is_away_and_nothing_else(platform, traffic, probes, clock):
    ticket = await traffic.put()
    clock.jump(HOUR)
    await traffic.sign_in()
    assert is_clear(await probes.confirm(ticket))["code"] == "store_unavailable"
    await traffic.nonconformity()
    clock.jump(0)
    await traffic.sign_in()
    await traffic.confirm(ticket)
    await all_is_well(platform, traffic)


def _verify():
    command = [sys.executable, "-m", "ops", "trail", "verify", "--instance", INSTANCE]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
