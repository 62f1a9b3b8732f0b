"""A service's copies of others' facts, built anew from the event logs and laid beside what is kept."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from sqlalchemy.orm import Session

from kernel.bus.incoming import parse_event
from kernel.bus.logs import Logs, by_source
from kernel.data.differences import Difference
from kernel.trust.identity import Actor
from kernel.upkeep.acting import acting
from kernel.upkeep.tables import BUILT, LIVE, Key, Row, Twins
from kernel.work.call import Reaction
from kernel.work.context import ProcessContext
from kernel.work.unit_of_work import Work

AGAIN_SECONDS = 0.5


Handler = Callable[[Reaction, Any], None]


def projecting(service: Any) -> set[str]:
    """The reactions that keep a projection and do nothing else."""
    return {name for each in service.projections for name in each.reactions}


def handlers_of(service: Any) -> dict[str, list[Handler]]:
    """Topic → what projects it: pure reactions, and projections of the service's own facts."""
    pure = projecting(service)
    found: dict[str, list[Handler]] = defaultdict(list)
    for topic, reactions in service.heard().items():
        found[topic] += [each.handler for each in reactions if each.name in pure]
    for projection in service.projections:
        for event, handler in projection.own.items():
            found[event.topic].append(handler)
    return {topic: handlers for topic, handlers in found.items() if handlers}


class Rebuild:
    """One building anew of all projections of a service."""

    def __init__(self, means: ProcessContext, service: Any, twins: Twins, logs: Logs) -> None:
        self.means, self.service, self.twins, self.logs = means, service, twins, logs
        self.handlers = handlers_of(service)
        # Its transactions are the connection's own: the temporary tables are seen on no other.
        self.session = Session(twins.connection, join_transaction_mode="control_fully")
        self.read_to: dict[str, int] = {}
        self.events = 0

    def read_on(self) -> None:
        """Build on with what the logs hold by now."""
        for source, topics in by_source(self.handlers).items():
            for stretch in self.logs.after(source, self.read_to.get(source, 0), topics):
                for message in stretch.messages:
                    self._take(message)
                # Locks that a projection takes for itself must not be held up by the whole log.
                self.session.commit()
                self.read_to[source] = stretch.read_to

    def lasting(self, patience: float) -> list[Difference]:
        """Differences that stay: what is only on its way is there after a moment."""
        limit = time.monotonic() + patience
        self.read_on()
        while found := list(self.twins.differences()):
            if time.monotonic() > limit:
                return found
            time.sleep(AGAIN_SECONDS)
            self.twins.connection.rollback()
            self.read_on()
        return []

    def _take(self, message: Any) -> None:
        topic = message["envelope"]["topic"]
        envelope, event = parse_event(message, topic)
        actor = Actor.system(str(envelope.message_id))
        self.events += 1
        origin = self.means.origin(actor, "rebuild", occurred_at=envelope.occurred_at, trace_id=None)
        for handler in self.handlers[topic]:
            self.session.info["work"] = Work(origin)
            call = self.means.call(
                Reaction, session=self.session, actor=actor, action="rebuild", envelope=envelope
            )
            handler(call, event)
            self.session.flush()


@contextmanager
def rebuilding(means: ProcessContext, service: Any) -> Iterator[Rebuild]:
    """The second build, empty at first; it goes with the block."""
    tables = [table for each in service.projections for table in each.tables]
    with means.database.engine.connect() as connection, Logs(means) as logs:
        yield Rebuild(means, service, Twins(connection, list(dict.fromkeys(tables))), logs)
        connection.invalidate()  # its temporary tables must not hide the living ones from its next user


def compare(means: ProcessContext, service: Any, patience: float) -> tuple[int, list[Difference]]:
    """How many events were read, and where the projections are not what these say."""
    if not service.projections:
        return 0, []
    with rebuilding(means, service) as rebuild:
        found = rebuild.lasting(patience)
        return rebuild.events, found


def mend(means: ProcessContext, service: Any, patience: float, who: str, reason: str | None) -> int:
    """Put right what differs for longer than a moment; how many rows. The trail has a row for each table."""
    if not service.projections:
        return 0
    with rebuilding(means, service) as rebuild:
        differing = rebuild.lasting(patience)
        if not differing:
            return 0
        seen = {table: _seen(rebuild.twins, table) for table in rebuild.twins.tables}
        rebuild.twins.connection.rollback()
        mended = rebuild.twins.mend(seen)
        rebuild.twins.connection.commit()
    note(means, "rebuild_projections", who, reason, {"rows": mended, "tables": _counted(differing)})
    return mended


def note(means: ProcessContext, action: str, who: str, reason: str | None, facts: dict[str, Any]) -> None:
    """A row in the service's trail that an operator had it do something."""
    with acting(means, who, action) as call:
        call.leave_trail(
            subject_type="Service",
            subject_id=service_id(means.service),
            agency_id=None,
            after=facts,
            reason=reason,
        )


def service_id(service: str) -> UUID:
    """Under what the trail speaks of a whole service."""
    return uuid5(NAMESPACE_DNS, f"{service}.eiso")


def _seen(twins: Twins, table: str) -> dict[Key, Row | None]:
    built, live = twins.only(table, BUILT), twins.only(table, LIVE)
    return {key: live.get(key) for key in built.keys() | live.keys()}


def _counted(differing: list[Difference]) -> dict[str, int]:
    tables = [each.where for each in differing]
    return {table: tables.count(table) for table in dict.fromkeys(tables)}
