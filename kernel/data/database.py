"""One service's database: a pool of connections, and the promise that waiting blocks nobody and has an end.

A server behind a cut wire, or one that stands still, answers nothing: the limit that it keeps itself
(`statement_timeout`) ends no wait then. So each wait has an end on this side too, a little later.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import OperationalError
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

CONNECT_SECONDS = 5
GRACE_SECONDS = 5.0
"""How much later than the server we give up: its own word on the matter is better than our guess."""
PING_SECONDS = 5.0
# Either side finds out within half a minute that the other is gone: the dead holder of a role's lock
# would otherwise keep it for the system's two hours.
WATCHFUL_CLIENT: Mapping[str, Any] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
WATCHFUL_SERVER = {
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that gives up, and is closed, when the server is silent for longer than `patience`."""

    patience: float | None = None

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval=interval, timeout=timeout)
        try:
            return super().wait(gen, interval=interval, timeout=self.patience)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise OperationalError(f"the database was silent for {self.patience:g} s") from None


class Database:
    """The connections of one role; `sessions` opens what a unit of work needs.

    `longest`: seconds that a statement may take where nothing closer is said; None for work at any length.
    """

    def __init__(
        self, url: str, pool: int = 10, application: str = "eiso", *, longest: float | None = None
    ) -> None:
        self.url, self.longest = url, longest
        self.engine: Engine = create_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            # An error of the database goes into the log, and the values of its statement must not:
            # among them are people's addresses and the hashes of passwords.
            hide_parameters=True,
            creator=lambda: self._connect(application),
        )
        event.listen(self.engine, "checkout", self._taken)
        event.listen(self.engine, "reset", _given_back)
        self.sessions: sessionmaker[Session] = sessionmaker(self.engine, expire_on_commit=False)

    def check(self) -> None:
        """Raise when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))

    def dedicated(self) -> Connection:
        """A connection of its own, in autocommit, for session-level locks and LISTEN."""
        connection = self._connect("eiso-lock")
        connection.autocommit = True
        connection.patience = PING_SECONDS
        return connection

    def close(self) -> None:
        self.engine.dispose()

    def _connect(self, application: str) -> Connection:
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        told = dict(WATCHFUL_SERVER)
        if self.longest is not None:
            told["statement_timeout"] = int(self.longest * 1000)
        return Connection.connect(
            url,
            application_name=application,
            connect_timeout=CONNECT_SECONDS,
            options=" ".join(f"-c {name}={value}" for name, value in told.items()),
            **WATCHFUL_CLIENT,
        )

    def _taken(self, connection: Connection, _record: Any, _proxy: Any) -> None:
        connection.patience = None if self.longest is None else self.longest + GRACE_SECONDS


def limit(session: Session, seconds: float) -> None:
    """Let no statement of this transaction take longer, nor wait longer for a server that is silent."""
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, Connection)
    driver.patience = seconds + GRACE_SECONDS
    statement = text("select set_config('statement_timeout', :limit, true)")
    session.execute(statement, {"limit": f"{max(1, int(seconds * 1000))}ms"})


def _given_back(connection: Connection, _record: Any, _state: Any) -> None:
    """Rolling back, and the question whether it is still alive, are short or never answered."""
    connection.patience = PING_SECONDS
