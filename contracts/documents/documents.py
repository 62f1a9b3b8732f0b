"""Controlled documents and their revisions, from the draft to the one in force."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    ByIds,
    Code,
    Command,
    Name,
    PageEnd,
    PageOf,
    Prose,
    Question,
    Reason,
    Search,
)
from contracts.documents.files import FileView
from contracts.documents.procedures import Duration, ProcedureContent
from contracts.succession import Attribution
from contracts.trail import TrailLength, TrailRowView


class DocumentKind(StrEnum):
    """Kinds of documented information (TCVN ISO 9001:2015, 7.5)."""

    POLICY = "policy"
    OBJECTIVES = "objectives"
    MANUAL = "manual"
    SYSTEM_PROCEDURE = "system_procedure"
    PROCEDURE = "procedure"
    WORK_INSTRUCTION = "work_instruction"
    FORM = "form"


class RevisionState(StrEnum):
    """Where a revision stands on its way; whether it is in force is a question of the date."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    ISSUED = "issued"


class Standing(StrEnum):
    """What an issued revision is on a given business date."""

    NOT_ISSUED = "not_issued"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


@dataclass(kw_only=True)
class RevisionView:
    """One revision of a document; `steps_total` is what the steps together take, shared durations once.

    Whoever signed for another stands beside them: `approved_by` acted, `approved_for` is who let them.
    """

    id: UUID
    document_id: UUID
    number: int
    state: RevisionState
    standing: Standing
    change_note: str | None
    procedure: ProcedureContent | None
    file: FileView
    author_id: UUID
    reviewed_by: UUID | None
    approved_by: UUID | None
    issued_by: UUID | None
    submitted_at: datetime | None
    reviewed_at: datetime | None
    approved_at: datetime | None
    issued_at: datetime | None
    effective_from: date | None
    effective_to: date | None
    migrated_from_paper: bool
    steps_total: Duration | None = None
    reviewed_for: UUID | None = None
    approved_for: UUID | None = None
    issued_for: UUID | None = None


@dataclass(kw_only=True)
class DocumentView:
    """A controlled document; `version` goes into commands as `expected_version`.

    `numbered_in`: the agency under which the code was given. Two of one owner may bear one code where it took
    over from several; no agency gives a code twice.
    """

    id: UUID
    agency_id: UUID
    numbered_in: UUID
    kind: DocumentKind
    code: str
    title: str
    distribution: list[UUID]
    open_revision_id: UUID | None
    version: int


@dataclass(kw_only=True)
class DocumentPage(PageEnd):
    """A page of documents; `cursors[i]` belongs to `items[i]`."""

    items: list[DocumentView]


@dataclass(kw_only=True)
class DocumentFigures:
    """How many documents and procedures of an agency are in force."""

    agency_id: UUID
    documents_in_force: int = 0
    procedures_in_force: int = 0


@dataclass(kw_only=True)
class DocumentsByIds(ByIds[DocumentView]):
    """Many documents at once."""


@dataclass(kw_only=True)
class ListDocuments(PageOf[DocumentPage]):
    """Documents the caller may see, by code; `in_force_on` keeps those with a revision in force that day."""

    agency_id: UUID | None = None
    kind: DocumentKind | None = None
    search: Search | None = None
    in_force_on: date | None = None


@dataclass(kw_only=True)
class RevisionsOf(ByIds[RevisionView]):
    """All revisions of many documents, oldest first; `standing` is judged on `as_of`."""

    as_of: date | None = None


@dataclass(kw_only=True)
class RevisionsInForce(ByIds[RevisionView]):
    """The revision in force of each of many documents on `as_of` (default: the business date)."""

    as_of: date | None = None


@dataclass(kw_only=True)
class DocumentFiguresOf(Question[list[DocumentFigures]]):
    """The figures of many agencies at once on `as_of`; without ids, of all the caller reaches.

    Where agencies ended: `as_now` what was in force that day counts under the owner of today, `as_then` under
    the owner of that day.
    """

    agency_ids: Annotated[list[UUID], Meta(max_length=500)] | None = None
    as_of: date | None = None
    attribution: Attribution = Attribution.AS_NOW


@dataclass(kw_only=True)
class TrailOf(Question[list[TrailRowView]]):
    """The trail of one document, newest first."""

    document_id: UUID
    first: TrailLength = 100


@dataclass(kw_only=True)
class CreateDocument(Command[DocumentView]):
    """Create a controlled document with its first draft (TCVN ISO 9001:2015, 7.5.2)."""

    agency_id: UUID
    kind: DocumentKind
    code: Code
    title: Name
    upload_id: UUID
    distribution: Annotated[list[UUID], Meta(max_length=500)] = field(default_factory=list)
    procedure: ProcedureContent | None = None
    change_note: Prose | None = None


@dataclass(kw_only=True)
class StartRevision(Command[DocumentView]):
    """Open the next draft of a document; there is never more than one."""

    document_id: UUID
    expected_version: int
    upload_id: UUID
    change_note: Reason
    procedure: ProcedureContent | None = None
    distribution: Annotated[list[UUID], Meta(max_length=500)] | None = None


class DraftField(StrEnum):
    """Fields of a draft that may be emptied."""

    PROCEDURE = "procedure"
    CHANGE_NOTE = "change_note"


@dataclass(kw_only=True)
class EditDraft(Command[DocumentView]):
    """Change the open draft; a field left out stays, one named in `clears` is emptied."""

    document_id: UUID
    expected_version: int
    title: Name | None = None
    upload_id: UUID | None = None
    change_note: Prose | None = None
    procedure: ProcedureContent | None = None
    distribution: Annotated[list[UUID], Meta(max_length=500)] | None = None
    clears: list[DraftField] = field(default_factory=list)


@dataclass(kw_only=True)
class SubmitRevision(Command[DocumentView]):
    """Hand the draft in for review; from now on its content stands still."""

    document_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class ReviewRevision(Command[DocumentView]):
    """Say that the revision is fit to be approved; never the author's own."""

    document_id: UUID
    expected_version: int
    note: Prose | None = None


@dataclass(kw_only=True)
class ReturnRevision(Command[DocumentView]):
    """Send the revision back to its author with a reason."""

    document_id: UUID
    expected_version: int
    reason: Reason


@dataclass(kw_only=True)
class ApproveRevision(Command[DocumentView]):
    """Approve the reviewed revision; never the author's own (TCVN ISO 9001:2015, 7.5.2 c)."""

    document_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class IssueRevision(Command[DocumentView]):
    """Put the approved revision into force from a date on; the one before ends that day."""

    document_id: UUID
    expected_version: int
    effective_from: date
    migrated_from_paper: bool = False
