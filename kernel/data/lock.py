"""One of many: a session-level advisory lock, so that a role runs once however many processes stand by."""

from collections.abc import Iterator
from contextlib import contextmanager

from kernel.data.database import Database, Driver


@contextmanager
def held(database: Database, role: str) -> Iterator[Driver | None]:
    """The connection that holds the role's lock, or None while another process has it.

    The lock is the connection's: when the process or the database dies, a stand-by takes over.
    """
    with database.dedicated() as connection:
        row = connection.execute("select pg_try_advisory_lock(hashtext(%s))", (f"role:{role}",)).fetchone()
        yield connection if row and row[0] else None
