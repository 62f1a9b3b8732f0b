"""The trail: one row for every change, inserted unchained here and chained by the sealer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.base import wire
from kernel.base.ids import NOBODY, new_id
from kernel.data.prepared import names_of, rows_of
from kernel.data.tables import trail
from kernel.trust.identity import Actor

_APPEND = text(f"""
  with given as (select * from {rows_of(trail)}),
       appended as (insert into trail ({names_of(trail)}) select {names_of(trail)} from given)
  insert into trail_pending (trail_id, recorded_at) select id, recorded_at from given
""")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a unit of work comes from: the actor, the action, and what joins it to its request."""

    actor: Actor
    action: str
    occurred_at: datetime
    trace_id: str | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What changed, as one row of the trail will say."""

    subject_type: str
    subject_id: UUID
    agency_id: UUID | None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str | None = None
    action: str | None = None


def difference(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The two states reduced to the keys that differ; a state that did not exist stays None."""
    if before is None or after is None:
        return (dict(before) if before else None), (dict(after) if after else None)
    changed = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in changed}, {key: after[key] for key in changed}


def append(session: Session, origin: Origin, recorded_at: datetime, entries: Sequence[Entry]) -> None:
    """Insert the rows and their place in the sealer's queue; one statement for any number."""
    if entries:
        rows = [_row(origin, recorded_at, entry) for entry in entries]
        session.execute(_APPEND, {"rows": wire.encode(rows).decode()})


def _row(origin: Origin, recorded_at: datetime, entry: Entry) -> dict[str, Any]:
    actor = origin.actor
    return {
        "id": new_id(),
        "recorded_at": recorded_at,
        "occurred_at": origin.occurred_at,
        "agency_id": entry.agency_id or actor.agency_id or NOBODY,
        "actor_kind": actor.kind,
        "person_id": actor.person_id,
        "position_id": actor.position_id,
        "on_behalf_of": actor.on_behalf_of,
        "action": entry.action or origin.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "reason": entry.reason,
        "before": wire.dump(entry.before),
        "after": wire.dump(entry.after),
        "trace_id": origin.trace_id,
        "request_id": origin.request_id,
        "cause": actor.cause,
    }
