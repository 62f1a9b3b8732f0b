"""The ledger on the tests' servers: the kernel as a service sees it."""

from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from kernel.bus.publisher import PublisherPool
from kernel.data.database import Database
from kernel.data.schema import HERE, rights
from kernel.life.settings import Settings, from_environ
from kernel.run.process import Process, means_of
from tests.integration.conftest import environment_of, eventually, forget_queues, free_port
from tests.integration.kernel import ledger


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
def ledger_database(platform, ledger_template, databases):
    name = f"t_ledger_{uuid4().hex[:10]}"
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as admin:
        admin.execute(f'create database "{name}" template {ledger_template} owner documents_owner')
    databases.made.append(name)
    url = platform.postgres_url("documents_app", name).replace("postgresql://", "postgresql+psycopg://")
    database = Database(url, pool=10)
    yield database
    database.close()


@pytest.fixture
def means(platform, ledger_database):
    """The ledger's means without a running process."""
    url = ledger_database.engine.url.render_as_string(hide_password=False)
    # It hears its own events, which no service of ours may.
    changes = {"DATABASE_URL": url, "AMQP_URI": platform.amqp_uri("admin")}
    environ = environment_of(platform, "documents", RETRY_TIERS="0.2,0.4", MAX_WORKERS="4", **changes)
    settings = from_environ(Settings, environ)
    forget_queues(platform, ledger.DocumentsService, settings.tiers)
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
