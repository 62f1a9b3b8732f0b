"""kill -9 of whole servers and processes while offices work, and what is asked meanwhile.

EISO_PROOF=1 makes it 50 kills, spread by a fixed seed.
"""

import asyncio
import os
import signal
from random import Random

import pytest

from deploy.local import ceph, postgres, rabbitmq, servers, supervised
from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import INSTANCE, PROOF
from tests.faults.ledger import all_is_well

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

KILLS = int(os.environ.get("KILLS", 50 if PROOF else 0))
PROCESSES = ("directory", "documents", "cases", "audits", "notify", "gateway")
SERVERS = ("rabbitmq", "postgres", "ceph-osd")


def _victims():
    """Two servers and the gateway; in the proof as many of all as are wanted, drawn by a fixed seed."""
    draw = Random("eISO faults")
    drawn = [draw.choice(PROCESSES + SERVERS) for _ in range(KILLS)]
    return drawn or ["rabbitmq", "postgres", "gateway"]


async def test_servers_and_processes_are_killed_at_random_and_nothing_is_lost(
    platform, traffic, record_property
):
    victims = _victims()
    record_property("kills", len(victims))
    draw = Random("eISO moments")
    for victim in victims:
        await traffic.sign_in()
        work = [asyncio.create_task(traffic.some()) for _ in range(2)]
        await asyncio.sleep(draw.uniform(0, 0.5))
        os.kill(_pid(platform, victim), signal.SIGKILL)
        await asyncio.to_thread(servers.ensure, INSTANCE)
        await asyncio.gather(*work)
        await eventually(lambda: asyncio.to_thread(all_ready, platform), 90)
    await all_is_well(platform, traffic)


def _pid(platform, victim):
    if victim in PROCESSES:
        return supervised.processes(platform.instance)[victim]["pid"]
    every = [*rabbitmq.processes(platform), *ceph.processes(platform), postgres.process(platform)]
    found = {process.name: process.pid() for process in every}
    assert found.get(victim), f"{victim} is none of {found}"
    return found[victim]
