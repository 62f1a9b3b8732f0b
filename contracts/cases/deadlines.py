"""How the due time of a dossier came about, and for which reasons its clocks may be held."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.base import Question


@dataclass(kw_only=True)
class ExplainedSegment:
    """One stretch between receipt and due time. `counted_seconds` is what it takes off the allowed time."""

    start: datetime
    end: datetime | None
    kind: str
    counted_seconds: int
    vi: str
    en: str
    notice: str | None


@dataclass(kw_only=True)
class WarningView:
    """Something to know that stops nothing."""

    code: str
    vi: str
    en: str


@dataclass(kw_only=True)
class DeadlineExplanationView:
    """How the due time came about; counted and remaining seconds add up to the allowed ones exactly."""

    dossier_id: UUID
    received_at: datetime
    counts_from: datetime
    due_at: datetime | None
    allowed_seconds: int
    counted_seconds: int
    remaining_seconds: int
    is_working_time: bool
    is_given_by_source: bool
    calendar_name: str
    calendar_version: int
    rule_basis: str
    segments: list[ExplainedSegment]
    warnings: list[WarningView]


@dataclass(kw_only=True)
class PauseReasonView:
    """A reason for which a dossier may be paused, and where that is laid down."""

    code: str
    vi: str
    en: str
    basis: str


@dataclass(kw_only=True)
class DeadlineExplanation(Question[DeadlineExplanationView]):
    """How a dossier's due time came about."""

    dossier_id: UUID


@dataclass(kw_only=True)
class PauseReasons(Question[list[PauseReasonView]]):
    """The closed list of reasons for a pause on a date (default: the business date)."""

    on: date | None = None
