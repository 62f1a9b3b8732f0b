"""Migrations on the real PostgreSQL: they end where the code believes they do, and never hold others up."""

import os
import shutil
import subprocess
import sys
import time
from importlib import import_module
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from deploy.local.instance import ROOT
from deploy.local.platform import SERVICES
from kernel.base import clock
from kernel.data import migrations


def metadata_of(service):
    """The service's tables, all of which its service loads."""
    import_module(f"services.{service}.service")
    return import_module(f"services.{service}.metadata").METADATA


@pytest.fixture
def empty(platform, databases):
    """`empty("documents")`: the owner's address of a database of that service without any table."""

    def make(service: str) -> str:
        name = f"t_{service}_{uuid4().hex[:10]}"
        with psycopg.connect(platform.postgres_admin_url, autocommit=True) as admin:
            admin.execute(f'create database "{name}" owner "{service}_owner"')
        databases.made.append(name)
        url = platform.postgres_url(f"{service}_owner", name)
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    return make


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def is_compared(thing, name, kind, reflected, compared_to) -> bool:
    """Partitions come and go with the months; indexes and constraints are the migrations' alone."""
    partition = kind == "table" and reflected and name.rpartition("_")[2].isdigit()
    return kind in ("table", "column") and not partition and name != "alembic_version"


@pytest.mark.parametrize("service", SERVICES)
def test_upgrading_from_nothing_gives_the_tables_the_code_believes_in(empty, service):
    url = empty(service)
    assert migrations.upgrade(service, url) == migrations.head(service)
    metadata = metadata_of(service)
    engine = create_engine(url)
    with engine.connect() as connection:
        compared = {"compare_type": True, "include_object": is_compared}
        found = compare_metadata(MigrationContext.configure(connection, opts=compared), metadata)
        assert migrations.current(connection) == migrations.head(service)
    engine.dispose()
    assert [each for each in found if each[0] not in ("remove_index", "remove_constraint")] == []


SCHEMA = """
select 'column', table_name, column_name, data_type || is_nullable || coalesce(column_default, '')
  from information_schema.columns where table_schema = 'public'
union all select 'index', tablename, indexname, indexdef from pg_indexes where schemaname = 'public'
union all select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  from pg_constraint where connamespace = 'public'::regnamespace
union all select 'right', table_name, grantee, privilege_type
  from information_schema.table_privileges where table_schema = 'public'
union all select 'function', proname, proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace
order by 1, 2, 3, 4
"""


def schema(url: str) -> list[tuple]:
    with connected(url) as connection:
        return connection.execute(SCHEMA).fetchall()


def test_what_was_known_of_an_agency_becomes_its_first_state(empty):
    with connected(empty("documents")) as connection:
        steps = [(ROOT / "kernel" / "data" / "schema" / f"{n:04}.sql").read_text("utf-8") for n in (1, 2)]
        connection.execute(steps[0])
        connection.execute(
            """insert into agency_nodes (id, code, name, short_name, kind, valid_from, version)
               values (gen_random_uuid(), 'H42', 'UBND tỉnh', 'UBND', 'province', '2025-07-01', 3)"""
        )
        connection.execute(steps[1])
        same = "select valid_from, valid_to, code, name from"
        [first] = connection.execute(f"{same} agency_places").fetchall()
        assert connection.execute(f"{same} agency_nodes").fetchall() == [first]


def test_upgrading_again_changes_nothing(empty):
    url = empty("documents")
    migrations.upgrade("documents", url)
    before = schema(url)
    assert len(before) > 200
    migrations.upgrade("documents", url)
    assert schema(url) == before


def an_upgrade(url: str) -> subprocess.Popen:
    """The one-shot as a deployment starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "kernel.data.migrations", "upgrade", "documents"],
        env=os.environ | {"DATABASE_OWNER_URL": url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def waiting_for_their_turn(connection: psycopg.Connection) -> int:
    waiting = "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
    mine = " where l.locktype = 'advisory' and not l.granted and d.datname = current_database()"
    return connection.execute(waiting + mine).fetchone()[0]


def test_upgrades_at_the_same_time_wait_for_each_other(empty, eventually):
    url = empty("documents")
    with connected(url) as connection:
        connection.execute("select pg_advisory_lock(hashtext('migrations'))")
        upgrades = [an_upgrade(url) for _ in range(2)]
        eventually(lambda: waiting_for_their_turn(connection) == 2, 20)
        # Longer than a migration may wait for the lock of a table: whose turn it is, is no such lock.
        began = time.monotonic()
        eventually(lambda: time.monotonic() - began > migrations.LOCK_MS / 1000 + 0.5)
        assert [upgrade.poll() for upgrade in upgrades] == [None, None]
        assert connection.execute("select to_regclass('documents')").fetchone() == (None,)
    assert [(each.wait(30), each.stdout.read()) for each in upgrades] == [(0, f"documents: {RELEASED}\n")] * 2


RELEASED = migrations.head("documents")
ADDED, AFTER = (f"{int(RELEASED) + n:04}" for n in (1, 2))
NEXT = f"""
from alembic import op

