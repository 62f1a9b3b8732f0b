"""The relay: gives committed events their gapless sequence, publishes them with confirms, and marks them.

An identity column does not do: a reader that has seen 9002 would never see the slower transaction that
took 9001 and commits later. So the sequence is given here, by one relay at a time, to committed rows.
Dying between publish and mark repeats a message with the same id and sequence; the inbox knows it.
"""

import logging
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from kernel import clock, wire
from kernel.bus.publisher import Outgoing, Publisher
from kernel.data import outbox as event_log
from kernel.data.lock import held
from kernel.data.tables import outbox, outbox_head
from kernel.life import metrics
from kernel.life.crash import crash_point
from kernel.means import Means

log = logging.getLogger(__name__)

BATCH = 500
IDLE_SECONDS = 1.0
UNROUTED_SECONDS = 5.0


class Relay:
    """One service's relay; others of the same service stand by until its lock is free."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.publisher: Publisher | None = None
        self.unrouted: dict[int, float] = {}

    def run(self, stopping: Any) -> None:
        """Relay until told to stop; raises when database or broker fail, and is started again."""
        try:
            with held(self.means.database, "relay") as connection:
                if connection is None:
                    stopping.wait(IDLE_SECONDS)
                    return
                connection.execute(f"listen {event_log.WAKE}")
                while not stopping.is_set():
                    if not self.turn():
                        _rest(connection)
        finally:
            self._drop_publisher()

    def turn(self) -> int:
        """Sequence and publish one batch; how many events were published."""
        self._sequence()
        rows = self._waiting()
        if not rows:
            return 0
        crash_point("relay.before_publish")
        reached = self._publish(rows)
        crash_point("relay.before_mark")
        self._mark([rows[i] for i in reached])
        self._put_off([row for i, row in enumerate(rows) if i not in reached])
        return len(reached)

    def _sequence(self) -> None:
        with self._session() as session:
            head = session.execute(select(outbox_head.c.sequence).with_for_update()).scalar_one()
            numbered = session.execute(_NUMBER, {"head": head, "batch": BATCH}).scalar_one()
            if numbered:
                session.execute(update(outbox_head).values(sequence=head + numbered))
            session.commit()

    def _waiting(self) -> list[Any]:
        self.unrouted = {place: until for place, until in self.unrouted.items() if until > monotonic()}
        waiting = (
            select(outbox)
            .where(outbox.c.published_at.is_(None), outbox.c.sequence.is_not(None))
            .where(outbox.c.sequence.not_in(list(self.unrouted)))
            .order_by(outbox.c.sequence)
            .limit(BATCH)
        )
        with self._session() as session:
            rows = session.execute(waiting).mappings().all()
        metrics.OUTBOX_WAITING.set(len(rows))
        return list(rows)

    def _publish(self, rows: list[Any]) -> list[int]:
        if self.publisher is None:
            self.publisher = Publisher(self.means.settings.amqp_uri)
        reached = self.publisher.publish([self._outgoing(row) for row in rows])
        metrics.RELAYED.labels("published").inc(len(reached))
        return sorted(reached)

    def _outgoing(self, row: Any) -> Outgoing:
        return Outgoing(
            exchange=f"{self.means.service}.events",
            routing_key=row["topic"],
            body=wire.encode(event_log.message(row)),
            message_id=str(row["message_id"]),
        )

    def _mark(self, rows: list[Any]) -> None:
        if not rows:
            return
        mine = outbox.c.sequence.in_([row["sequence"] for row in rows])
        since = min(row["recorded_at"] for row in rows)
        with self._session() as session:
            marked = update(outbox).where(mine, outbox.c.recorded_at >= since)
            session.execute(marked.values(published_at=clock.now()))
            session.commit()

    def _put_off(self, rows: list[Any]) -> None:
        """An event that no queue wants waits in the log, without holding up those behind it."""
        if not rows:
            return
        for row in rows:
            self.unrouted[row["sequence"]] = monotonic() + UNROUTED_SECONDS
        metrics.RELAYED.labels("not_routed").inc(len(rows))
        topics = sorted({row["topic"] for row in rows})
        log.warning("%d events reached no queue and wait: %s", len(rows), ", ".join(topics))

    def _session(self) -> Session:
        return self.means.database.sessions()

    def _drop_publisher(self) -> None:
        if self.publisher is not None:
            self.publisher.close()
            self.publisher = None


_NUMBER = text("""
  with batch as (
    select recorded_at, message_id,
           row_number() over (order by recorded_at, message_id) as place
      from (select recorded_at, message_id from outbox where sequence is null
             order by recorded_at, message_id limit :batch) as oldest
  ), numbered as (
    update outbox o set sequence = :head + b.place
      from batch b where o.recorded_at = b.recorded_at and o.message_id = b.message_id
    returning 1
  )
  select count(*) from numbered
""")


def _rest(connection: "psycopg.Connection[Any]") -> None:
    """Until something is written, or a second has passed: a notification is only a hint."""
    for _ in connection.notifies(timeout=IDLE_SECONDS, stop_after=1):
        break
