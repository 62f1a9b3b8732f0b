"""What others are told of dossiers, and the line in which another system tells us of one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Code, Event, Form, event, text
from contracts.cases import DossierKind, DossierNumber, DossierStatus, Moment, Scope
from contracts.procedures import TthcCode


@dataclass(kw_only=True)
class SyncedPause:
    """A time that did not count in the other system; without `until` it lasts."""

    reason: Code
    since: Moment
    until: Moment | None = None


@dataclass(kw_only=True)
class SyncedDossier:
    """One line of a sync: the whole state at `changed_at`, the source's moment of its last change.

    The procedure is named by TTHC code or by document code. Without `due_at` the due time is counted here.
    """

    number: DossierNumber
    changed_at: Moment
    received_at: Moment
    status: DossierStatus
    tthc_code: TthcCode | None = None
    document_code: Code | None = None
    due_at: Moment | None = None
    finished_at: Moment | None = None
    applicant_name: Annotated[str, text(Form.LINE, 1, 300)] | None = None
    competent_agency_code: Code | None = None
    pauses: Annotated[list[SyncedPause], Meta(max_length=50)] = field(default_factory=list)


@event("cases.dossier_received.v1")
class DossierReceived(Event):
    """A dossier was received, or first heard of from another system: the state that results.

    `received_agency_id` and `first_competent_agency_id`: who it was then, where another goes on since.
    """

    dossier_id: UUID
    number: str
    kind: DossierKind
    agency_id: UUID
    competent_agency_id: UUID
    parties: tuple[UUID, ...]
    document_id: UUID
    revision_id: UUID
    revision_number: int
    document_code: str
    title: str
    tthc_code: str | None
    received_at: datetime
    due_at: datetime | None
    status: DossierStatus
    step_seq: int | None
    step_number: str | None
    holder_agency_id: UUID | None
    holder_position_id: UUID | None
    officer_id: UUID | None
    is_overdue: bool
    finished_at: datetime | None
    on_time: bool | None
    is_synced: bool
    received_agency_id: UUID | None = None
    first_competent_agency_id: UUID | None = None


@event("cases.dossier_changed.v1")
class DossierChanged(Event):
    """Anything about a dossier changed, its end and its lateness included: the state that results."""

    dossier_id: UUID
    number: str
    kind: DossierKind
    agency_id: UUID
    competent_agency_id: UUID
    parties: tuple[UUID, ...]
    document_id: UUID
    revision_id: UUID
    revision_number: int
    document_code: str
    title: str
    tthc_code: str | None
    received_at: datetime
    due_at: datetime | None
    status: DossierStatus
    step_seq: int | None
    step_number: str | None
    holder_agency_id: UUID | None
    holder_position_id: UUID | None
    officer_id: UUID | None
    is_overdue: bool
    finished_at: datetime | None
    on_time: bool | None
    is_synced: bool
    received_agency_id: UUID | None = None
    first_competent_agency_id: UUID | None = None


@event("cases.dossier_nearing.v1")
class DossierNearing(Event):
    """A dossier or its step will be due soon: told once, to the agency (and officer) that holds the step."""

    dossier_id: UUID
    number: str
    scope: Scope
    step_seq: int | None
    step_number: str | None
    agency_id: UUID
    officer_id: UUID | None
    document_id: UUID
    document_code: str
    title: str
    due_at: datetime
    occurred_at: datetime


@event("cases.dossier_overdue.v1")
class DossierOverdue(Event):
    """A dossier or a step of it went past its due time: told once for each.

    `agency_id` answers for it: the competent agency for the whole, the step's own for a step.
    `brought_by_agency_id`: the agency that received it, where that is another one.
    `is_synced_history`: it was overdue already when another system first told us of it.
    """

    dossier_id: UUID
    number: str
    scope: Scope
    step_seq: int | None
    step_number: str | None
    agency_id: UUID
    officer_id: UUID | None
    document_id: UUID
    revision_id: UUID
    revision_number: int
    document_code: str
    title: str
    tthc_code: str | None
    due_at: datetime
    occurred_at: datetime
    is_synced: bool
    is_synced_history: bool
    brought_by_agency_id: UUID | None = None


@event("cases.dossier_finished.v1")
class DossierFinished(Event):
    """A dossier has its result; one without a due time is on time."""

    dossier_id: UUID
    number: str
    agency_id: UUID
    competent_agency_id: UUID
    document_id: UUID
    document_code: str
    title: str
    tthc_code: str | None
    received_at: datetime
    due_at: datetime | None
    finished_at: datetime
    on_time: bool
    is_synced: bool
