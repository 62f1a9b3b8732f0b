"""What waits for somebody: the same shape from every service, so that one page can show all of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Question


class DutyKind(StrEnum):
    """What is to be done. `receipt` is a step handed over to the agency that nobody has taken up."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVAL = "approval"
    ISSUE = "issue"
    RECEIPT = "receipt"
    STEP = "step"
    CORRECTION = "correction"
    CAUSE = "cause"
    ACTION = "action"
    VERIFICATION = "verification"
    TASK = "task"
    AUDIT = "audit"
    REPORT = "report"


class DutySubject(StrEnum):
    """The kind of thing that the duty is about."""

    DOCUMENT = "document"
    DOSSIER = "dossier"
    NONCONFORMITY = "nonconformity"
    AUDIT = "audit"
    REVIEW = "review"


@dataclass(kw_only=True)
class DutyView:
    """One thing to be done; `minutes_left` of office hours, negative when late, null without a due time.

    `is_own`: it is this person's by name; else any holder of the role may do it.
    """

    kind: DutyKind
    subject: DutySubject
    subject_id: UUID
    part_id: UUID | None
    code: str
    title: str
    agency_id: UUID
    since: datetime | None
    due_at: datetime | None
    minutes_left: int | None
    is_own: bool


@dataclass(kw_only=True)
class DutyCount:
    """How many duties of a kind there are, whatever number was asked for, and how many of them are late."""

    kind: DutyKind
    count: int
    late: int


@dataclass(kw_only=True)
class DutyList:
    """What waits, the most urgent first, with the counts of all."""

    items: list[DutyView]
    counts: list[DutyCount]


@dataclass(frozen=True, kw_only=True)
class HandedThing:
    """One thing that passed to the successor, as its service says."""

    kind: DutyKind
    subject: DutySubject
    subject_id: UUID
    code: str
    title: str


@dataclass(kw_only=True)
class DutiesAsked(Question[DutyList]):
    """What waits for the caller, the most urgent first; or, of another position, what is its holder's own.

    Another's are shown to the leaders of the agency that a thing belongs to. `first` of each kind.
    """

    first: Annotated[int, Meta(ge=1, le=200)] = 50
    position_id: UUID | None = None
    person_id: UUID | None = None
