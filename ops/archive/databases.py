"""The databases: one moment for each, consumers before those they hear, dumped by PostgreSQL's own tools."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path

import psycopg

from contracts.base import source_of
from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from kernel.data import migrations
from ops import queues
from ops.archive.manifest import CHUNK, Kept, Opening, Part, Writing
from ops.archive.unusable import Unusable

BINARIES = Path("/usr/lib/postgresql/15/bin")
LOCK_MS = "10000"
TABLES = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
# Seals are counted by the chains' heads: the trail may hold more rows than can be counted in passing.
LOOK = """
  select (select version_num from alembic_version), (select sequence from outbox_head),
         (select coalesce(sum(position), 0) from trail_heads)::bigint, pg_database_size(current_database())
"""


@dataclass(kw_only=True)
class Cut:
    """The moment of the archive: a snapshot of each database, held open until all are dumped."""

    taken_at: datetime
    snapshots: dict[str, str]
    services: dict[str, Kept]


def order() -> list[str]:
    """Every consumer before whom it hears; CycleError once two services hear each other.

    An event that a consumer's snapshot knows is then in its source's, which was taken later. The
    other way round a restored consumer would know of what never happened, and would hold it against
    what does. What a snapshot of a consumer lacks, catching up reads from the source's log.
    """
    hearers: dict[str, set[str]] = {service: set() for service in SERVICES}
    for topic, readers in queues.readers().items():
        hearers[source_of(topic)] |= {service for service, _ in readers}
    return list(TopologicalSorter(hearers).static_order())


@contextmanager
def cut(platform: Platform) -> Iterator[Cut]:
    """All connections first, then the snapshots one right after another."""
    with ExitStack() as stack:
        found = {name: stack.enter_context(_reader(platform, name)) for name in order()}
        for service, connection in found.items():
            _keep_migrations_out(connection, service)
        for connection in found.values():
            connection.autocommit = False
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshots = {name: _one(c, "select pg_export_snapshot()")[0] for name, c in found.items()}
        [taken_at] = _one(next(iter(found.values())), "select now()")
        services = {name: _look(connection) for name, connection in found.items()}
        yield Cut(taken_at=taken_at, snapshots=snapshots, services=services)


def _reader(platform: Platform, service: str) -> "psycopg.Connection[tuple[object, ...]]":
    """The read-only operator; its transaction waits for as long as the dumps take."""
    url = platform.postgres_url("ops", service)
    connection = psycopg.connect(url, autocommit=True, application_name="eiso-backup", connect_timeout=5)
    connection.execute("set idle_in_transaction_session_timeout = 0")
    return connection


def _keep_migrations_out(connection: "psycopg.Connection[tuple[object, ...]]", service: str) -> None:
    """Shared, so that backups stand beside each other; an upgrade waits until they end."""
    if not _one(connection, "select pg_try_advisory_lock_shared(hashtext('migrations'))")[0]:
        raise Unusable("backup_migrating", service=service)


def _look(connection: "psycopg.Connection[tuple[object, ...]]") -> Kept:
    head, log_head, sealed, size = _one(connection, LOOK)
    return Kept(head=str(head), log_head=log_head, sealed=sealed, size=size)


def _one(connection: "psycopg.Connection[tuple[object, ...]]", statement: str) -> tuple:  # type: ignore[type-arg]
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row


def dump(
    platform: Platform, service: str, snapshot: str, folder: Path, recipients: Sequence[str] = ()
) -> Part:
    """One database as its snapshot saw it, in PostgreSQL's custom format."""
    writing = Writing(folder, part_of(service), recipients)
    options = ["--format=custom", "--compress=3", f"--snapshot={snapshot}", f"--lock-wait-timeout={LOCK_MS}"]
    # Rules for rows withhold nothing from one who does not say whom they ask for (`row_security`);
    # without this word the tool refuses tables that have any.
    options.append("--enable-row-security")
    command, environment = _tool(platform, "pg_dump", "ops", service, *options)
    # Its words into a file: nobody reads a second pipe meanwhile, and it would stand still once that is full.
    with tempfile.TemporaryFile() as words:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=words) as process:
            assert process.stdout
            while chunk := process.stdout.read(CHUNK):
                writing.write(chunk)
        words.seek(0)
        said = words.read().decode(errors="replace")
    part = writing.end()
    if process.returncode:
        raise Unusable("backup_dump_failed", service=service, what=said.strip()[-600:])
    return part


def part_of(service: str) -> str:
    return f"databases/{service}.dump"


def restore(platform: Platform, service: str, archive: Opening) -> None:
    """One database out of the archive, whole or not at all, as its owner; then its statistics."""
    options = ["--exit-on-error", "--single-transaction", "--no-owner"]
    command, environment = _tool(platform, "pg_restore", f"{service}_owner", service, *options)
    with archive.part(part_of(service)) as content, tempfile.TemporaryFile() as words:
        with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=words) as process:
            assert process.stdin
            with suppress(BrokenPipeError), process.stdin as into:  # a tool that ends early says why
                shutil.copyfileobj(content, into, CHUNK)
        words.seek(0)
        said = words.read().decode(errors="replace")
        if process.returncode:
            raise Unusable("restore_database_failed", service=service, what=said.strip()[-600:])
    with psycopg.connect(platform.postgres_url(f"{service}_owner", service), autocommit=True) as database:
        database.execute("analyze")


def seen(platform: Platform, service: str) -> Kept:
    """What a database holds now, to be laid beside what the manifest says of it."""
    with psycopg.connect(platform.postgres_url("ops", service), autocommit=True) as connection:
        return _look(connection)


def _tool(
    platform: Platform, tool: str, role: str, service: str, *options: str
) -> tuple[list[str], dict[str, str]]:
    """The password goes by the environment: a command line is everybody's to read."""
    known = psycopg.conninfo.conninfo_to_dict(platform.postgres_url(role, service))
    where = [f"--host={known['host']}", f"--port={known.get('port', 5432)}", f"--username={known['user']}"]
    command = [_program(tool), *where, "--no-password", f"--dbname={service}", *options]
    return command, {**os.environ, "PGPASSWORD": str(known["password"]), "LC_ALL": "C.UTF-8"}


def _program(tool: str) -> str:
    """PostgreSQL's own where Debian keeps it, past a wrapper that looks for clusters here; else by PATH."""
    own = BINARIES / tool
    return str(own) if own.exists() else tool


def check_heads(services: dict[str, Kept]) -> None:
    """This code must know every database's revision; an older one is brought to its head afterwards."""
    if set(services) != set(SERVICES):
        strange = ", ".join(sorted(set(services) ^ set(SERVICES)))
        raise Unusable("archive_other_services", services=strange)
    for service, kept in services.items():
        if not migrations.knows(service, kept.head):
            raise Unusable("archive_newer", service=service, head=kept.head, known=migrations.head(service))


def full(platform: Platform) -> list[str]:
    """Databases on a server that is there already which hold anything."""
    found = []
    with psycopg.connect(platform.postgres_admin_url, autocommit=True, connect_timeout=5) as server:
        names = {row[0] for row in server.execute("select datname from pg_database")}
    for service in sorted(names & set(SERVICES)):
        with psycopg.connect(platform.admin_url_of(service), autocommit=True) as database:
            if _one(database, TABLES)[0]:
                found.append(service)
    return found
