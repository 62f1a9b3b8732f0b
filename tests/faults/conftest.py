"""A platform of their own for the fault tests, whose processes die where a file tells them to."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local import servers, up
from deploy.local.instance import Instance
from deploy.local.platform import Platform
from deploy.story.cast import OPENING
from kernel import clock
from tests.e2e.conftest import a_client, all_ready, eventually
from tests.faults.probes import Probes
from tests.faults.traffic import Traffic

INSTANCE = "faults"
PROOF = bool(os.environ.get("EISO_PROOF"))


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Up and ready, with the few agencies whose staff have accounts."""
    servers.remove(INSTANCE)
    instance = Instance.named(INSTANCE)
    instance.make()
    crash_folder(instance).mkdir()
    clock.shift_to(instance.clock_file, OPENING, frozen=True)
    os.environ["EISO_CRASH_FOLDER"] = str(crash_folder(instance))
    try:
        with up.running(INSTANCE, demo=("--without-documents", "--small")) as started:
            yield started
    finally:
        del os.environ["EISO_CRASH_FOLDER"]


def crash_folder(instance: Instance) -> Path:
    """Where a file named like a service tells it where to die."""
    return instance.folder / "crash"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def traffic(platform):
    """Offices that have a procedure in force."""
    async with a_client(platform) as http:
        made = Traffic(platform, http)
        await made.begin()
        yield made


@pytest.fixture
def probes(platform, traffic):
    """Whoever asks once and tells how it was answered."""
    return Probes(platform, traffic)


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _signed_in_and_ready(platform, traffic):
    """Each test begins on a platform that is up, with fresh grants."""
    await eventually(lambda: all_ready(platform), 60)
    await traffic.sign_in()
