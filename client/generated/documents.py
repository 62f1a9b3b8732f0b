"""What is asked about documents. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from enum import Enum
from typing import TypedDict

from client.caller import Caller, Day, Id, Shape
from client.generated.enums import DocumentKind, Standing
from client.generated.inputs import (
    ProcedureContentInput,
)


class DocumentNow(TypedDict):
    """What is asked of a Document."""

    id: str
    version: int
    code: str
    title: str


class ReserveUploadHeaders(TypedDict):
    """What is asked of a Pair."""

    name: str
    value: str


class ReserveUpload(TypedDict):
    """What is asked of a UploadTicket."""

    uploadId: str
    url: str
    headers: list[ReserveUploadHeaders]


class ConfirmUpload(TypedDict):
    """What is asked of a Upload."""

    id: str


class DocumentsOf(TypedDict):
    """What is asked of a Document."""

    id: str
    code: str


class DocumentInForceRevisionInForce(TypedDict):
    """What is asked of a Revision."""

    number: int


class DocumentInForce(TypedDict):
    """What is asked of a Document."""

    revisionInForce: DocumentInForceRevisionInForce | None


class DocumentRevisionsRevisionsStepsTotal(TypedDict):
    """What is asked of a Duration."""

    amount: float


class DocumentRevisionsRevisionsProcedureLegalTime(TypedDict):
    """What is asked of a Duration."""

    amount: float


class DocumentRevisionsRevisionsProcedureSteps(TypedDict):
    """What is asked of a ProcedureStep."""

    number: str
    block: str | None


class DocumentRevisionsRevisionsProcedure(TypedDict):
    """What is asked of a ProcedureContent."""

    legalTime: DocumentRevisionsRevisionsProcedureLegalTime | None
    steps: list[DocumentRevisionsRevisionsProcedureSteps]


class DocumentRevisionsRevisions(TypedDict):
    """What is asked of a Revision."""

    number: int
    standing: Standing
    stepsTotal: DocumentRevisionsRevisionsStepsTotal | None
    procedure: DocumentRevisionsRevisionsProcedure | None


class DocumentRevisions(TypedDict):
    """What is asked of a Document."""

    revisions: list[DocumentRevisionsRevisions]


class DocumentTrailTrail(TypedDict):
    """What is asked of a TrailRow."""

    id: str
    action: str
    isSealed: bool


class DocumentTrail(TypedDict):
    """What is asked of a Document."""

    trail: list[DocumentTrailTrail] | None


CREATE_DOCUMENT = """
mutation CreateDocument($input: CreateDocumentInput!) { answer: createDocument(input: $input) {
__typename ...DocumentNow ... on Problem { code message remedy field } } } fragment DocumentNow on
Document { id version code title }
"""

START_REVISION = """
mutation StartRevision($input: StartRevisionInput!) { answer: startRevision(input: $input) { __typename
...DocumentNow ... on Problem { code message remedy field } } } fragment DocumentNow on Document { id
version code title }
"""

SUBMIT_REVISION = """
mutation SubmitRevision($input: SubmitRevisionInput!) { answer: submitRevision(input: $input) {
__typename ...DocumentNow ... on Problem { code message remedy field } } } fragment DocumentNow on
Document { id version code title }
"""

REVIEW_REVISION = """
mutation ReviewRevision($input: ReviewRevisionInput!) { answer: reviewRevision(input: $input) {
__typename ...DocumentNow ... on Problem { code message remedy field } } } fragment DocumentNow on
Document { id version code title }
"""

APPROVE_REVISION = """
mutation ApproveRevision($input: ApproveRevisionInput!) { answer: approveRevision(input: $input) {
__typename ...DocumentNow ... on Problem { code message remedy field } } } fragment DocumentNow on
Document { id version code title }
"""

ISSUE_REVISION = """
mutation IssueRevision($input: IssueRevisionInput!) { answer: issueRevision(input: $input) { __typename
...DocumentNow ... on Problem { code message remedy field } } } fragment DocumentNow on Document { id
version code title }
"""

RESERVE_UPLOAD = """
mutation ReserveUpload($input: ReserveUploadInput!) { answer: reserveUpload(input: $input) { __typename
... on UploadTicket { uploadId url headers { name value } } ... on Problem { code message remedy field }
} }
"""

CONFIRM_UPLOAD = """
mutation ConfirmUpload($input: ConfirmUploadInput!) { answer: confirmUpload(input: $input) { __typename
... on Upload { id } ... on Problem { code message remedy field } } }
"""

DOCUMENTS_OF = """
query DocumentsOf($agencyId: UUID!) { documents(agencyId: $agencyId, first: 100) { edges { node { id code
} } } }
"""

DOCUMENT_IN_FORCE = """
query DocumentInForce($id: UUID!, $asOf: Date) { document(id: $id) { revisionInForce(asOf: $asOf) {
number } } }
"""

DOCUMENT_REVISIONS = """
query DocumentRevisions($id: UUID!) { document(id: $id) { revisions { number standing stepsTotal { amount
} procedure { legalTime { amount } steps { number block } } } } }
"""

DOCUMENT_TRAIL = """
query DocumentTrail($id: UUID!) { document(id: $id) { trail { id action isSealed } } }
"""


class AboutDocuments(Caller):
    """Operations about documents."""

    async def create_document(
        self,
        *,
        agency_id: Id,
        kind: DocumentKind | Enum,
        code: str,
        title: str,
        upload_id: Id,
        request_id: Id | None = None,
        distribution: Sequence[Id] | None = None,
        procedure: ProcedureContentInput | Shape | None = None,
        change_note: str | None = None,
    ) -> DocumentNow:
        """Create a controlled document with its first draft (TCVN ISO 9001:2015, 7.5.2)."""
        done: DocumentNow = await self._command(
            "createDocument",
            CREATE_DOCUMENT,
            {
                "agency_id": agency_id,
                "kind": kind,
                "code": code,
                "title": title,
                "upload_id": upload_id,
                "request_id": request_id,
                "distribution": distribution,
                "procedure": procedure,
                "change_note": change_note,
            },
        )
        return done

    async def start_revision(
        self,
        *,
        document_id: Id,
        expected_version: int,
        upload_id: Id,
        change_note: str,
        request_id: Id | None = None,
        procedure: ProcedureContentInput | Shape | None = None,
        distribution: Sequence[Id] | None = None,
    ) -> DocumentNow:
        """Open the next draft of a document; there is never more than one."""
        done: DocumentNow = await self._command(
            "startRevision",
            START_REVISION,
            {
                "document_id": document_id,
                "expected_version": expected_version,
                "upload_id": upload_id,
                "change_note": change_note,
                "request_id": request_id,
                "procedure": procedure,
                "distribution": distribution,
            },
        )
        return done

    async def submit_revision(
        self, *, document_id: Id, expected_version: int, request_id: Id | None = None
    ) -> DocumentNow:
        """Hand the draft in for review; from now on its content stands still."""
        done: DocumentNow = await self._command(
            "submitRevision",
            SUBMIT_REVISION,
            {"document_id": document_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def review_revision(
        self, *, document_id: Id, expected_version: int, request_id: Id | None = None, note: str | None = None
    ) -> DocumentNow:
        """Say that the revision is fit to be approved; never the author's own."""
        done: DocumentNow = await self._command(
            "reviewRevision",
            REVIEW_REVISION,
            {
                "document_id": document_id,
                "expected_version": expected_version,
                "request_id": request_id,
                "note": note,
            },
        )
        return done

    async def approve_revision(
        self, *, document_id: Id, expected_version: int, request_id: Id | None = None
    ) -> DocumentNow:
        """Approve the reviewed revision; never the author's own (TCVN ISO 9001:2015, 7.5.2 c)."""
        done: DocumentNow = await self._command(
            "approveRevision",
            APPROVE_REVISION,
            {"document_id": document_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def issue_revision(
        self,
        *,
        document_id: Id,
        expected_version: int,
        effective_from: Day,
        request_id: Id | None = None,
        migrated_from_paper: bool | None = None,
    ) -> DocumentNow:
        """Put the approved revision into force from a date on; the one before ends that day."""
        done: DocumentNow = await self._command(
            "issueRevision",
            ISSUE_REVISION,
            {
                "document_id": document_id,
                "expected_version": expected_version,
                "effective_from": effective_from,
                "request_id": request_id,
                "migrated_from_paper": migrated_from_paper,
            },
        )
        return done

    async def reserve_upload(
        self,
        *,
        agency_id: Id,
        name: str,
        media_type: str,
        size: int,
        sha256: str,
        request_id: Id | None = None,
    ) -> ReserveUpload:
        """Ask for a place to put a file; nothing can be seen of it before it is confirmed."""
        done: ReserveUpload = await self._command(
            "reserveUpload",
            RESERVE_UPLOAD,
            {
                "agency_id": agency_id,
                "name": name,
                "media_type": media_type,
                "size": size,
                "sha256": sha256,
                "request_id": request_id,
            },
        )
        return done

    async def confirm_upload(self, *, upload_id: Id, request_id: Id | None = None) -> ConfirmUpload:
        """Say that the bytes are there: they are compared with the reservation, opened and judged."""
        done: ConfirmUpload = await self._command(
            "confirmUpload", CONFIRM_UPLOAD, {"upload_id": upload_id, "request_id": request_id}
        )
        return done

    async def documents_of(self, *, agency_id: Id) -> list[DocumentsOf]:
        """Documents the caller may see, by code; `inForceOn` keeps those with a revision in force that
        day."""
        found: list[DocumentsOf] = [
            edge["node"] for edge in (await self._one("documents", DOCUMENTS_OF, agencyId=agency_id))["edges"]
        ]
        return found

    async def document_in_force(self, *, id: Id, as_of: Day | None = None) -> DocumentInForce:
        """One document; null when there is none that the caller may see."""
        found: DocumentInForce = await self._one("document", DOCUMENT_IN_FORCE, id=id, asOf=as_of)
        return found

    async def document_revisions(self, *, id: Id) -> DocumentRevisions:
        """One document; null when there is none that the caller may see."""
        found: DocumentRevisions = await self._one("document", DOCUMENT_REVISIONS, id=id)
        return found

    async def document_trail(self, *, id: Id) -> DocumentTrail:
        """One document; null when there is none that the caller may see."""
        found: DocumentTrail = await self._one("document", DOCUMENT_TRAIL, id=id)
        return found
