"""One service's database: transactions opened in one round trip, questions in none, no wait without an end.

A server behind a cut wire, or one that stands still, answers nothing: the limit that it keeps itself
(`statement_timeout`) ends no wait then. So each wait has an end on this side too, a little later.
"""

from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

OPENING = "eiso_opening"
"""The option of a connection that holds what opens its transaction, when that is more than `begin`."""
LONGEST = "eiso_longest"
"""The option that holds how many seconds each statement of the transaction may take."""
SEES = "eiso_sees"
"""The option that says what the asking actor may see (`kernel.trust.row_security`)."""
LIMITS = (1, 2, 5, 10, 20, 60)
"""Seconds that a question's statement may take: rounded up to these, a connection nearly always has them."""
CONNECT_SECONDS = 5
GRACE_SECONDS = 5.0
"""How much later than the server we give up: its own word on the matter is better than our guess."""
PING_SECONDS = 5.0
"""For what is short or never answered: opening, rolling back, a lock that is had at once or not."""
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
READ_ONLY = {"default_transaction_read_only": "on"}
BY_INDEX = {"enable_seqscan": "off"}
"""A table of a few thousand rows the planner would read whole for a word that many of them hold: for one
question that costs the same, but for as many as are asked at once it is all of their processor time, and what
the planner chooses so changes with every sample of the statistics. A table without an index is read still."""


def opening(*, repeatable: bool = False, seconds: float | None = None) -> str:
    """What opens a transaction: what it sees, and the longest each of its statements may take."""
    begin = "begin isolation level repeatable read" if repeatable else "begin"
    if seconds is None:
        return begin
    return f"{begin}; set local statement_timeout = {max(1, int(seconds * 1000))}"


class Driver(psycopg.Connection[tuple[Any, ...]]):
    """A connection that gives up, and is closed, when the server is silent for longer than `patience`."""

    patience: float | None = PING_SECONDS

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval=interval, timeout=timeout)
        try:
            return super().wait(gen, interval=interval, timeout=self.patience)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            said = f"the database was silent for {self.patience:g} s"
            raise psycopg.OperationalError(said) from None


class Database:
    """The connections of one role; `sessions` opens what a unit of work needs, `questions` what only reads.

    `longest`: seconds that a statement may take where nothing closer is said; None for work at any length.
    `behind`: whether tables of it check what the asking actor may see (`kernel.trust.row_security`).
    `by_index`: whether what only reads goes by index wherever there is one.
    """

    def __init__(
        self,
        url: str,
        pool: int = 10,
        application: str = "eiso",
        *,
        longest: float | None = None,
        behind: bool = False,
        by_index: bool = False,
    ) -> None:
        self.url, self.longest, self.behind, self.by_index = url, longest, behind, by_index
        self.engine = self._engine(pool, lambda: self._connect(application))
        event.listen(self.engine, "begin", self._open)
        self.sessions: sessionmaker[Session] = sessionmaker(self.engine, expire_on_commit=False)
        # Each statement of a question stands alone: there is nothing to begin and nothing to commit.
        reading = READ_ONLY | (BY_INDEX if by_index else {})
        self.readers = self._engine(pool, lambda: self._connect(f"{application}-read", **reading))
        event.listen(self.readers, "begin", _limit)

    def questions(self, seconds: float, sees: str = "") -> Session:
        """A session that cannot write; no statement of it runs much longer than so many seconds."""
        limit = next((limit for limit in LIMITS if seconds <= limit), LIMITS[-1])
        return Session(self.readers.execution_options(**{LONGEST: limit, SEES: sees}))

    def check(self) -> None:
        """Raise when the database does not answer."""
        with self.engine.begin() as connection:
            connection.execute(text("select 1"))

    def dedicated(self) -> Driver:
        """A connection of its own, in autocommit, for session-level locks and LISTEN."""
        connection = self._connect("eiso-lock")
        connection.autocommit = True
        return connection

    def in_use(self) -> int:
        """Connections at work now."""
        return sum(_pool(each).checkedout() for each in (self.engine, self.readers))

    def most(self) -> int:
        """Connections there may be."""
        return sum(_pool(each).size() for each in (self.engine, self.readers))

    def close(self) -> None:
        self.engine.dispose()
        self.readers.dispose()

    def _engine(self, pool: int, connect: Callable[[], Driver]) -> Engine:
        engine = create_engine(
            self.url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=5,
            # One that was found dead is made anew by its finder, instead of the next dead one's turn.
            pool_use_lifo=True,
            # The driver opens no transaction by itself: `_open` does, together with what it is to be like.
            isolation_level="AUTOCOMMIT",
            # An error of the database goes into the log, and the values of its statement must not:
            # among them are people's addresses and the hashes of passwords.
            hide_parameters=True,
            creator=connect,
        )
        event.listen(engine, "reset", _given_back)
        return engine

    def _connect(self, application: str, **options: Any) -> Driver:
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        options |= WATCHFUL_SERVER
        if self.longest is not None:
            options["statement_timeout"] = int(self.longest * 1000)
        return Driver.connect(
            url,
            application_name=application,
            connect_timeout=CONNECT_SECONDS,
            options=" ".join(f"-c {name}={value}" for name, value in options.items()),
            **WATCHFUL_CLIENT,
        )

    def _open(self, connection: Connection) -> None:
        """Open the transaction; a connection that died in the pool is replaced, so none is asked before."""
        options = connection.get_execution_options()
        begin, longest = options.get(OPENING, "begin"), options.get(LONGEST) or self.longest
        try:
            _driver(connection).execute(begin, prepare=False)
        except psycopg.OperationalError:
            connection.invalidate()
            try:
                _driver(connection).execute(begin, prepare=False)
            except psycopg.OperationalError as error:
                raise OperationalError(begin, None, error) from error
        _driver(connection).patience = None if longest is None else longest + GRACE_SECONDS


def _limit(connection: Connection) -> None:
    """Limit the statements of a question and what it sees, unless the last one left the connection so."""
    options = connection.get_execution_options()
    longest, sees = options.get(LONGEST, LIMITS[-1]), options.get(SEES, "")
    known = connection.info
    driver = _driver(connection)
    wanted = (longest, sees)
    if known.get(LONGEST) != wanted:
        try:
            # Both in one message. What is seen is made of ids and a date alone: there is nothing to quote.
            said = f"set statement_timeout = '{longest}s'; set eiso.sees = '{sees}'"
            driver.execute(said, prepare=False)
        except psycopg.OperationalError as error:
            connection.invalidate()
            raise OperationalError("set", None, error, connection_invalidated=True) from error
        known[LONGEST] = wanted
    driver.patience = longest + GRACE_SECONDS


def _pool(engine: Engine) -> Any:
    return engine.pool


def _driver(connection: Connection) -> Driver:
    driver = connection.connection.driver_connection
    assert isinstance(driver, Driver)
    return driver


def _given_back(connection: Driver, _record: Any, _state: Any) -> None:
    connection.patience = PING_SECONDS
