"""Whether every committed event is where it should be: delivered, waiting, parked, or let go of by a person.

Read in the databases as the read-only operator, so that it can be asked while services are down.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, and_, create_engine, func, select

from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from kernel.base import clock
from kernel.data.differences import Difference
from kernel.data.tables import inbox, outbox, outbox_head, trail
from ops import parked_messages, queues

# Claims are kept for 90 days; of an older event the inbox need not know anything.
KNOWN_DAYS = 85
STUCK = timedelta(seconds=60)
AGAIN_SECONDS = 1.0
BATCH = 5000


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An event as its owner's log has it."""

    source: str
    sequence: int
    message_id: UUID
    topic: str
    recorded_at: datetime


@dataclass(kw_only=True)
class Count:
    """Events of one service: how many there are and where they are, reaction by reaction."""

    committed: int = 0
    unpublished: int = 0
    delivered: int = 0
    waiting: int = 0
    parked: int = 0
    dropped: int = 0
    missing: int = 0


@dataclass(kw_only=True)
class Deliveries:
    """What was found, per source, and every event that is nowhere."""

    counts: dict[str, Count] = field(default_factory=lambda: {name: Count() for name in SERVICES})
    differences: list[Difference] = field(default_factory=list)


def check(platform: Platform, patience: float) -> Deliveries:
    """All logs against all inboxes; what is on its way is given `patience` seconds to arrive."""
    found = Deliveries()
    engines = {name: create_engine(platform.ops_url(name)) for name in SERVICES}
    try:
        absent: dict[str, dict[UUID, Sent]] = defaultdict(dict)
        for source in SERVICES:
            found.differences += _log_of(engines[source], source, found.counts[source])
            for queue, events in _absent(engines, source, found.counts[source]).items():
                absent[queue].update(events)
        _wait(engines, absent, found, patience)
        for queue, events in absent.items():
            if events:
                _account_for(platform, engines, queue, events, found)
    finally:
        for engine in engines.values():
            engine.dispose()
    return found


def _log_of(engine: Engine, source: str, count: Count) -> Iterator[Difference]:
    """The log itself: no gap in its sequence, nothing that waits for its relay too long."""
    log = outbox.c
    late = and_(log.published_at.is_(None), log.recorded_at < clock.now() - STUCK)
    asked = select(
        func.count(),
        func.count(log.sequence),
        func.count(log.sequence.distinct()),
        func.coalesce(func.max(log.sequence), 0),
        func.count().filter(log.published_at.is_(None)),
        func.count().filter(late),
        func.min(log.recorded_at).filter(late),
    )
    with engine.connect() as connection:
        head = connection.scalar(select(outbox_head.c.sequence)) or 0
        every, numbered, distinct, highest, unpublished, stuck, since = connection.execute(asked).one()
    count.committed, count.unpublished = every, unpublished
    if (numbered, distinct) != (highest, highest) or highest < head:
        facts = {"numbered": distinct, "head": max(head, highest)}
        yield Difference(code="reconcile_log_gap", where=source, key="outbox", facts=facts)
    if stuck:
        facts = {"count": stuck, "since": since.isoformat()}
        yield Difference(code="reconcile_unpublished", where=source, key="outbox", facts=facts)


def _absent(engines: Mapping[str, Engine], source: str, count: Count) -> dict[str, dict[UUID, Sent]]:
    """Queue → published events of the source that its reaction's inbox does not know."""
    readers = queues.readers()
    absent: dict[str, dict[UUID, Sent]] = defaultdict(dict)
    for batch in _events(engines[source], source):
        by_topic: dict[str, dict[UUID, Sent]] = defaultdict(dict)
        for each in batch:
            by_topic[each.topic][each.message_id] = each
        for topic, events in by_topic.items():
            for service, reaction in readers.get(topic, ()):
                unseen = _unseen(engines[service], reaction, list(events))
                count.delivered += len(events) - len(unseen)
                absent[f"sub-{service}.{reaction}"].update({id_: events[id_] for id_ in unseen})
    return absent


def _events(engine: Engine, source: str) -> Iterator[list[Sent]]:
    log = outbox.c
    since = clock.now() - timedelta(days=KNOWN_DAYS)
    published = (
        select(log.sequence, log.message_id, log.topic, log.recorded_at)
        .where(log.published_at.is_not(None), log.recorded_at > since)
        .order_by(log.sequence)
    )
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=BATCH).execute(published)
        for part in rows.mappings().partitions(BATCH):
            yield [Sent(source=source, **row) for row in part]


def _unseen(engine: Engine, reaction: str, ids: list[UUID]) -> set[UUID]:
    seen = select(inbox.c.message_id).where(inbox.c.consumer == reaction, inbox.c.message_id == func.any(ids))
    with engine.connect() as connection:
        return set(ids) - set(connection.scalars(seen))


def _wait(
    engines: Mapping[str, Engine], absent: dict[str, dict[UUID, Sent]], found: Deliveries, patience: float
) -> None:
    """What is being handled at this moment is there in the next."""
    limit = time.monotonic() + patience
    while any(absent.values()) and time.monotonic() < limit:
        time.sleep(AGAIN_SECONDS)
        for queue, events in absent.items():
            service, _, reaction = queue.removeprefix("sub-").partition(".")
            for id_ in set(events) - _unseen(engines[service], reaction, list(events)):
                found.counts[events.pop(id_).source].delivered += 1


def _account_for(
    platform: Platform,
    engines: Mapping[str, Engine],
    queue: str,
    events: dict[UUID, Sent],
    found: Deliveries,
) -> None:
    """Parked, let go of, waiting, or nowhere: then each is named."""
    service = queue.removeprefix("sub-").partition(".")[0]
    parked = {
        parked.id for each in parked_messages.look(platform, 1_000_000, queue) for parked, _, _ in each.read
    }
    dropped = _dropped(engines[service], queue, list(events))
    for id_, event in list(events.items()):
        if str(id_) in parked:
            found.counts[event.source].parked += 1
            del events[id_]
        elif id_ in dropped:
            found.counts[event.source].dropped += 1
            del events[id_]
    waiting = queues.waiting(platform, queue)
    # The queue is not read, since that would put its messages into another order; the newest may be in it.
    ordered = sorted(events.values(), key=lambda each: each.recorded_at)
    nowhere = ordered[: max(0, len(ordered) - waiting)]
    for event in ordered[len(nowhere) :]:
        found.counts[event.source].waiting += 1
    for event in nowhere:
        found.counts[event.source].missing += 1
        found.differences.append(_missing(queue, event))


def _missing(queue: str, event: Sent) -> Difference:
    facts: dict[str, Any] = {"topic": event.topic, "source": event.source, "sequence": event.sequence}
    key = f"message_id={event.message_id}"
    return Difference(code="reconcile_event_missing", where=queue, key=key, facts=facts)


def _dropped(engine: Engine, queue: str, ids: list[UUID]) -> set[UUID]:
    """The ids that an operator let go of, as the trail says."""
    row = trail.c
    about = and_(row.subject_type == "ParkedMessage", row.action.like("%:drop_parked"))
    mine = row.before["queue"].astext == queue
    asked = select(row.subject_id).where(about, mine, row.subject_id == func.any(ids))
    with engine.connect() as connection:
        return set(connection.scalars(asked))
