"""What is not as it should be: nonconformities, their correction, cause and corrective actions."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.audits.programmes import ClauseNumber
from contracts.base import ByIds, Command, DueDay, PageEnd, PageOf, Reason


class NonconformitySource(StrEnum):
    """Where a nonconformity came to light."""

    OVERDUE = "overdue"
    FINDING = "finding"
    MANUAL = "manual"


class Severity(StrEnum):
    """How grave a nonconformity is (Nhẹ, Nặng)."""

    MINOR = "minor"
    MAJOR = "major"


class NonconformityState(StrEnum):
    """Where a nonconformity stands on its way (TCVN ISO 9001:2015, 10.2)."""

    OPEN = "open"
    CORRECTED = "corrected"
    ACTION_UNDER_WAY = "action_under_way"
    CLOSED = "closed"


class ActionState(StrEnum):
    """Where a corrective action stands; verified means found effective by somebody else."""

    PLANNED = "planned"
    DONE = "done"
    VERIFIED = "verified"


@dataclass(kw_only=True)
class CorrectiveActionView:
    """A step against the cause of a nonconformity: who, until when, and whether it worked."""

    id: UUID
    description: str
    owner_id: UUID
    due_on: date
    state: ActionState
    done_by: UUID | None
    done_at: datetime | None
    done_note: str | None
    verified_by: UUID | None
    verified_at: datetime | None
    verification_note: str | None


@dataclass(kw_only=True)
class NonconformityView:
    """One entry of the register (sổ theo dõi công việc không phù hợp)."""

    id: UUID
    number: str
    agency_id: UUID
    origin_agency_id: UUID
    source: NonconformitySource
    severity: Severity
    state: NonconformityState
    description: str
    clause: str | None
    document_id: UUID | None
    finding_id: UUID | None
    occurrences: int
    needs_corrective_action: bool
    correction: str | None
    corrected_by: UUID | None
    corrected_at: datetime | None
    cause: str | None
    actions: list[CorrectiveActionView]
    raised_by: UUID | None
    raised_at: datetime
    closed_by: UUID | None
    closed_at: datetime | None
    version: int


@dataclass(kw_only=True)
class NonconformityPage(PageEnd):
    """A page of the register; `cursors[i]` belongs to `items[i]`."""

    items: list[NonconformityView]


@dataclass(kw_only=True)
class NonconformitiesByIds(ByIds[NonconformityView]):
    """Many nonconformities at once."""


@dataclass(kw_only=True)
class ListNonconformities(PageOf[NonconformityPage]):
    """The register of what the caller reaches, newest first."""

    agency_id: UUID | None = None
    state: NonconformityState | None = None


@dataclass(kw_only=True)
class RaiseNonconformity(Command[NonconformityView]):
    """Enter a nonconformity by hand."""

    agency_id: UUID
    severity: Severity
    description: Reason
    clause: ClauseNumber | None = None
    document_id: UUID | None = None


@dataclass(kw_only=True)
class RecordCorrection(Command[NonconformityView]):
    """Say what was done at once to put it right (correction, not yet the cause)."""

    nonconformity_id: UUID
    expected_version: int
    correction: Reason


@dataclass(kw_only=True)
class RecordCause(Command[NonconformityView]):
    """Say why it happened."""

    nonconformity_id: UUID
    expected_version: int
    cause: Reason


@dataclass(kw_only=True)
class PlanAction(Command[NonconformityView]):
    """Plan a corrective action against the cause."""

    nonconformity_id: UUID
    expected_version: int
    description: Reason
    owner_id: UUID
    due_on: DueDay


@dataclass(kw_only=True)
class CompleteAction(Command[NonconformityView]):
    """Report a corrective action as done."""

    nonconformity_id: UUID
    expected_version: int
    action_id: UUID
    note: Reason


@dataclass(kw_only=True)
class VerifyAction(Command[NonconformityView]):
    """Find an action effective, or send it back; never by the person who did it."""

    nonconformity_id: UUID
    expected_version: int
    action_id: UUID
    is_effective: bool
    note: Reason


@dataclass(kw_only=True)
class CloseNonconformity(Command[NonconformityView]):
    """Close it; refused while it is not corrected, or an action is open."""

    nonconformity_id: UUID
    expected_version: int
