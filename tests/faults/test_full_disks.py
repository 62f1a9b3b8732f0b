"""No space left for a server: clear answers in time, nothing accepted is lost, all goes on after.

RabbitMQ and Ceph stop taking in at a limit of their own, long before the disk is full. That limit is moved
here, so that nobody's disk has to be filled. PostgreSQL knows none: its disk is a small file system that is
filled (which only root can mount), or each write is answered as it would be then.
"""

import asyncio
import contextlib
import os
import subprocess
import time

import psycopg
import pytest

from deploy.local import ceph, rabbitmq
from deploy.local.account import account, servers_folder
from tests.e2e.asking import is_clear
from tests.e2e.conftest import all_ready, eventually
from tests.faults.conftest import PROOF
from tests.faults.ledger import all_is_well, files_are_there
from tests.faults.probes import ANSWERED_WITHIN, DOSSIERS, FLOWS_WITHIN

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.proof]

FULL_SECONDS = 60 if PROOF else 4
SMALL = 64 * 2**20
USUAL_RATIOS = (0.95, 0.9, 0.85)
EVERYTHING, USUAL = "100000GB", "500MB"


async def test_a_broker_without_space_takes_nothing_in_and_what_waited_goes_out_after(
    platform, traffic, probes, record_property
):
    work = asyncio.create_task(traffic.some())
    await asyncio.to_thread(rabbitmq.control, platform, "set_disk_free_limit", EVERYTHING)
    try:
        await eventually(lambda: _is_refused(probes), ANSWERED_WITHIN)
        until = time.monotonic() + FULL_SECONDS
        while time.monotonic() < until:
            assert not await probes.command()
            assert not await probes.query(DOSSIERS)
    finally:
        await asyncio.to_thread(rabbitmq.control, platform, "set_disk_free_limit", USUAL)
    await _all_goes_on(platform, traffic, probes, work, record_property)
    assert probes.carried_out_twice() == 0


@contextlib.contextmanager
def small_disk(platform):
    """One database on a small file system without space; the others and the log elsewhere."""
    if os.geteuid():
        pytest.skip("only root can mount a small file system; the same is tried with answers of a full disk")
    disk = servers_folder(platform.instance) / "small"
    disk.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here; the same is tried with answers of a full disk")
    try:
        inside = disk / "postgres"
        inside.mkdir()
        os.chown(inside, account().uid, account().gid)
        with _moved(platform, "audits", inside), _filled(disk):
            yield
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@contextlib.contextmanager
def _moved(platform, service, folder):
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as server:
        server.execute(f"create tablespace small location '{folder}'")
        _move(server, service, "small")
        try:
            yield
        finally:
            _move(server, service, "pg_default")
            server.execute("drop tablespace small")


def _move(server, service, to):
    """Nobody may be connected meanwhile."""
    server.execute(f"alter database {service} with allow_connections false")
    limit = time.monotonic() + 30
    while True:
        server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [service])
        try:
            server.execute(f"alter database {service} set tablespace {to}")
            break
        except psycopg.errors.ObjectInUse:
            assert time.monotonic() < limit, "somebody stays connected"
    server.execute(f"alter database {service} with allow_connections true")


@contextlib.contextmanager
def _filled(disk):
    balloon = disk / "balloon"
    with balloon.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(2**16))
    try:
        yield
    finally:
        balloon.unlink()


@contextlib.contextmanager
def answers_of_a_full_disk(platform):
    """Each new row of the trail is refused in the words of a server without space."""
    with psycopg.connect(platform.admin_url_of("audits"), autocommit=True) as database:
        database.execute("""
            create function no_space() returns trigger language plpgsql as $$ begin
              raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
            end $$""")
        database.execute(
            "create trigger no_space before insert on trail for each row execute function no_space()"
        )
        try:
            yield
        finally:
            database.execute("drop trigger no_space on trail")
            database.execute("drop function no_space()")


@pytest.mark.parametrize("full", [small_disk, answers_of_a_full_disk], ids=lambda full: full.__name__)
async def test_a_database_without_space_refuses_what_would_write_and_the_others_go_on(
    platform, traffic, probes, full, record_property
):
    with full(platform):
        await eventually(lambda: _is_refused(probes), ANSWERED_WITHIN)
        until = time.monotonic() + FULL_SECONDS
        work = asyncio.create_task(traffic.some())
        while time.monotonic() < until:
            await probes.command()  # here and there one may still find a place in a page
            assert await probes.query(DOSSIERS), "the others have space"
        assert probes.refused
    await _all_goes_on(platform, traffic, probes, work, record_property)
    assert probes.carried_out_all_the_same() == 0


async def test_a_store_without_space_takes_no_file_and_nothing_else_stops(
    platform, traffic, probes, record_property
):
    await traffic.upload()
    put = await traffic.put()
    try:
        await asyncio.to_thread(_full_above, platform, 0.00001)
        await eventually(lambda: asyncio.to_thread(_store_is_full, platform), 60)
        work = asyncio.create_task(traffic.upload())
        until = time.monotonic() + FULL_SECONDS
        while time.monotonic() < until:
            assert await probes.command(), "commands need no store"
            await asyncio.sleep(0.5)
        assert not work.done(), "the file has no place"
        await asyncio.to_thread(files_are_there, platform, traffic)
        # To confirm is to copy: there is no place for that either, and the upload waits where it is.
        assert is_clear(await probes.confirm(put))["code"] == "store_unavailable"
    finally:
        await asyncio.to_thread(_full_above, platform, *USUAL_RATIOS)
    await traffic.confirm(put)
    await _all_goes_on(platform, traffic, probes, work, record_property)


def _full_above(platform, full, backfill=None, near=None):
    """The store's three limits, of which it takes the highest."""
    ratios = {"full": full, "backfillfull": backfill or full, "nearfull": near or full}
    for name, ratio in ratios.items():
        ceph.control(platform, "osd", f"set-{name}-ratio", f"{ratio:f}")


def _store_is_full(platform):
    return "OSD_FULL" in ceph.control(platform, "health", "detail")


async def _is_refused(probes) -> bool:
    return not await probes.command()


async def _all_goes_on(platform, traffic, probes, work, record_property):
    """Soon, and with everything that was begun."""
    returned = time.monotonic()
    assert probes.longest < ANSWERED_WITHIN
    await eventually(probes.command, FLOWS_WITHIN)
    record_property("flows again after", round(time.monotonic() - returned, 1))
    record_property("longest answer", round(probes.longest, 1))
    record_property("refused", len(probes.refused))
    await work
    await eventually(lambda: asyncio.to_thread(all_ready, platform), FLOWS_WITHIN)
    await all_is_well(platform, traffic)
