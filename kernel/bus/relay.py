"""The relay: gives committed events their gapless sequence, publishes them with confirms, and marks them.

An identity column does not do: a reader that has seen 9002 would never see the slower transaction that
took 9001 and commits later. So the sequence is given here, by one relay at a time, to committed rows.
Dying between publish and mark repeats a message with the same id and sequence; the inbox knows it.
"""

import logging
from collections import Counter
from time import monotonic
from typing import Any

import psycopg
from psycopg.rows import dict_row

from kernel.base import clock, wire
from kernel.bus.publisher import Outgoing, Publisher
from kernel.data.lock import held
from kernel.data.tables import outbox
from kernel.life import metrics, traces
from kernel.life.crash import crash_point
from kernel.work import outbox as event_log
from kernel.work.context import ProcessContext

log = logging.getLogger(__name__)

BATCH = 500
IDLE_SECONDS = 1.0
UNROUTED_SECONDS = 5.0
TURN_SECONDS = 60.0
"""For one statement about a whole batch; a database silent for longer counts as lost."""


class Relay:
    """One service's relay; others of the same service stand by until its lock is free."""

    def __init__(self, means: ProcessContext) -> None:
        self.means = means
        self.publisher: Publisher | None = None
        self.unrouted: dict[int, float] = {}
        self.is_behind = False

    def run(self, stopping: Any) -> None:
        """Relay until a signal to stop; raises when database or broker fail, and is started again."""
        try:
            with held(self.means.database, "relay") as connection:
                if connection is None:
                    stopping.wait(IDLE_SECONDS)
                    return
                connection.patience = TURN_SECONDS
                connection.execute(f"listen {event_log.WAKE}")
                while not stopping.is_set():
                    with metrics.turn("relay"):
                        self.turn(connection)
                    # A transaction that committed since the turn began has notified: the rest ends at once.
                    if not self.is_behind:
                        _rest(connection)
        finally:
            self._drop_publisher()

    def turn(self, connection: "psycopg.Connection[Any]") -> int:
        """Sequence and publish what waits; how many events were published.

        On the lock's own connection, in autocommit: when that is gone, so is the right to relay. An event
        on its own costs three round trips: numbered and read, published, marked.
        """
        rows = self._numbered(connection)
        self.is_behind = len(rows) >= BATCH
        if not rows:
            return 0
        crash_point("relay.before_publish")
        reached = self._publish(rows)
        crash_point("relay.before_mark")
        _mark(connection, [rows[i] for i in reached])
        self._put_off([row for i, row in enumerate(rows) if i not in reached])
        return len(reached)

    def _numbered(self, connection: "psycopg.Connection[Any]") -> list[dict[str, Any]]:
        """The oldest events without a number, which they are given, and those that were left waiting."""
        self.unrouted = {place: until for place, until in self.unrouted.items() if until > monotonic()}
        asked = {"batch": BATCH, "unrouted": list(self.unrouted)}
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(_NUMBER_AND_READ, asked).fetchall()

    def _publish(self, rows: list[Any]) -> list[int]:
        if self.publisher is None:
            self.publisher = Publisher(self.means.settings.amqp_uri)
        spans = [_span(row) for row in rows] if traces.are_on() else []
        above = [span.traceparent for span in spans] or [None] * len(rows)
        try:
            reached = self.publisher.publish(
                [self._outgoing(*each) for each in zip(rows, above, strict=True)]
            )
        finally:
            for span in spans:
                span.end()
        for topic, count in Counter(rows[i]["topic"] for i in reached).items():
            metrics.RELAYED.labels(topic, "published").inc(count)
        return sorted(reached)

    def _outgoing(self, row: Any, traceparent: str | None) -> Outgoing:
        return Outgoing(
            exchange=f"{self.means.service}.events",
            routing_key=row["topic"],
            body=wire.encode(event_log.message(row)),
            message_id=str(row["message_id"]),
            headers={wire.TRACE: traceparent} if traceparent else {},
        )

    def _put_off(self, rows: list[Any]) -> None:
        """An event that no queue wants waits in the log, without holding up those behind it."""
        if not rows:
            return
        for row in rows:
            self.unrouted[row["sequence"]] = monotonic() + UNROUTED_SECONDS
        topics = Counter(row["topic"] for row in rows)
        for topic, count in topics.items():
            metrics.RELAYED.labels(topic, "not_routed").inc(count)
        log.warning("%d events reached no queue and wait: %s", len(rows), ", ".join(sorted(topics)))

    def _drop_publisher(self) -> None:
        if self.publisher is not None:
            self.publisher.close()
            self.publisher = None


def _span(row: Any) -> traces.Span:
    """From here to the broker's confirm; below the moment the event was written to the log."""
    parent = traces.after_waiting("event", row["message_id"], row["trace_id"])
    return traces.span(f"{row['topic']} publish", traces.Kind.PRODUCER, parent=parent)


_COLUMNS = ", ".join(column.name for column in outbox.columns)
_NUMBER_AND_READ = f"""
  with batch as (
    select recorded_at, message_id,
           row_number() over (order by recorded_at, message_id) as place
      from (select recorded_at, message_id from outbox where sequence is null
             order by recorded_at, message_id limit %(batch)s) as oldest
  ), head as (
    select sequence from outbox_head where exists (select from batch) for update
  ), numbered as (
    update outbox o set sequence = head.sequence + batch.place
      from batch, head where o.recorded_at = batch.recorded_at and o.message_id = batch.message_id
    returning {", ".join(f"o.{column.name}" for column in outbox.columns)}
  ), moved as (
    update outbox_head set sequence = (select max(sequence) from numbered) where exists (select from numbered)
  )
  select {_COLUMNS} from numbered
  union all
  (select {_COLUMNS} from outbox
    where published_at is null and sequence is not null and sequence <> all(%(unrouted)s::bigint[])
    order by sequence limit %(batch)s)
  order by sequence
"""


def _mark(connection: "psycopg.Connection[Any]", rows: list[dict[str, Any]]) -> None:
    """What the broker has; the oldest moment spares the partitions of the months before."""
    if rows:
        connection.execute(
            "update outbox set published_at = %s where sequence = any(%s) and recorded_at >= %s",
            (clock.now(), [row["sequence"] for row in rows], min(row["recorded_at"] for row in rows)),
        )


def _rest(connection: "psycopg.Connection[Any]") -> None:
    """Until something is written, or a second has passed: a notification is only a hint."""
    for _ in connection.notifies(timeout=IDLE_SECONDS, stop_after=1):
        pass
