"""The trail as others may read it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(kw_only=True)
class TrailRowView:
    """One row of the trail: who did what, when, as which position and what it changed."""

    id: UUID
    recorded_at: datetime
    occurred_at: datetime
    person_id: UUID | None
    position_id: UUID | None
    action: str
    subject_id: UUID
    reason: str | None
    before: str | None
    after: str | None
    trace_id: str | None
    is_sealed: bool