revision = "{ADDED}"
down_revision = "{RELEASED}"


def upgrade() -> None:
    op.execute("alter table parties add column first_step text")
    op.execute("alter table documents add column second_step text")
"""


@pytest.fixture
def with_another_step(tmp_path, monkeypatch):
    """The documents service with one more migration, somewhere else."""
    monkeypatch.setattr(migrations, "ROOT", tmp_path)

    def add() -> None:
        folder = ROOT / "services" / "documents" / "migrations"
        shutil.copytree(folder, tmp_path / "documents" / "migrations")
        (tmp_path / "documents" / "migrations" / "versions" / f"{ADDED}_next.py").write_text(NEXT)

    return add


def test_a_migration_that_cannot_have_its_lock_fails_soon_and_leaves_nothing(empty, with_another_step):
    url = empty("documents")
    with_another_step()
    with connected(url) as connection:
        migrations_without_the_last(url)
        connection.execute("begin; lock table documents in access share mode")
        began = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            migrations.upgrade("documents", url)
        assert time.monotonic() - began < 3 * (migrations.LOCK_MS / 1000 + 3)
        with connected(url) as reader:
            assert reader.execute("select count(*) from documents").fetchone() == (0,)
            added = "select count(*) from information_schema.columns where column_name = 'first_step'"
            assert reader.execute(added).fetchone() == (0,), "what was done before the failure is undone"
            assert reader.execute("select version_num from alembic_version").fetchone() == (RELEASED,)
        connection.execute("rollback")
    assert migrations.upgrade("documents", url) == ADDED, "nothing is left locked; it is simply run again"


def migrations_without_the_last(url: str) -> None:
    """As far as the released code is."""
    step = migrations.ROOT / "documents" / "migrations" / "versions" / f"{ADDED}_next.py"
    step.rename(step.with_suffix(".later"))
    assert migrations.upgrade("documents", url) == RELEASED
    step.with_suffix(".later").rename(step)


def test_a_new_migration_is_numbered_and_moves_the_head(with_another_step):
    with_another_step()
    made = migrations.new("documents", "Thêm ngày soát xét")
    assert made.name == f"{AFTER}_them_ngay_soat_xet.py"
    assert (made.parents[1] / "HEAD").read_text() == f"{AFTER}\n"
    assert migrations.head("documents") == AFTER


REFUSED = (
    "create table sneaked (id int)",
    "alter table {table} add column more int",
    "alter table {table} disable trigger all",
    "drop table {table}",
    "truncate {table}",
    "create index sneaked on {table} ((1))",
    "drop function ensure_month_partitions(text, int)",
    "create function sneaked() returns int language sql as 'select 1'",
    "update alembic_version set version_num = '0000'",
    "update trail set reason = 'đổi ý'",
    "delete from trail",
    "delete from trail_seals",
    "delete from outbox",
    "update outbox set event = '{{}}'",
    "update {trail_month} set reason = 'đổi ý'",
    "delete from {trail_month}",
    "delete from {outbox_month}",
)


@pytest.mark.parametrize("service", SERVICES)
def test_the_application_changes_no_schema_and_no_history(databases, database_of, service):
    database = database_of(service)
    table = metadata_of(service).sorted_tables[-1].name
    this_month = f"{clock.now():%Y%m}"
    months = {"trail_month": f"trail_{this_month}", "outbox_month": f"outbox_{this_month}"}
    with connected(database.engine.url.render_as_string(hide_password=False)) as application:
        for statement in (each.format(table=table, **months) for each in REFUSED):
            try:
                application.execute(statement)
            except InsufficientPrivilege:
                continue
            pytest.fail(f"the application may {statement}")
        application.execute("select ensure_month_partitions('outbox', 3)")
    with connected(databases.url_as("ops", database)) as operators:
        assert operators.execute("select count(*) from trail").fetchone() == (0,)
        operators.execute("set default_transaction_read_only = off")
        with pytest.raises(InsufficientPrivilege):
            operators.execute("insert into outbox_head values (false, 0)")


def test_the_columns_of_a_service_s_tables_can_all_be_read_by_the_code(database_of):
    """The mapping, the types and the names fit, for an empty table as for a full one."""
    for service in SERVICES:
        metadata = metadata_of(service)
        with database_of(service).engine.connect() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.select().limit(1))
                connection.execute(text("select 1"))
