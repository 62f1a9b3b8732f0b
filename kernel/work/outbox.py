"""The event log of a service: what a transaction made true, written in that very transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from contracts.base import Event, EventLog, EventsAfter
from kernel.base import wire
from kernel.base.ids import new_id
from kernel.data.prepared import names_of, rows_of
from kernel.data.tables import outbox, outbox_head
from kernel.life import traces
from kernel.trust.trail import Origin

WAKE = "outbox"
# The notification is only a hint: a lost one is normal, and the relay looks by itself every second.
_APPEND = text(f"""
  with appended as (insert into outbox ({names_of(outbox)}) select {names_of(outbox)} from {rows_of(outbox)})
  select pg_notify('{WAKE}', '')
""")


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """An event with the aggregate that it is about, at the version that results."""

    aggregate_id: UUID
    version: int
    event: Event


def append(session: Session, origin: Origin, recorded_at: datetime, new: Sequence[NewEvent]) -> None:
    """Write events to the log of the transaction that makes them true, and wake the relay on commit."""
    if not new:
        return
    rows = [_row(origin, recorded_at, each) for each in new]
    session.execute(_APPEND, {"rows": wire.encode(rows).decode()})
    for row in rows:
        traces.waits("event", row["message_id"], f"{row['topic']} create")


def _row(origin: Origin, recorded_at: datetime, new: NewEvent) -> dict[str, Any]:
    actor = origin.actor
    return {
        "message_id": new_id(),
        "recorded_at": recorded_at,
        "topic": new.event.topic,
        "aggregate_id": new.aggregate_id,
        "version": new.version,
        "event": wire.dump(new.event),
        "occurred_at": origin.occurred_at,
        "person_id": actor.person_id,
        "position_id": actor.position_id,
        "trace_id": origin.trace_id,
        "cause_id": UUID(actor.cause) if actor.cause and len(actor.cause) == 36 else None,
    }


def message(row: RowMapping | Mapping[str, Any]) -> dict[str, Any]:
    """A row of the log as it stands on the bus: `{"envelope": …, "event": …}`."""
    envelope = {k: v for k, v in row.items() if k not in ("event", "published_at") and v is not None}
    return {"envelope": wire.dump(envelope), "event": row["event"]}


def events_after(session: Session, question: EventsAfter) -> EventLog:
    """A stretch of the log in sequence order; `read_to` is where the next stretch begins."""
    head = session.scalar(select(outbox_head.c.sequence)) or 0
    stretch = (
        select(outbox)
        .where(outbox.c.sequence > question.sequence, outbox.c.sequence <= head)
        .order_by(outbox.c.sequence)
        .limit(question.limit)
    )
    rows = session.execute(stretch).mappings().all()
    wanted = [message(row) for row in rows if row["topic"] in question.topics]
    read_to = rows[-1]["sequence"] if rows else head
    return EventLog(messages=wanted, read_to=read_to, head=head)
