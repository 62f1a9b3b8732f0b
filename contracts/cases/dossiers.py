"""Work under the procedure in force: dossiers, their steps and what is done to them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import ByIds, Code, Command, Form, PageEnd, PageOf, Prose, Question, Reason, text
from contracts.documents.procedures import TthcCode
from contracts.trail import TrailLength, TrailRowView

Moment = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset from UTC: without one it could mean another hour."""
DossierNumber = Annotated[str, text(Form.NUMBER, 1, 60)]


class DossierKind(StrEnum):
    """Whether a citizen's right stands behind it (thủ tục hành chính) or only the office's own order."""

    TTHC = "tthc"
    INTERNAL = "internal"


class DossierStatus(StrEnum):
    """Where a dossier stands; overdue is no status but a question of the time."""

    PROCESSING = "processing"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"


class StepStatus(StrEnum):
    """Where a step stands; `handed_over` until someone of its agency acknowledges."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class Outcome(StrEnum):
    """How a finished dossier stood to its due time (trước hạn, đúng hạn, quá hạn)."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


class Scope(StrEnum):
    """What a clock measures."""

    DOSSIER = "dossier"
    STEP = "step"


@dataclass(kw_only=True)
class DossierStepView:
    """One step as copied from the procedure, and what became of it.

    Steps of one `clock_seq` share one duration and one due time.
    """

    seq: int
    number: str
    content: str
    responsible: str
    block: str | None
    agency_id: UUID
    status: StepStatus
    clock_seq: int | None
    due_at: datetime | None
    is_overdue: bool
    returns_to: str | None
    handed_over_at: datetime | None
    acknowledged_at: datetime | None
    officer_id: UUID | None
    position_id: UUID | None
    done_at: datetime | None


@dataclass(kw_only=True)
class PauseView:
    """A time that does not count, and why."""

    reason: str
    note: str | None
    paused_at: datetime
    resumed_at: datetime | None


@dataclass(kw_only=True)
class DossierView:
    """A dossier; `version` goes into commands as `expected_version`.

    `due_at` is empty while a pause holds the clock. `applicant_name` is shown only to those who work on it.
    `received_agency_id`: the agency at reception, where `agency_id` took over from it since.
    `brought_by_id`, `brought_by_client_id`: the person or the portal's program that entered it there.
    """

    id: UUID
    version: int
    number: str
    kind: DossierKind
    status: DossierStatus
    agency_id: UUID
    received_agency_id: UUID
    competent_agency_id: UUID
    supporting_agency_ids: list[UUID]
    coordinating_agency_ids: list[UUID]
    document_id: UUID
    revision_id: UUID
    revision_number: int
    document_code: str
    title: str
    tthc_code: str | None
    applicant_name: str | None
    received_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome | None
    is_overdue: bool
    step_seq: int | None
    holder_agency_id: UUID | None
    officer_id: UUID | None
    holder_position_id: UUID | None
    steps: list[DossierStepView]
    pauses: list[PauseView]
    is_synced: bool
    calendar_version: int
    unconfirmed_years: list[int]
    brought_by_id: UUID | None = None
    brought_by_client_id: UUID | None = None


@dataclass(kw_only=True)
class DossierPage(PageEnd):
    """A page of dossiers; `cursors[i]` belongs to `items[i]`."""

    items: list[DossierView]


@dataclass(kw_only=True)
class DossiersByIds(ByIds[DossierView]):
    """Many dossiers at once."""


@dataclass(kw_only=True)
class ListDossiers(PageOf[DossierPage]):
    """Dossiers of the agencies one reaches, newest first; with `overdue_only` the longest overdue first."""

    agency_id: UUID | None = None
    status: DossierStatus | None = None
    document_id: UUID | None = None
    overdue_only: bool = False


@dataclass(kw_only=True)
class TrailOf(Question[list[TrailRowView]]):
    """The trail of one dossier, newest first."""

    dossier_id: UUID
    first: TrailLength = 100


@dataclass(kw_only=True)
class BlockAgency:
    """Which agency carries out a block of the procedure."""

    block: Annotated[str, text(Form.LINE, 1, 300)]
    agency_id: UUID


@dataclass(kw_only=True)
class RegisterDossier(Command[DossierView]):
    """Receive a dossier: its procedure by document or by TTHC code, as in force on the day of receipt."""

    agency_id: UUID
    number: DossierNumber
    document_id: UUID | None = None
    tthc_code: TthcCode | None = None
    received_at: Moment | None = None
    applicant_name: Annotated[str, text(Form.LINE, 1, 300)] | None = None
    competent_agency_id: UUID | None = None
    supporting_agency_ids: Annotated[list[UUID], Meta(max_length=50)] = field(default_factory=list)
    coordinating_agency_ids: Annotated[list[UUID], Meta(max_length=50)] = field(default_factory=list)
    blocks: Annotated[list[BlockAgency], Meta(max_length=50)] = field(default_factory=list)


@dataclass(kw_only=True)
class HandOver(Command[DossierView]):
    """End the current step and hand the dossier over to the next; `step` is the one that ends."""

    dossier_id: UUID
    expected_version: int
    step: int
    note: Prose | None = None


@dataclass(kw_only=True)
class AcknowledgeHandOver(Command[DossierView]):
    """Take over the step that was handed over to one's agency."""

    dossier_id: UUID
    expected_version: int
    step: int


@dataclass(kw_only=True)
class ReturnStep(Command[DossierView]):
    """Send the dossier back from the current step to the one the procedure names."""

    dossier_id: UUID
    expected_version: int
    step: int
    reason: Reason


@dataclass(kw_only=True)
class PauseDossier(Command[DossierView]):
    """Stop the clock for a reason of the closed list (`PauseReasons`)."""

    dossier_id: UUID
    expected_version: int
    reason: Code
    note: Prose | None = None


@dataclass(kw_only=True)
class ResumeDossier(Command[DossierView]):
    """Let the clock run again; only the remaining time moves."""

    dossier_id: UUID
    expected_version: int
    note: Prose | None = None


@dataclass(kw_only=True)
class FinishDossier(Command[DossierView]):
    """The result is there: the last step ends and with it the dossier."""

    dossier_id: UUID
    expected_version: int
    note: Prose | None = None


@dataclass(kw_only=True)
class StopDossier(Command[DossierView]):
    """End the dossier without a result (rút hồ sơ, dừng giải quyết)."""

    dossier_id: UUID
    expected_version: int
    reason: Reason
