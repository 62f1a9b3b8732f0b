"""One transaction: what it changes, publishes and leaves in the trail stands or falls together."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import errors as pg
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.exc import StaleDataError

from contracts.authority import EndsAuthority
from kernel.base import clock, wire
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Refusal, Unavailable
from kernel.data.database import LONGEST, OPENING, Database, opening
from kernel.data.prepared import WRITES
from kernel.trust import heeding, trail
from kernel.trust.row_security import seen_by
from kernel.trust.trail import Entry, Origin
from kernel.work import outbox
from kernel.work.outbox import NewEvent

Constraints = Mapping[str, Callable[[], Refusal]]


class NoTrail(AssertionError):
    """A command changed something and left no row in the trail: a defect of its handler."""


class Fault(RuntimeError):
    """The database refused a statement: a defect, said without the values that its words repeat."""

    def __init__(self, error: DBAPIError) -> None:
        said = getattr(error.orig, "diag", None)
        where = getattr(said, "constraint_name", None) or getattr(said, "column_name", None)
        words = getattr(said, "message_primary", None) or "?"
        super().__init__(f"{type(error.orig).__name__}: {words}" + (f" [{where}]" if where else ""))
        # The frames stay, since only they say where it was; the error that names values does not.
        self.with_traceback(error.__traceback__)


class ConnectionLost(Unavailable):
    """The connection was gone when it was used: a question may be asked again on another one."""


@dataclass
class Work:
    """What a session has loaded and will have to account for at its end."""

    origin: Origin
    tracked: dict[int, tuple[Aggregate, dict[str, Any] | None]] = field(default_factory=dict)
    new_events: list[NewEvent] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    reason: str | None = None
    wrote: bool = False
    left_trail: bool = False
    must_leave_trail: bool = False

    def write_events_and_trail(self, session: Session) -> None:
        """Flush, then write events and trail; versions are known only after the flush.

        Large work is written stretch by stretch, or it would hold everything it did until its end.
        """
        session.flush()
        for aggregate, before in self.tracked.values():
            self._account(aggregate, before)
        self.left_trail = self.left_trail or bool(self.entries)
        if self.must_leave_trail and self.wrote and not self.left_trail:
            raise NoTrail(self.origin.action)
        recorded_at = clock.now()
        for new in self.new_events:
            if isinstance(new.event, EndsAuthority):
                heeding.note(session, new.event, new.version, recorded_at)
        outbox.append(session, self.origin, recorded_at, self.new_events)
        trail.append(session, self.origin, recorded_at, self.entries)
        self.forget()

    def forget(self) -> None:
        """Nothing is to be accounted for any more: it was, or was undone."""
        self.tracked.clear()
        self.new_events.clear()
        self.entries.clear()

    def _account(self, aggregate: Aggregate, before: dict[str, Any] | None) -> None:
        self.new_events += [
            NewEvent(aggregate_id=aggregate.id, version=aggregate.version, event=event)
            for event in aggregate.drain()
        ]
        was, became = trail.difference(before, wire.dump(aggregate.snapshot()))
        if became:
            self.entries.append(
                Entry(
                    subject_type=type(aggregate).__name__,
                    subject_id=aggregate.id,
                    agency_id=aggregate.trail_agency,
                    before=was,
                    after=became,
                    reason=self.reason,
                )
            )


def work_of(session: Session) -> Work:
    """The work that a session belongs to."""
    work: Work = session.info["work"]
    return work


def track(session: Session, aggregate: Aggregate, *, is_new: bool = False) -> None:
    """Account for the aggregate at the end: its events to the log, its difference to the trail."""
    tracked = work_of(session).tracked
    if id(aggregate) not in tracked:
        tracked[id(aggregate)] = (aggregate, None if is_new else wire.dump(aggregate.snapshot()))


@contextmanager
def transaction(
    database: Database,
    origin: Origin,
    *,
    seconds: float | None = None,
    constraints: Constraints | None = None,
) -> Iterator[Session]:
    """Commit on leaving, with events and trail; on an error, nothing. `seconds` caps each statement."""
    try:
        with database.sessions() as session:
            session.info["work"] = work = Work(origin)
            begin = opening(seconds=seconds)
            session.connection(execution_options={OPENING: begin, LONGEST: seconds})
            yield session
            work.write_events_and_trail(session)
            session.commit()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        raise decided(error, constraints or {}) or Fault(error) from None
    except (DBAPIError, PoolExhausted) as error:
        raise _unavailable(error) from None


@contextmanager
def question(database: Database, origin: Origin, seconds: float) -> Iterator[Session]:
    """Only to read: the database refuses any change, even one by a slip of the handler."""
    try:
        sees = seen_by(origin.actor, clock.today()) if database.behind else ""
        with database.questions(seconds, sees) as session:
            session.info["work"] = Work(origin)
            yield session
            session.flush()
    except (DBAPIError, PoolExhausted) as error:
        raise _unavailable(error) from None


@sqlalchemy_event.listens_for(Session, "do_orm_execute")
def _statement_runs(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete or WRITES in state.execution_options
    if writes and "work" in state.session.info:
        work_of(state.session).wrote = True


@sqlalchemy_event.listens_for(Session, "before_flush")
def _objects_flush(session: Session, context: Any, instances: Any) -> None:
    changed = session.new or session.deleted or any(session.is_modified(each) for each in session.dirty)
    if changed and "work" in session.info:
        work_of(session).wrote = True


def decided(error: IntegrityError, constraints: Constraints) -> Refusal | None:
    """A race that a constraint decided is an answer; any other violation is a defect: None."""
    name: str = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
    return constraints[name]() if name in constraints else None


def _unavailable(error: DBAPIError | PoolExhausted) -> Exception:
    origin = getattr(error, "orig", None)
    if isinstance(origin, pg.QueryCanceled):
        return Unavailable("took_too_long")
    if isinstance(origin, (pg.DeadlockDetected, pg.SerializationFailure)):
        return Conflict("changed_meanwhile")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return ConnectionLost("database_unavailable")
    if isinstance(error, PoolExhausted) or isinstance(origin, pg.OperationalError):
        return Unavailable("database_unavailable")
    return Fault(error)
