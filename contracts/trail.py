"""The trail as others may read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

TrailLength = Annotated[int, Meta(ge=1, le=200)]
"""How many rows of a trail are asked for at once."""


@dataclass(kw_only=True)
class TrailRowView:
    """One row of the trail: who did what, when, as which position, on whose behalf and what it changed.

    `actor_kind` is person, client (a program of a portal), system or public; `person_id` is whose id it is.
    """

    id: UUID
    recorded_at: datetime
    occurred_at: datetime
    actor_kind: str
    person_id: UUID | None
    position_id: UUID | None
    action: str
    subject_id: UUID
    reason: str | None
    before: str | None
    after: str | None
    trace_id: str | None
    is_sealed: bool
    on_behalf_of: UUID | None = None
