"""The private PostgreSQL: one database per service, its owner, its application and a reader."""

import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from deploy.local.account import own, servers_folder
from deploy.local.platform import SERVICES, Platform
from deploy.local.process import Process, run_tool

SILENT = {
    # Values of parameters, and rows that broke a constraint, are people's data.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
"""What keeps data out of the server's log; on a server of somebody else's set for our roles."""
COMMON = ("postgres", "template1")
"""Databases that every role gets into unless that is taken away."""
BINARIES = Path("/usr/lib/postgresql/15/bin")


def process(platform: Platform) -> Process:
    """The server's postmaster."""
    files = platform.instance
    return Process(
        name="postgres",
        pid_file=files.pids / "postgres.pid",
        log_file=files.logs / "postgres.log",
    )


def is_ready(platform: Platform) -> bool:
    """Whether the superuser can connect."""
    try:
        psycopg.connect(platform.postgres_admin_url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def start(platform: Platform) -> None:
    """Start it, make it first if there is none, and see that every database and role is there."""
    server = process(platform)
    if not (server.pid() and is_ready(platform)):
        server.stop(how=signal.SIGINT)
        folder = servers_folder(platform.instance) / "postgres"
        if not (folder / "made").exists():
            _make(platform, folder)
        own(folder)
        # Left by a kill -9; if a stranger has its pid by now the server would refuse to start.
        (folder / "data/postmaster.pid").unlink(missing_ok=True)
        server.start(_command(platform, folder / "data"), environment={"LC_ALL": "C.UTF-8"})
        server.wait(lambda: is_ready(platform), seconds=60)
    prepare(platform)


def stop(platform: Platform) -> None:
    """Fast shutdown: ends sessions, writes a checkpoint."""
    process(platform).stop(how=signal.SIGINT, seconds=60)


def _make(platform: Platform, folder: Path) -> None:
    """initdb; a folder left half made by a crash is made again."""
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    folder.mkdir(parents=True)
    password = folder / "password"
    password.write_text(platform.passwords["postgres_postgres"])
    own(folder)
    command = [str(BINARIES / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={password}"]
    command += ["--no-sync", "--no-instructions"]
    run_tool(command)
    password.unlink()
    (folder / "made").touch()


def _command(platform: Platform, data: Path) -> list[str]:
    command = [str(BINARIES / "postgres"), "-D", str(data)]
    for name, value in settings(platform.ports["postgres"], platform.instance.name).items():
        command += ["-c", f"{name}={value}"]
    return command


def settings(port: int, instance: str) -> dict[str, str]:
    """Small, and durable except for the tests' own instance. TCP only: a socket's path has a limit."""
    durable = "off" if instance == "test" else "on"
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "max_connections": "250",
        "max_wal_size": "512MB",
        "wal_compression": "on",
        "jit": "off",
        "synchronous_commit": "on",
        "fsync": durable,
        "full_page_writes": durable,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "password_encryption": "scram-sha-256",
        "log_min_duration_statement": "1000",
        **SILENT,
        "idle_in_transaction_session_timeout": "5min",
    }


def prepare(platform: Platform) -> None:
    """Roles and databases, each made if it is missing; passwords as the platform keeps them."""
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as server:
        there = {row[0] for row in server.execute("select rolname from pg_roles")}
        databases = {row[0] for row in server.execute("select datname from pg_database")}
        for role in roles():
            if role not in there or platform.existing.get("postgres"):
                _make_role(server, role, platform.passwords[f"postgres_{role}"], role in there)
        for service in SERVICES:
            if service not in databases:
                _make_database(server, service)
                _set_rights(platform.admin_url_of(service), service)
        if "postgres" not in platform.existing:
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
    is_ours = "postgres" not in platform.existing
    with psycopg.connect(platform.postgres_admin_url, connect_timeout=5) as server:
        allowed = server.execute(
            "select datname, rolname from pg_database, pg_roles where datallowconn and rolname = any(%s)"
            " and has_database_privilege(rolname, datname, 'connect') order by 1, 2",
            (roles(),),
        ).fetchall()
    looked_at = {*SERVICES, *COMMON} if is_ours else {database for database, _ in allowed}
    suspects = {
        database: role
        for database, role in allowed
        if database in looked_at and database not in _belonging(role)
    }
    return [database for database, role in suspects.items() if _gets_in(platform, role, database)]


def roles() -> list[str]:
    """Every role we make."""
    return ["ops", *(f"{service}_{kind}" for service in SERVICES for kind in ("owner", "app"))]


def _belonging(role: str) -> tuple[str, ...]:
    return SERVICES if role == "ops" else (role.rpartition("_")[0],)


def _gets_in(platform: Platform, role: str, database: str) -> bool:
    try:
        psycopg.connect(platform.postgres_url(role, database), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


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


def address(platform: Platform) -> str:
    """Host and port, for a person."""
    return urlsplit(platform.postgres_admin_url).netloc.rpartition("@")[2]
