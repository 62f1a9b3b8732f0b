"""What audits publishes: audits planned and reported, nonconformities, actions, tasks, reviews."""

from datetime import date
from uuid import UUID

from contracts.audits.nonconformities import NonconformitySource, NonconformityState, Severity
from contracts.audits.programmes import Grade
from contracts.base import (
    Event,
    event,
)


@event("audits.audit_planned.v1")
class AuditPlanned(Event):
    """An audit of an agency was planned."""

    audit_id: UUID
    agency_id: UUID
    title: str
    lead_auditor_id: UUID
    auditor_ids: tuple[UUID, ...]
    planned_from: date
    planned_to: date
    planned_by: UUID


@event("audits.finding_recorded.v1")
class FindingRecorded(Event):
    """An auditor found something at an agency."""

    audit_id: UUID
    finding_id: UUID
    agency_id: UUID
    audit_title: str
    clause: str
    grade: Grade
    statement: str
    found_by: UUID


@event("audits.audit_reported.v1")
class AuditReported(Event):
    """The lead auditor wrote the report."""

    audit_id: UUID
    agency_id: UUID
    title: str
    conclusion: str
    findings: int
    nonconformities: int
    reported_by: UUID


@event("audits.nonconformity_changed.v1")
class NonconformityChanged(Event):
    """A nonconformity was raised or moved on: the state that results. `raised` only at its beginning."""

    nonconformity_id: UUID
    number: str
    agency_id: UUID
    source: NonconformitySource
    severity: Severity
    state: NonconformityState
    description: str
    raised: bool
    finding_id: UUID | None = None
    document_id: UUID | None = None


@event("audits.action_assigned.v1")
class ActionAssigned(Event):
    """A corrective action was given to its owner."""

    nonconformity_id: UUID
    number: str
    agency_id: UUID
    action_id: UUID
    description: str
    owner_id: UUID
    due_on: date
    assigned_by: UUID


@event("audits.task_assigned.v1")
class TaskAssigned(Event):
    """A management review gave somebody a task."""

    review_id: UUID
    agency_id: UUID
    review_title: str
    task_id: UUID
    decision: str
    owner_id: UUID
    due_on: date
    assigned_by: UUID


@event("audits.review_concluded.v1")
class ReviewConcluded(Event):
    """The head concluded a management review."""

    review_id: UUID
    agency_id: UUID
    title: str
    held_on: date
    conclusion: str
    is_effective: bool
    concluded_by: UUID
