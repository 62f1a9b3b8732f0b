"""A platform of their own for the fault tests, whose processes die where a file says."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from demo.story.cast import OPENING
from deploy.local import environment, servers, supervision, up
from deploy.local.instance import Instance
from deploy.local.platform import Platform
from kernel.base import clock
from tests.e2e.conftest import a_client, all_ready, eventually
from tests.faults.ledger import reconciled, trail_is_whole
from tests.faults.probes import Probes
from tests.faults.proxy import Proxy
from tests.faults.traffic import Traffic

INSTANCE = os.environ.get("EISO_FAULTS_INSTANCE", "faults")
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
            reconciled(started)
            trail_is_whole(started)
    finally:
        del os.environ["EISO_CRASH_FOLDER"]


def crash_folder(instance: Instance) -> Path:
    """The folder in which a file named like a service says where the service dies."""
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
    """Asks once and returns how the call was answered."""
    return Probes(platform, traffic)


WIRES = ("amqp", "postgres", "s3")
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@dataclass(frozen=True)
class Surroundings:
    """What processes are put into: wires of ours to each server, and a clock of ours."""

    wires: dict[str, Proxy]
    clock: Path

    def jump(self, seconds: int) -> None:
        """Set every process's clock so far off the machine's; what counts seconds stays."""
        new = self.clock.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.replace(self.clock)


@pytest.fixture(scope="session")
def surroundings(platform) -> Iterator[Surroundings]:
    """All processes anew, in surroundings that a test can spoil. Only the tests that run last ask for it."""
    wires = {server: Proxy(platform.ports[server]) for server in WIRES}
    for wire in wires.values():
        wire.start()
    found = Surroundings(wires, platform.instance.folder / "faketime")
    found.jump(0)
    with pytest.MonkeyPatch.context() as patched:
        detours = ",".join(f"{server}={wire.port}" for server, wire in wires.items())
        patched.setenv(environment.DETOURS, detours)
        if FAKETIME.exists():
            patched.setenv(environment.ALSO, _led_by(found.clock))
        _start_processes(platform)
        yield found
    _start_processes(platform)
    for wire in wires.values():
        wire.stop()


def _start_processes(platform: Platform) -> None:
    supervision.start(platform)
    up.wait_until_ready(platform)


def _led_by(clock_file: Path) -> str:
    """libfaketime, which reads the file at every look at the clock and leaves the monotonic one alone."""
    said = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": clock_file, "FAKETIME_NO_CACHE": 1}
    said |= {"FAKETIME_DONT_FAKE_MONOTONIC": 1, "DONT_FAKE_MONOTONIC": 1}
    return ",".join(f"{name}={value}" for name, value in said.items())


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _signed_in_and_ready(platform, traffic):
    """Each test begins on a platform that is up, with fresh tokens."""
    await eventually(lambda: all_ready(platform), 60)
    await traffic.sign_in()
