"""What became of nonconformities and audits, counted for an agency."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    Question,
)
from contracts.succession import Attribution


@dataclass(kw_only=True)
class QualityFigures:
    """How an agency stands: what is open, and when it was last audited and reviewed."""

    agency_id: UUID
    open_nonconformities: int
    overdue_actions: int
    last_audit_on: date | None
    last_review_on: date | None


@dataclass(kw_only=True)
class QualityFiguresOf(Question[list[QualityFigures]]):
    """The figures of many agencies at once; without ids, of all the caller reaches.

    Where agencies ended: `as_now` under who keeps a thing today, `as_then` under whom it was entered for.
    """

    agency_ids: Annotated[list[UUID], Meta(max_length=500)] | None = None
    attribution: Attribution = Attribution.AS_NOW
