"""Real servers for the tests of services: fresh databases from templates, containers in this process."""

import eventlet

eventlet.monkey_patch()

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.local.instance import Instance
from deploy.local.platform import Platform, load
from kernel.base import clock, wire
from kernel.bus import names
from kernel.bus.connection import connect
from kernel.bus.publisher import Outgoing, PublisherPool
from kernel.data import migrations
from kernel.data.database import Database
from kernel.life.settings import from_environ
from kernel.run.launcher import service_class
from kernel.run.process import Process, means_of
from kernel.trust.identity import Actor, Held, sign_grant

INSTANCE = os.environ.get("EISO_TEST_INSTANCE", "test")
LONGEST_SECONDS = 900 if os.environ.get("EISO_PROOF") else 90


@pytest.fixture(scope="session")
def platform() -> Platform:
    """The tests' own servers, started if nobody did."""
    command = [sys.executable, "-m", "deploy.local", "servers", "--instance", INSTANCE]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return load(Instance.named(INSTANCE))


@pytest.fixture(autouse=True)
def _real_business_time() -> Iterator[None]:
    clock.configure("test", None)
    yield
    clock.configure("test", None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """A test that hangs ends with the place where it hangs, instead of never."""
    with eventlet.Timeout(LONGEST_SECONDS):
        return (yield)


@pytest.fixture
def business_clock(tmp_path):
    """Set business time for this process: `business_clock("2026-08-10T08:00+07:00")`."""
    from datetime import datetime

    path = tmp_path / "clock.json"
    clock.configure("test", str(path))
    return lambda moment: clock.shift_to(path, datetime.fromisoformat(moment), frozen=True)


def eventually(find: Callable[[], Any], within: float = 10) -> Any:
    """What `find` returns once it is truthy; fails when that takes longer than `within` seconds."""
    with eventlet.Timeout(within, False):
        while not (found := find()):
            eventlet.sleep(0.02)
        return found
    raise AssertionError(f"not within {within} s: {find!r}")


@pytest.fixture(name="eventually")
def _eventually():
    return eventually


class Databases:
    """Databases made from templates that the services' own migrations built."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.templates, self.made = platform, set(), []

    def fresh(self, service: str) -> Database:
        """An empty database of `service`, seen as its application role."""
        template = self._template(service)
        name = f"t_{service}_{uuid4().hex[:10]}"
        self._admin(f'create database "{name}" template "{template}" owner "{service}_owner"')
        self.made.append(name)
        url = self.platform.postgres_url(f"{service}_app", name)
        return Database(url.replace("postgresql://", "postgresql+psycopg://", 1), pool=10)

    def url_as(self, role: str, database: Database) -> str:
        """The same database seen as another role."""
        url = self.platform.postgres_url(role, database.engine.url.database)
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    def _template(self, service: str) -> str:
        name = f"tpl_{service}"
        if service not in self.templates:
            self._admin(f'drop database if exists "{name}" with (force)')
            self._admin(f'create database "{name}" owner "{service}_owner"')
            url = self.platform.postgres_url(f"{service}_owner", name)
            migrations.upgrade(service, url.replace("postgresql://", "postgresql+psycopg://", 1))
            self.templates.add(service)
        return name

    def drop_made(self) -> None:
        while self.made:
            self._admin(f'drop database if exists "{self.made.pop()}" with (force)')

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.platform.postgres_admin_url, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def _databases(platform):
    return Databases(platform)


@pytest.fixture
def databases(_databases):
    """Fresh databases, dropped after the test."""
    yield _databases
    _databases.drop_made()


@pytest.fixture
def database_of(databases):
    """`database_of("directory")`: a fresh database of that service, as its application role."""
    made = []

    def fresh(service: str) -> Database:
        made.append(databases.fresh(service))
        return made[-1]

    yield fresh
    for database in made:
        database.close()


class Running:
    """One service running in this process."""

    def __init__(self, process: Process) -> None:
        self.process, self.means = process, process.means
        self.database = process.means.database


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment_of(platform: Platform, service: str, **changes: str) -> dict[str, str]:
    """The environment that deploy wrote for the service's process, with changes."""
    path = platform.instance.folder / "env" / f"{service}.env"
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    written = {name: value.strip("'\"") for name, _, value in lines}
    return written | {"HEALTH_PORT": str(free_port()), "RETRY_TIERS": "0.3,0.6"} | changes


def forget_queues(platform: Platform, service: type, tiers: tuple[float, ...]) -> None:
    """Remove what an earlier test left in the service's queues."""
    connection = connect(platform.amqp_uri("admin"))
    queues = [f"rpc-{service.name}"]
    queues += [f"sub-{service.name}.{name}" for name in service.reactions]
    retries = [names.retry_queue(service.name, queue, seconds).name for queue in queues for seconds in tiers]
    letters = [*(f"{queue}.parked" for queue in queues), f"rpc-{service.name}.expired"]
    for queue in [*queues, *retries, *letters]:
        channel = connection.channel()
        channel.queue_delete(queue)
        channel.close()
    connection.close()


@pytest.fixture
def running(platform, database_of):
    """`running("directory")` starts the service on a fresh database; ended after the test."""
    started: list[Running] = []

    def start(name: str, *roles: str, database: Database | None = None, **changes: str) -> Running:
        service = service_class(name)
        database = database or database_of(name)
        url = database.engine.url.render_as_string(hide_password=False)
        environ = environment_of(platform, name, DATABASE_URL=url, **changes)
        settings = from_environ(service.settings, environ)
        if not any(each.process.service is service for each in started):
            forget_queues(platform, service, settings.tiers)
        process = Process(
            service, means_of(service, settings), roles or ("rpc", "reactions", "relay", "sweep", "jobs")
        )
        process.start()
        started.append(Running(process))
        eventually(lambda: process.listening or process.failed, 20)
        assert not process.failed, f"{name} could not start"
        return started[-1]

    yield start
    for each in reversed(started):
        each.process.stop()


class Caller:
    """Calls as the gateway makes them, with the gateway's broker user."""

    def __init__(self, uri: str) -> None:
        self.pool, self.connection = PublisherPool(uri, 1), connect(uri)
        self.channel, key = self.connection.channel(), str(uuid4())
        self.address, self.queue = f"gateway.{key}", f"rpc.reply-gateway-{key}"
        self.channel.queue_declare(
            self.queue, durable=True, auto_delete=False, arguments={"x-expires": 300000}
        )
        self.channel.queue_bind(self.queue, names.ANSWERS.name, self.address)

    def call(
        self, method: str, body: Any, *, grant: str | None = None, seconds: float = 15, **headers: str
    ) -> Any:
        """`{"ok": …}` or `{"refused": …}`; a defect raises."""
        correlation_id = self.send(method, body, grant=grant, seconds=seconds, **headers)
        return self.receive(correlation_id, seconds)

    def send(
        self, method: str, body: Any, *, grant: str | None = None, seconds: float = 15, **headers: str
    ) -> str:
        correlation_id = str(uuid4())
        marks = {wire.DEADLINE: wire.deadline_in(seconds), wire.TRACE: wire.new_traceparent()} | headers
        if grant:
            marks[wire.GRANT] = grant
        self.pool.publish_one(
            Outgoing(
                exchange=names.RPC.name,
                routing_key=method,
                body=wire.encode({"args": [wire.dump(body)], "kwargs": {}}),
                correlation_id=correlation_id,
                reply_to=self.address,
                headers=marks,
            )
        )
        return correlation_id

    def receive(self, correlation_id: str, seconds: float = 15) -> Any:
        def reply() -> Any:
            message = self.channel.basic_get(self.queue, no_ack=True)
            if message and message.properties.get("correlation_id") == correlation_id:
                return wire.decode(message.body)
            return None

        answer = eventually(reply, seconds + 5)
        if answer["error"]:
            raise RuntimeError(f"defect: {answer['error']}")
        return answer["result"]

    def close(self) -> None:
        self.channel.queue_delete(self.queue)
        self.connection.close()
        self.pool.drain()


@pytest.fixture
def rpc(platform):
    """`rpc.call("directory.sign_in", command, grant=…)` as the gateway would."""
    caller = Caller(platform.amqp_uri("gateway"))
    yield caller
    caller.close()


@pytest.fixture(scope="session")
def private_key(platform):
    return json.loads((platform.instance.folder / "keys" / "grant.private.json").read_text())


@pytest.fixture
def a_grant(private_key):
    """`a_grant("drafter", agency=…)`: a session grant, signed as the directory would.

    `works_at`: the agency they belong to, where their roles are for another. `on_behalf_of`, `may_sign`: as
    which they act for somebody else.
    """

    def grant(
        *roles: str,
        agency: UUID,
        person: UUID | None = None,
        position: UUID | None = None,
        with_subtree: bool = False,
        works_at: UUID | None = None,
        **capacity: Any,
    ) -> str:
        actor = Actor(
            kind="person",
            person_id=person or uuid4(),
            position_id=position or uuid4(),
            agency_id=works_at or agency,
            roles=tuple(Held(role=role, agency_id=agency, with_subtree=with_subtree) for role in roles),
            **capacity,
        )
        return sign_grant(private_key, actor, clock.now(), timedelta(minutes=10))

    return grant
