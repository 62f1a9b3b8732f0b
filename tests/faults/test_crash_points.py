"""kill -9 at named points while offices work: one effect each, nothing lost, nothing doubled.

EISO_PROOF=1 makes it 50 kills at every point (KILLS sets another number).
"""

import asyncio
import os
import signal
import time
from itertools import zip_longest

import pytest
from minio.deleteobjects import DeleteObject

from deploy.local import supervised
from deploy.platform import bucket
from kernel.work import anchor
from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import PROOF, crash_folder
from tests.faults.ledger import all_is_well

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

KILLS = int(os.environ.get("KILLS", 50 if PROOF else 1))
# Reached once a day, or once in the life of a process: for these it is started anew.
AT_START = ("anchor.before_put", "catch_up.before_keep")
POINTS = {
    "cases": (
        *("call.before_commit", "call.after_commit", "relay.before_publish", "relay.before_mark"),
        *("sealer.before_commit", "sealer.after_commit"),
    ),
    "audits": ("call.after_commit", "reaction.before_commit", "reaction.after_commit", "relay.before_mark"),
    "documents": (*AT_START, "call.before_commit", "call.after_commit"),
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
    await traffic.some()
    await all_is_well(platform, traffic)


async def _die_once(platform, traffic, points):
    """Work until every point was reached, then until everything begun is answered."""
    armed = [await asyncio.to_thread(_arm, platform, service, point) for service, point in points.items()]
    limit = time.monotonic() + 60
    while any(each.exists() for each in armed):
        assert time.monotonic() < limit, f"not reached: {[each.name for each in armed if each.exists()]}"
        await traffic.little()


def _arm(platform, service, point):
    """A file that appears whole, in which the service reads where to die."""
    armed = crash_folder(platform.instance) / service
    new = armed.with_suffix(".new")
    new.write_text(point)
    new.replace(armed)
    if point in AT_START:
        _forget_anchor(platform, service)
        os.kill(supervised.processes(platform.instance)[service]["pid"], signal.SIGKILL)
    return armed


def _forget_anchor(platform, service):
    """Today's, so that another is made: here the lock is of the kind that the bucket's owner may undo."""
    store, about = bucket.client(platform), {"prefix": f"{anchor.FOLDER}/{service}/", "recursive": True}
    kept = store.list_objects(bucket_name=platform.s3_bucket, include_version=True, **about)
    removed = [DeleteObject(each.object_name, each.version_id) for each in kept]
    assert list(store.remove_objects(platform.s3_bucket, removed, bypass_governance_mode=True)) == []
