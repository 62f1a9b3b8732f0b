"""The databases: one for each service, its owner, its application and a reader, on any PostgreSQL."""

import psycopg
from psycopg import sql

from deploy.platform.answering import postgres_answers
from deploy.platform.names import SERVICES, database_roles
from deploy.platform.platform import Platform

SILENT = {
    # Values of parameters, and rows that broke a constraint, are people's data.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
"""What keeps data out of the server's log; on a server of somebody else's set for our roles."""
COMMON = ("postgres", "template1")
"""Databases that every role gets into unless that is taken away."""


def prepare(platform: Platform) -> None:
    """Roles and databases, each made if it is missing; passwords as the platform keeps them."""
    is_ours = "postgres" not in platform.shared
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as server:
        there = {row[0] for row in server.execute("select rolname from pg_roles")}
        databases = {row[0] for row in server.execute("select datname from pg_database")}
        for role in database_roles():
            if role not in there or not is_ours:
                _make_role(server, role, platform.passwords[f"postgres_{role}"], role in there)
        for service in SERVICES:
            if service not in databases:
                _make_database(server, service)
                _set_rights(platform.admin_url_of(service), service)
        if is_ours:
            for database in COMMON:
                server.execute(
                    sql.SQL("revoke connect, temporary on database {} from public").format(
                        sql.Identifier(database)
                    )
                )


def reach_too_far(platform: Platform) -> list[str]:
    """Databases that a role of ours gets into and has nothing to do in.

    On a server of somebody else's only its operator may take that right away, for it is everybody's; who is
    kept out by its `pg_hba.conf` is kept out too.
    """
    is_ours = "postgres" not in platform.shared
    with psycopg.connect(platform.postgres_url("ops", SERVICES[0]), connect_timeout=5) as server:
        allowed = server.execute(
            "select datname, rolname from pg_database, pg_roles where datallowconn and rolname = any(%s)"
            " and has_database_privilege(rolname, datname, 'connect') order by 1, 2",
            (database_roles(),),
        ).fetchall()
    looked_at = {*SERVICES, *COMMON} if is_ours else {database for database, _ in allowed}
    suspects = {
        database: role
        for database, role in allowed
        if database in looked_at and database not in _belonging(role)
    }
    return [database for database, role in suspects.items() if _gets_in(platform, role, database)]


def _belonging(role: str) -> tuple[str, ...]:
    return SERVICES if role == "ops" else (role.rpartition("_")[0],)


def _gets_in(platform: Platform, role: str, database: str) -> bool:
    return postgres_answers(platform.postgres_url(role, database))


def _make_role(server: psycopg.Connection, role: str, password: str, is_there: bool) -> None:
    verb = sql.SQL("alter" if is_there else "create")
    name = sql.Identifier(role)
    # A statement may be logged; what is in this one opens nothing.
    verifier = server.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    server.execute(sql.SQL("{} role {} login password {}").format(verb, name, sql.Literal(verifier)))
    for setting, value in SILENT.items():
        server.execute(
            sql.SQL("alter role {} set {} = {}").format(name, sql.Identifier(setting), sql.Literal(value))
        )
    if role == "ops":
        server.execute("grant pg_read_all_data, pg_monitor to ops")
        server.execute("alter role ops set default_transaction_read_only = on")


def _make_database(server: psycopg.Connection, service: str) -> None:
    names = {"db": sql.Identifier(service), "owner": sql.Identifier(f"{service}_owner")}
    server.execute(sql.SQL("create database {db} owner {owner}").format(**names))
    server.execute(sql.SQL("revoke all on database {db} from public").format(**names))
    app = sql.Identifier(f"{service}_app")
    server.execute(sql.SQL("grant connect on database {} to {}, ops").format(names["db"], app))


def _set_rights(url: str, service: str) -> None:
    """The application may use the schema and nothing else; tables are granted by migrations."""
    with psycopg.connect(url, autocommit=True) as database:
        owner, app = sql.Identifier(f"{service}_owner"), sql.Identifier(f"{service}_app")
        database.execute(sql.SQL("alter schema public owner to {}").format(owner))
        database.execute("revoke create on schema public from public")
        database.execute(sql.SQL("grant usage on schema public to {}, ops").format(app))
