"""The private servers as processes: loopback only, found again, back after a kill with all they confirmed."""

import io
import os
import signal
import time
from pathlib import Path

import pika
import psycopg
import pytest

from deploy.local import ceph, postgres, rabbitmq, servers
from deploy.local.account import servers_folder
from deploy.local.platform import Platform
from deploy.local.process import Process
from deploy.platform import bucket

LISTENING = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}


def listening() -> dict[int, set[str]]:
    """Which addresses each TCP port is listened to on, as the kernel writes them."""
    found: dict[int, set[str]] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING:
                address, _, port = fields[1].partition(":")
                found.setdefault(int(port, 16), set()).add(address)
    return found


def processes(platform: Platform):
    return [*rabbitmq.processes(platform), *ceph.processes(platform), postgres.process(platform)]


def test_nothing_listens_beyond_the_loopback(platform):
    ours = range(platform.ports["gateway"], platform.ports["gateway"] + 32)
    found = {port: addresses for port, addresses in listening().items() if port in ours}
    assert len(found) >= 7
    assert set.union(*found.values()) <= LOOPBACK


def test_servers_that_run_are_found_and_none_is_started(platform, monkeypatch):
    before = [process.pid() for process in processes(platform)]
    monkeypatch.setattr(Process, "start", lambda *_, **__: pytest.fail("one was started"))
    servers.ensure("test")
    assert [process.pid() for process in processes(platform)] == before
    assert None not in before


@pytest.fixture
def crashing():
    yield servers.ensure("crash")
    servers.remove("crash")


def test_after_a_kill_everything_confirmed_is_there_again(crashing):
    _leave_something(crashing)
    for process in processes(crashing):
        os.kill(process.pid(), signal.SIGKILL)
    again = servers.ensure("crash")
    assert again == crashing
    with psycopg.connect(again.postgres_admin_url) as database:
        assert database.execute("select word from kept").fetchone() == ("còn",)
    assert _first_message(again) == b"still"
    assert bucket.client(again).get_object(again.s3_bucket, "kept").read() == b"here"


def _leave_something(platform: Platform) -> None:
    with psycopg.connect(platform.postgres_admin_url) as database:
        database.execute("create table kept as select 'còn' as word")
    connection = pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("admin")))
    channel = connection.channel()
    channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    _wait_until_registered(platform, "kept")
    channel.confirm_delivery()
    channel.basic_publish("", "kept", b"still", pika.BasicProperties(delivery_mode=2), mandatory=True)
    connection.close()
    bucket.client(platform).put_object(platform.s3_bucket, "kept", io.BytesIO(b"here"), 4)


def _wait_until_registered(platform: Platform, queue: str) -> None:
    """RabbitMQ 3.10 writes a new quorum queue's name down half a second after its declaration; one
    killed before that is left without a leader for good. A queue's messages are not meant by this.
    """
    folder = servers_folder(platform.instance) / "rabbitmq/mnesia"
    limit = time.monotonic() + 10
    while not any(queue.encode() in path.read_bytes() for path in folder.glob("*/quorum/*/names.dets")):
        assert time.monotonic() < limit
        time.sleep(0.1)


def _first_message(platform: Platform) -> bytes:
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("admin"))) as connection:
        return next(connection.channel().consume("kept", auto_ack=True, inactivity_timeout=30))[2]


def test_a_removed_instance_leaves_nothing_behind(crashing):
    mine = processes(crashing)
    servers.remove("crash")
    assert [process.pid() for process in mine] == [None] * len(mine)
    assert not crashing.instance.folder.exists()
    assert not set(crashing.ports.values()) & set(listening())
