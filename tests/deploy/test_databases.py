"""On the real PostgreSQL: the application's role cannot change the schema, the reader cannot write."""

from dataclasses import replace

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from deploy.platform import databases
from ops.doctor import stores


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.fixture
def probe(platform):
    """A table of the owner's that nobody else was granted."""
    with connected(platform.owner_url("notify")) as owner:
        owner.execute("create table if not exists probe_of_rights (id int)")
        yield "probe_of_rights"
        owner.execute("drop table probe_of_rights")


@pytest.mark.parametrize(
    "statement",
    [
        "create table sneaked (id int)",
        "create schema sneaked",
        "create temporary table sneaked (id int)",
        "create extension hstore",
        "drop table probe_of_rights",
        "alter table probe_of_rights add column more int",
        "select * from probe_of_rights",
    ],
)
def test_the_application_role_has_no_ddl_and_no_table_it_was_not_granted(platform, probe, statement):
    with connected(platform.database_url("notify")) as app, pytest.raises(InsufficientPrivilege):
        app.execute(statement)


@pytest.mark.parametrize("role", ["database_url", "owner_url"])
def test_a_service_cannot_enter_anothers_database(platform, role):
    address = getattr(platform, role)("notify").rpartition("/")[0] + "/documents"
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connected(address)


@pytest.mark.parametrize("database", ["postgres", "template1"])
@pytest.mark.parametrize("role", ["ops", "notify_app", "notify_owner", "directory_app", "directory_owner"])
def test_no_role_of_ours_gets_into_what_is_nobodys(platform, role, database):
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connected(platform.postgres_url(role, database))


def test_each_role_gets_into_its_own_database_and_operators_into_all(platform):
    services = {"directory", "documents", "cases", "audits", "notify"}
    for role in sorted(services):
        for kind in ("app", "owner"):
            let_in = set()
            for database in services:
                try:
                    connected(platform.postgres_url(f"{role}_{kind}", database)).close()
                    let_in.add(database)
                except psycopg.OperationalError:
                    pass
            assert let_in == {role}
    for database in services:
        connected(platform.postgres_url("ops", database)).close()


def test_the_doctor_names_a_database_that_our_roles_get_into(platform):
    """On a server of somebody else's: everybody gets into a new database there until that is taken away."""
    with connected(platform.postgres_admin_url) as server:
        server.execute("create database somebody_elses")
        existing = replace(platform, existing={"postgres": platform.postgres_admin_url})
        try:
            assert "somebody_elses" in databases.reach_too_far(existing)
            server.execute("revoke connect on database somebody_elses from public")
            assert "somebody_elses" not in databases.reach_too_far(existing)
            server.execute("grant connect on database postgres to notify_app")
            [found] = [each for each in stores.findings(platform) if each.code == "ops_roles_reach_too_far"]
            assert found.facts["databases"] == "postgres"
        finally:
            server.execute("drop database somebody_elses with (force)")
            server.execute("revoke connect on database postgres from notify_app")
    assert databases.reach_too_far(platform) == []


def test_operators_read_every_table_and_write_none(platform, probe):
    with connected(platform.ops_url("notify")) as ops:
        assert ops.execute(f"select count(*) from {probe}").fetchone() == (0,)
        with pytest.raises(ReadOnlySqlTransaction):
            ops.execute(f"insert into {probe} values (1)")
        ops.execute("set default_transaction_read_only = off")
        with pytest.raises(InsufficientPrivilege):
            ops.execute(f"insert into {probe} values (1)")


def test_the_owner_may_use_the_extensions_the_services_need(platform):
    with connected(platform.owner_url("notify")) as owner:
        for extension in ("btree_gist", "pg_trgm"):
            owner.execute(f"create extension if not exists {extension}")


def test_a_password_is_kept_as_scram_only(platform):
    with connected(platform.postgres_admin_url) as server:
        kept = server.execute("select rolname, rolpassword from pg_authid where rolcanlogin").fetchall()
    assert {name for name, password in kept if not password.startswith("SCRAM-SHA-256$")} == set()
