"""The ledger on the tests' servers: the kernel as a service sees it."""

from dataclasses import replace

import psycopg
import pytest

from kernel.bus.publisher import PublisherPool
from kernel.data.schema import HERE, rights
from kernel.life.settings import Settings, from_environ
from kernel.run.process import Process, means_of
from tests.integration.bus import forget_queues
from tests.integration.kernel import ledger
from tests.integration.settings import environment_of, free_port
from tests.integration.waiting import eventually


@pytest.fixture
def running(on_the_bus):
    """Here the bus is what is tested."""
    return on_the_bus


@pytest.fixture
def rpc(bus_rpc):
    return bus_rpc


@pytest.fixture(scope="session")
def ledger_template(platform):
    """A database with the kernel's tables and the ledger's two."""
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as admin:
        admin.execute("drop database if exists tpl_ledger with (force)")
        admin.execute("create database tpl_ledger owner documents_owner")
    with psycopg.connect(platform.postgres_url("documents_owner", "tpl_ledger")) as owner:
        # Every step there is: a table that the kernel was given later is the ledger's too.
        for step in sorted(HERE.glob("[0-9]*.sql")):
            owner.execute(step.read_text())
        for statement in ledger.DDL:
            owner.execute(statement)
        owner.execute(rights("documents_app", "ops"))
    return "tpl_ledger"


@pytest.fixture
def ledger_database(ledger_template, databases):
    database = databases.clone(ledger_template, "documents")
    yield database
    database.close()


@pytest.fixture
def means(servers, ledger_database):
    """The ledger's means without a running process."""
    url = ledger_database.engine.url.render_as_string(hide_password=False)
    # It hears its own events, which no service of ours may.
    changes = {"DATABASE_URL": url, "AMQP_URI": servers.amqp_uri("admin")}
    environ = environment_of(servers, "documents", RETRY_TIERS="0.2,0.4", MAX_WORKERS="4", **changes)
    settings = from_environ(Settings, environ)
    forget_queues(servers, ledger.DocumentsService, settings.tiers)
    means = means_of(ledger.DocumentsService, settings)
    yield means
    means.publishers.drain()
    means.database.close()


@pytest.fixture
def ledger_running(means, monkeypatch):
    """`ledger_running("rpc", "relay")` plays those roles; all of them when none is named."""
    monkeypatch.setattr("kernel.run.process.migrations.head", lambda service: None)
    started = []

    def start(*roles: str) -> Process:
        settings = replace(means.settings, health_port=free_port())
        own = replace(means, settings=settings, publishers=PublisherPool(settings.amqp_uri))
        roles = roles or ("rpc", "reactions", "relay", "sweep", "jobs")
        process = Process(ledger.DocumentsService, own, roles)
        process.start()
        started.append(process)
        eventually(lambda: process.listening or process.failed, 20)
        return process

    yield start
    for process in reversed(started):
        process.stop()
