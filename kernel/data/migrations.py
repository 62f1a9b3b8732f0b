"""Migrations: numbered, one head a service, one at a time, never waiting long for a lock.

python -m kernel.data.migrations upgrade documents
python -m kernel.data.migrations new documents "add review due date"
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

from kernel.base.text import fold
from kernel.data.schema import rights

ROOT = Path(__file__).parents[2] / "services"
LOCK_MS, STATEMENT_MS, TURN_MS = 4_000, 60_000, 600_000

_TEMPLATE = '''"""{message}.

Each migration keeps the code of the release before it working: expand now, contract a release later.
"""

from alembic import op

revision = "{number}"
down_revision = "{previous}"


def upgrade() -> None:
    op.execute("")
'''


def upgrade(service: str, url: str) -> str:
    """Bring the database of `service` to its head, as its owner; returns the head."""
    script = _script(service)
    # Not pooled: the lock is the connection's, and must go with it also when a migration fails.
    with create_engine(url, poolclass=NullPool).connect() as connection:
        _wait_for_the_turn(connection)
        _run(connection, script)
        _grant(connection, url)
    return head(service)


def head(service: str) -> str:
    """The one head of a service's migrations, which its HEAD file names too."""
    [only] = _script(service).get_heads()
    return only


def knows(service: str, revision: str) -> bool:
    """Whether a revision is one of this code's; a newer release's is not."""
    return revision in {each.revision for each in _script(service).walk_revisions()}


def current(connection: Connection) -> str | None:
    """The revision a database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def new(service: str, message: str) -> Path:
    """Begin the next migration: its numbered file, and HEAD moved, so that two branches collide in git."""
    previous = head(service)
    number = f"{int(previous) + 1:04}"
    folder = ROOT / service / "migrations"
    path = folder / "versions" / f"{number}_{fold(message).replace(' ', '_')}.py"
    path.write_text(_TEMPLATE.format(message=message, number=number, previous=previous), "utf-8")
    (folder / "HEAD").write_text(number + "\n")
    return path


def _script(service: str) -> ScriptDirectory:
    folder = str(ROOT / service / "migrations")
    return ScriptDirectory(folder, version_locations=[f"{folder}/versions"])


def _wait_for_the_turn(connection: Connection) -> None:
    """Until no other upgrade runs; then no statement of ours may wait long for a lock."""
    connection.execute(text(f"set statement_timeout = {TURN_MS}"))
    connection.execute(text("select pg_advisory_lock(hashtext('migrations'))"))
    # A migration that cannot have its lock soon must fail: waiting, it would make every query behind it wait.
    connection.execute(text(f"set lock_timeout = {LOCK_MS}"))
    connection.execute(text(f"set statement_timeout = {STATEMENT_MS}"))
    connection.commit()


def _run(connection: Connection, script: ScriptDirectory) -> None:
    def steps(revision: Any, context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "script": script, "transaction_per_migration": True}
    )
    with context.begin_transaction(), Operations.context(context):
        context.run_migrations()
    connection.commit()


def _grant(connection: Connection, url: str) -> None:
    owner = connection.engine.url.username or ""
    app = owner.removesuffix("_owner") + "_app"
    for statement in rights(app, "ops").split(";\n"):
        if statement.strip():
            connection.execute(text(statement))
    connection.commit()


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="kernel.data.migrations", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    up = steps.add_parser("upgrade", help="bring a service's database to its head")
    up.add_argument("service")
    begin = steps.add_parser("new", help="begin the next migration of a service")
    begin.add_argument("service")
    begin.add_argument("message")
    given = parser.parse_args(arguments)
    if given.step == "new":
        print(new(given.service, given.message))
        return 0
    print(f"{given.service}: {upgrade(given.service, os.environ['DATABASE_OWNER_URL'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
