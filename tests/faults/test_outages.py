"""A broker, a database, a worker away or standing still: clear answers in time, and no hand needed after.

EISO_PROOF=1 makes the outages as long as operations have seen them.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from deploy.local import environment, rabbitmq, servers, supervised, supervision
from deploy.local.instance import ROOT
from deploy.platform.answering import process_answers
from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import INSTANCE, PROOF
from tests.faults.ledger import all_is_well
from tests.faults.probes import ANSWERED_WITHIN, DOCUMENTS, DOSSIERS, FLOWS_WITHIN

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

AWAY_SECONDS = int(os.environ.get("AWAY", 1800 if PROOF else 20))
STOPPED_SECONDS = 180 if PROOF else 5


async def test_while_the_broker_is_away_answers_are_clear_and_nothing_is_carried_out_later(
    platform, traffic, probes, record_property
):
    traffic.patience += AWAY_SECONDS
    work = asyncio.create_task(traffic.some())
    _, broker = rabbitmq.processes(platform)
    os.kill(broker.pid(), signal.SIGKILL)
    until = time.monotonic() + AWAY_SECONDS
    while time.monotonic() < until:
        await asyncio.gather(probes.command(), probes.query(DOSSIERS))
        await asyncio.sleep(0.5)
    assert probes.refused
    assert probes.longest < ANSWERED_WITHIN
    await asyncio.to_thread(servers.ensure, INSTANCE)
    returned = time.monotonic()
    await eventually(probes.command, FLOWS_WITHIN)
    record_property("seconds away", AWAY_SECONDS)
    record_property("longest answer", round(probes.longest, 1))
    record_property("flows again after", round(time.monotonic() - returned, 1))
    await work
    await eventually(lambda: asyncio.to_thread(all_ready, platform), 60)
    await all_is_well(platform, traffic)
    assert probes.carried_out_all_the_same() == 0


@contextlib.asynccontextmanager
async def without_database(platform, service):
    """One service's database lets nobody in; the others do."""
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as server:
        server.execute(f"alter database {service} with allow_connections false")
        server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [service])
        try:
            yield
        finally:
            server.execute(f"alter database {service} with allow_connections true")


async def test_one_service_without_its_database_leaves_the_others_at_work(
    platform, traffic, probes, record_property
):
    async with without_database(platform, "cases"):
        assert await eventually(lambda: _not_ready(platform, "cases"), 30)
        assert not await probes.query(DOSSIERS)
        assert await probes.query(DOCUMENTS)
        assert await probes.command(), "another service's commands are carried out"
        said = await asyncio.to_thread(_status)
        assert said.returncode == 1
        line = next(line for line in said.stdout.splitlines() if " cases " in line)
        assert "chưa sẵn sàng" in line
    assert probes.longest < ANSWERED_WITHIN
    returned = time.monotonic()
    await eventually(lambda: probes.query(DOSSIERS), FLOWS_WITHIN)
    record_property("flows again after", round(time.monotonic() - returned, 1))
    await traffic.some()
    await all_is_well(platform, traffic)


async def _not_ready(platform, service):
    """What the process itself says is missing."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(platform.ready_addresses[service])
    return answer.status_code == 503 and "database" in answer.text


def _status():
    command_ = [sys.executable, "-m", "ops", "status", "--instance", INSTANCE]
    return subprocess.run(command_, cwd=ROOT, capture_output=True, text=True, check=False)


async def test_a_worker_that_stands_still_keeps_nobody_waiting_and_starts_nothing_too_late(
    platform, traffic, probes, record_property
):
    stopped = supervised.processes(platform.instance)["audits"]["pid"]
    os.kill(stopped, signal.SIGSTOP)
    try:
        until = time.monotonic() + STOPPED_SECONDS
        while time.monotonic() < until:
            await asyncio.gather(probes.command(), probes.command())
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert probes.refused
    assert probes.longest < ANSWERED_WITHIN
    await eventually(probes.command, FLOWS_WITHIN)
    record_property("seconds stopped", STOPPED_SECONDS)
    record_property("longest answer", round(probes.longest, 1))
    await eventually(lambda: asyncio.to_thread(all_ready, platform), 60)
    await traffic.some()
    await all_is_well(platform, traffic)
    # They lay at hand in the stopped process; when it went on, their deadlines had passed.
    assert probes.carried_out_all_the_same() == 0


async def test_two_of_everything_do_nothing_twice(platform, traffic):
    """A second process of the same service: two relays, two sealers, two sweeps, two readers."""
    with contextlib.ExitStack() as running:
        seconds = [running.enter_context(_second(platform, name)) for name in ("cases", "audits", "notify")]
        for each in seconds:
            await eventually(lambda ready=each.ready: asyncio.to_thread(process_answers, ready), 60)
        await asyncio.gather(*(traffic.some() for _ in range(4)))
        await all_is_well(platform, traffic)
        assert [each.process.poll() for each in seconds] == [None] * len(seconds), "all were there to the end"
    await traffic.some()
    await all_is_well(platform, traffic)


@dataclass(frozen=True)
class Second:
    """A process beside the supervised one, and where it says whether it is ready."""

    process: subprocess.Popen
    ready: str


@contextlib.contextmanager
def _second(platform, service):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    own = {**supervision.CLEAN, **environment.of_service(platform, service), "HEALTH_PORT": port}
    arguments = [sys.executable, "-m", "kernel.run", service, "--role", "all"]
    with (platform.instance.logs / f"{service}-second.log").open("w") as log:
        process = subprocess.Popen(arguments, cwd=ROOT, env=own, stdout=log, stderr=log)
        try:
            yield Second(process, f"http://127.0.0.1:{port}/ready")
        finally:
            process.terminate()
            process.wait(30)
