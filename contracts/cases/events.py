"""What cases publishes: dossiers received, changed, nearing, overdue, finished and passed on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.base import Event, event
from contracts.cases.dossiers import DossierKind, DossierStatus, Scope
from contracts.duties import HandedThing


@event("cases.hand_over_followed.v1")
class DossiersHandedOver(Event):
    """What of dossiers passed to the successor."""

    hand_over_id: UUID
    things: tuple[HandedThing, ...]


@dataclass(frozen=True, kw_only=True)
class DossierState(Event):
    """A dossier as it is after what happened.

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


@event("cases.dossier_received.v1")
class DossierReceived(DossierState):
    """A dossier was received, or first heard of from another system: the state that results."""


@event("cases.dossier_changed.v1")
class DossierChanged(DossierState):
    """Anything about a dossier changed, its end and its lateness included: the state that results."""


@event("cases.dossier_nearing.v1")
class DossierNearing(Event):
    """A dossier or its step will be due soon: published once, for who holds the step."""

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
    """A dossier or a step of it went past its due time: published once for each.

    `agency_id` answers for it: the competent agency for the whole, the step's own for a step.
    `brought_by_agency_id`: the agency that received it, where that is another one.
    `is_synced_history`: it was overdue already when another system first reported it.
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
