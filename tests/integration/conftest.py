"""The ground of the tests of services: databases from templates, services in this process, and their callers.

`running` and `rpc` do without a bus and need PostgreSQL only. `on_the_bus` and `bus_rpc` are the same over
the broker, for what is about the bus; a test that needs the store names `servers` beside them.
"""

import eventlet

eventlet.monkey_patch()

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.local.instance import Instance
from deploy.local.platform import Platform, load
from kernel.base import clock
from kernel.data.database import Database
from kernel.life.settings import from_environ
from kernel.run.launcher import service_class
from kernel.run.process import ROLES, Process, means_of
from kernel.trust.identity import Actor, Held, sign_token
from tests.integration.bus import Caller, Running, forget_queues
from tests.integration.databases import Databases
from tests.integration.settings import environment_of
from tests.integration.spoken import Calls, Spoken
from tests.integration.waiting import eventually

INSTANCE = os.environ.get("EISO_TEST_INSTANCE", "test")
LONGEST_SECONDS = 900 if os.environ.get("EISO_PROOF") else 90


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Which tests need more than PostgreSQL follows from what they ask for."""
    for item in items:
        if "servers" in getattr(item, "fixturenames", ()):
            item.add_marker("servers")


@pytest.fixture(scope="session")
def platform() -> Platform:
    """The tests' own platform, as far as a database goes; started if nobody did."""
    return _up("PostgreSQL")


@pytest.fixture(scope="session")
def servers(platform) -> Platform:
    """The same with the broker and the store."""
    return _up("all")


def _up(what: str) -> Platform:
    """In a process of its own: what deploy waits for with threads is not for a hub."""
    command = [sys.executable, "-m", "tests.servers", INSTANCE, what]
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


@pytest.fixture(name="eventually")
def _eventually():
    return eventually


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


@pytest.fixture
def settings_of(platform, database_of):
    """`settings_of("directory")`: a service's settings, on a fresh database unless one is given."""

    def read(name: str, database: Database | None = None, **changes: str) -> Any:
        url = (database or database_of(name)).engine.url.render_as_string(hide_password=False)
        environ = environment_of(platform, name, DATABASE_URL=url, **changes)
        return from_environ(service_class(name).settings, environ)

    return read


@pytest.fixture
def _spoken():
    """The services of the test by name."""
    services: dict[str, list[Spoken]] = defaultdict(list)
    yield services
    for each in services.values():
        for service in reversed(each):
            service.stop()


@pytest.fixture
def running(settings_of, _spoken):
    """`running("directory")`: the service on a fresh database, answering `rpc`, hearing what `publish` sends.

    `running("directory", "sweep")`: its sweeps turn beside it, or its `jobs`, or (`relay`) the sealer.
    """

    def start(name: str, *roles: str, database: Database | None = None, **changes: str) -> Spoken:
        service = Spoken(service_class(name), settings_of(name, database, **changes))
        service.work(*roles)
        _spoken[name].append(service)
        return service

    return start


@pytest.fixture
def rpc(_spoken):
    """`rpc.call("directory.sign_in", command, token=…)` as the gateway would."""
    return Calls(_spoken)


@pytest.fixture
def on_the_bus(servers, settings_of):
    """As `running`, but a process of the service on the tests' broker; without roles it plays all of them."""
    started: list[Running] = []

    def start(name: str, *roles: str, database: Database | None = None, **changes: str) -> Running:
        service, settings = service_class(name), settings_of(name, database, **changes)
        if not any(each.kind is service for each in started):
            forget_queues(servers, service, settings.tiers)
        process = Process(service, means_of(service, settings), roles or ROLES)
        process.start()
        started.append(Running(process))
        eventually(lambda: process.listening or process.failed, 20)
        assert not process.failed, f"{name} could not start"
        return started[-1]

    yield start
    for each in reversed(started):
        each.stop()


@pytest.fixture
def bus_rpc(servers):
    """As `rpc`, with the gateway's broker user."""
    caller = Caller(servers.amqp_uri("gateway"))
    yield caller
    caller.close()


@pytest.fixture(scope="session")
def private_key(platform):
    return json.loads((platform.instance.folder / "keys" / "grant.private.json").read_text())


@pytest.fixture
def a_token(private_key):
    """`a_token("drafter", agency=…)`: a session token, signed as the directory would.

    `works_at`: the agency they belong to, where their roles are for another. `on_behalf_of`, `may_sign`: as
    which they act for somebody else.
    """

    def token(
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
        return sign_token(private_key, actor, clock.now(), timedelta(minutes=10))

    return token
