"""One service's database: a pool of connections, each transaction opened in one round trip."""

from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

OPENING = "eiso_opening"
"""The option of a connection that holds what opens its transaction, when that is more than `begin`."""


def opening(*, read_only: bool = False, repeatable: bool = False, seconds: float | None = None) -> str:
    """What opens a transaction: how it may act, and the longest each of its statements may take."""
    modes = [("isolation level repeatable read", repeatable), ("read only", read_only)]
    begin = " ".join(["begin", ", ".join(mode for mode, wanted in modes if wanted)]).strip()
    if seconds is None:
        return begin
    return f"{begin}; set local statement_timeout = {max(1, int(seconds * 1000))}"


class Database:
    """The connections of one role; `sessions` opens what a unit of work needs."""

    def __init__(self, url: str, pool: int = 10, application: str = "eiso") -> None:
        self.url = url
        self.engine: Engine = create_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=5,
            # The driver opens no transaction by itself: `_open` does, together with what it is to be like.
            isolation_level="AUTOCOMMIT",
            # An error of the database goes into the log, and the values of its statement must not:
            # among them are people's addresses and the hashes of passwords.
            hide_parameters=True,
            connect_args={"application_name": application, "connect_timeout": 5},
        )
        event.listen(self.engine, "begin", _open)
        self.sessions: sessionmaker[Session] = sessionmaker(self.engine, expire_on_commit=False)

    def check(self) -> None:
        """Raise when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))

    def dedicated(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of its own, in autocommit, for session-level locks and LISTEN."""
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True, application_name="eiso-lock", connect_timeout=5)

    def close(self) -> None:
        self.engine.dispose()


def _open(connection: Connection) -> None:
    """Open the transaction; a connection that died in the pool is replaced, so none is asked beforehand."""
    begin = connection.get_execution_options().get(OPENING, "begin")
    try:
        _driver(connection).execute(begin, prepare=False)
    except psycopg.OperationalError:
        connection.invalidate()
        try:
            _driver(connection).execute(begin, prepare=False)
        except psycopg.OperationalError as error:
            raise OperationalError(begin, None, error) from error


def _driver(connection: Connection) -> "psycopg.Connection[Any]":
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
