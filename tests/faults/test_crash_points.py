"""kill -9 at named points while offices work: one effect each, nothing lost, nothing doubled.

EISO_PROOF=1 makes it 50 kills at every point (KILLS sets another number).
"""

import asyncio
import os
import time
from itertools import zip_longest

import pytest

from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import PROOF, crash_folder
from tests.faults.ledger import all_is_well

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

KILLS = int(os.environ.get("KILLS", 50 if PROOF else 1))
POINTS = {
    "cases": (
        *("call.before_commit", "call.after_commit", "relay.before_publish", "relay.before_mark"),
        *("sealer.before_commit", "sealer.after_commit"),
    ),
    "audits": ("call.after_commit", "reaction.before_commit", "reaction.after_commit", "relay.before_mark"),
    "notify": ("reaction.before_commit", "reaction.after_commit", "mail.before_send", "mail.before_mark"),
}
# Services die independently of each other: one point of each in a round.
ROUNDS = [
    {service: point for service, point in zip(POINTS, points, strict=True) if point}
    for points in zip_longest(*POINTS.values())
]


@pytest.mark.parametrize("points", ROUNDS, ids=lambda points: "+".join(f"{s}:{p}" for s, p in points.items()))
async def test_processes_that_die_there_cost_nobody_anything(platform, traffic, points, record_property):
    record_property("kills", KILLS * len(points))
    for _ in range(KILLS):
        await traffic.sign_in()
        await _die_once(platform, traffic, points)
        await eventually(lambda: asyncio.to_thread(all_ready, platform), 60)
    await all_is_well(platform, traffic)


async def _die_once(platform, traffic, points):
    """Work until every point was reached, then until everything begun is answered."""
    armed = [_arm(platform, service, point) for service, point in points.items()]
    limit = time.monotonic() + 60
    while any(each.exists() for each in armed):
        assert time.monotonic() < limit, f"not reached: {[each.name for each in armed if each.exists()]}"
        await traffic.some()


def _arm(platform, service, point):
    """A file that appears whole, in which the service reads where to die."""
    armed = crash_folder(platform.instance) / service
    new = armed.with_suffix(".new")
    new.write_text(point)
    return new.replace(armed)
