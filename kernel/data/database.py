"""One service's database: a pool of connections, and the promise that waiting never blocks the hub."""

from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker


class Database:
    """The connections of one role; `sessions` opens what a unit of work needs."""

    def __init__(self, url: str, pool: int = 10, application: str = "eiso") -> None:
        self.url = url
        self.engine: Engine = create_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            # An error of the database goes into the log, and the values of its statement must not:
            # among them are people's addresses and the hashes of passwords.
            hide_parameters=True,
            connect_args={"application_name": application, "connect_timeout": 5},
        )
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
