"""The trail of one thing, for a caller who may read it as its service found."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.trail import TrailRowView
from kernel.base import wire
from kernel.data.tables import trail, trail_seals
from kernel.work.call import Call


def trail_of(call: Call, subject_id: UUID, first: int) -> list[TrailRowView]:
    """The trail's rows of one thing, newest first; the caller has checked that they may be seen."""
    is_sealed = select(trail_seals.c.trail_id).where(trail_seals.c.trail_id == trail.c.id).exists()
    rows = (
        select(trail, is_sealed.label("is_sealed"))
        .where(trail.c.subject_id == subject_id)
        .order_by(trail.c.recorded_at.desc(), trail.c.id.desc())
        .limit(first)
    )
    return [_row(row) for row in call.session.execute(rows).mappings()]


_SAME = (
    *("id", "recorded_at", "occurred_at", "actor_kind", "person_id", "position_id", "action", "subject_id"),
    *("reason", "trace_id", "is_sealed", "on_behalf_of"),
)


def _row(row: Any) -> TrailRowView:
    return TrailRowView(
        **{name: row[name] for name in _SAME}, before=_json(row["before"]), after=_json(row["after"])
    )


def _json(state: Any) -> str | None:
    return None if state is None else wire.encode(state).decode()
