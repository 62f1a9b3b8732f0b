"""What documents publishes: each step of a revision up to its issue, and documents passed on."""

from datetime import date
from uuid import UUID

from contracts.base import Event, event
from contracts.documents.documents import DocumentKind
from contracts.documents.procedures import ProcedureContent
from contracts.duties import HandedThing


@event("documents.hand_over_followed.v1")
class DocumentsHandedOver(Event):
    """What of documents passed to the successor."""

    hand_over_id: UUID
    things: tuple[HandedThing, ...]


@event("documents.revision_submitted.v1")
class RevisionSubmitted(Event):
    """A draft waits for review."""

    document_id: UUID
    revision_id: UUID
    agency_id: UUID
    code: str
    title: str
    number: int
    submitted_by: UUID


@event("documents.revision_reviewed.v1")
class RevisionReviewed(Event):
    """A reviewed revision waits for approval."""

    document_id: UUID
    revision_id: UUID
    agency_id: UUID
    code: str
    title: str
    number: int
    author_id: UUID
    reviewed_by: UUID


@event("documents.revision_returned.v1")
class RevisionReturned(Event):
    """A revision went back to its author."""

    document_id: UUID
    revision_id: UUID
    agency_id: UUID
    code: str
    title: str
    number: int
    author_id: UUID
    returned_by: UUID
    reason: str


@event("documents.revision_approved.v1")
class RevisionApproved(Event):
    """An approved revision waits to be issued."""

    document_id: UUID
    revision_id: UUID
    agency_id: UUID
    code: str
    title: str
    number: int
    author_id: UUID
    approved_by: UUID


@event("documents.revision_issued.v1")
class RevisionIssued(Event):
    """A revision comes into force on `effective_from`; the one it supersedes ends that day."""

    document_id: UUID
    revision_id: UUID
    agency_id: UUID
    kind: DocumentKind
    code: str
    title: str
    number: int
    effective_from: date
    issued_by: UUID
    author_id: UUID
    migrated_from_paper: bool
    distribution: tuple[UUID, ...] = ()
    supersedes: int | None = None
    procedure: ProcedureContent | None = None
