"""The management review: inputs frozen, decisions as tasks, the conclusion (TCVN ISO 9001:2015, 9.3)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    ByIds,
    Command,
    DueDay,
    Form,
    Name,
    PageEnd,
    PageOf,
    Prose,
    Reason,
    text,
)


class ReviewState(StrEnum):
    """Where a management review stands (9.3)."""

    PLANNED = "planned"
    INPUTS_FROZEN = "inputs_frozen"
    CONCLUDED = "concluded"


class TaskState(StrEnum):
    """A decision of a review is a task until it is done."""

    OPEN = "open"
    DONE = "done"


@dataclass(kw_only=True)
class ReviewInputView:
    """One input of clause 9.3.2 as it stood when the inputs were frozen; `facts` is JSON."""

    clause: str
    title: str
    title_en: str
    facts: str


@dataclass(kw_only=True)
class ReviewTaskView:
    """A decision (9.3.3) as a task with its owner and due date."""

    id: UUID
    decision: str
    owner_id: UUID
    due_on: date
    state: TaskState
    done_by: UUID | None
    done_at: datetime | None
    done_note: str | None


@dataclass(kw_only=True)
class ReviewView:
    """A management review (xem xét của lãnh đạo)."""

    id: UUID
    agency_id: UUID
    origin_agency_id: UUID
    title: str
    period_from: date
    period_to: date
    held_on: date
    state: ReviewState
    inputs: list[ReviewInputView]
    inputs_frozen_at: datetime | None
    tasks: list[ReviewTaskView]
    conclusion: str | None
    is_effective: bool | None
    concluded_by: UUID | None
    concluded_at: datetime | None
    version: int


@dataclass(kw_only=True)
class ReviewPage(PageEnd):
    """A page of management reviews; `cursors[i]` belongs to `items[i]`."""

    items: list[ReviewView]


@dataclass(kw_only=True)
class ReviewsByIds(ByIds[ReviewView]):
    """Many management reviews at once."""


@dataclass(kw_only=True)
class ListReviews(PageOf[ReviewPage]):
    """Management reviews of agencies the caller reaches, latest first."""

    agency_id: UUID | None = None


@dataclass(kw_only=True)
class PlanReview(Command[ReviewView]):
    """Plan the management review of a period (9.3.1)."""

    agency_id: UUID
    title: Name
    period_from: date
    period_to: date
    held_on: DueDay


@dataclass(kw_only=True)
class InputNote:
    """What a person says about an input that no figure of the platform covers."""

    clause: Annotated[str, text(Form.CODE, 1, 20)]
    text: Reason


@dataclass(kw_only=True)
class FreezeInputs(Command[ReviewView]):
    """Assemble the inputs of clause 9.3.2 from live figures and keep them as they are now."""

    review_id: UUID
    expected_version: int
    notes: Annotated[list[InputNote], Meta(max_length=30)] = field(default_factory=list)


@dataclass(kw_only=True)
class RecordDecision(Command[ReviewView]):
    """Record a decision as a task (9.3.3)."""

    review_id: UUID
    expected_version: int
    decision: Reason
    owner_id: UUID
    due_on: DueDay


@dataclass(kw_only=True)
class CompleteTask(Command[ReviewView]):
    """Report a task of a review as done; by its owner."""

    review_id: UUID
    expected_version: int
    task_id: UUID
    note: Reason


@dataclass(kw_only=True)
class ConcludeReview(Command[ReviewView]):
    """Conclude the review and say whether the system is effective (xác nhận hiệu lực); by the head."""

    review_id: UUID
    expected_version: int
    conclusion: Prose
    is_effective: bool
