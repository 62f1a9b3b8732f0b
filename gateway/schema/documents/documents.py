"""What is in force, in GraphQL: documents, their revisions, steps, trail and uploads."""

from datetime import date
from uuid import UUID

import strawberry

from contracts.documents import documents as contract
from contracts.documents import files, procedures
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import Pair, enums, field, present, said_of, shown
from gateway.schema.directory.agencies import Agency, AsOf, Person, agencies_of, agency_of, person_of
from gateway.schema.succession import agency_ever
from gateway.schema.trail import TrailLength, TrailRow, rows_of

enums(
    contract.DocumentKind,
    contract.RevisionState,
    contract.Standing,
    procedures.DurationUnit,
    contract.DraftField,
)


# -- what is shown -----------------------------------------------------------------------------


@shown
class Duration(procedures.Duration):
    """`contracts.documents.procedures.Duration`."""


@shown
class ProcedureStep(procedures.ProcedureStep):
    """`contracts.documents.procedures.ProcedureStep`."""

    duration: Duration | None = None


@shown
class DossierComponent(procedures.DossierComponent):
    """`contracts.documents.procedures.DossierComponent`."""


@shown
class FormReference(procedures.FormReference):
    """`contracts.documents.procedures.FormReference`."""


@shown
class ProcedureContent(procedures.ProcedureContent):
    """`contracts.documents.procedures.ProcedureContent`."""

    legal_time: Duration | None = None
    components: list[DossierComponent]  # type: ignore[assignment]
    forms: list[FormReference]  # type: ignore[assignment]
    steps: list[ProcedureStep]  # type: ignore[assignment]


@shown
class File(files.FileView):
    """`contracts.documents.files.FileView`."""

    upload_id: strawberry.Private[UUID]


@shown
class Download(files.DownloadView):
    """`contracts.documents.files.DownloadView`."""


@shown
class Revision(contract.RevisionView):
    """`contracts.documents.documents.RevisionView` with its people and its file."""

    document_id: strawberry.Private[UUID]
    author_id: strawberry.Private[UUID]
    reviewed_by: strawberry.Private[UUID | None]
    approved_by: strawberry.Private[UUID | None]
    issued_by: strawberry.Private[UUID | None]
    reviewed_for: strawberry.Private[UUID | None] = None
    approved_for: strawberry.Private[UUID | None] = None
    issued_for: strawberry.Private[UUID | None] = None
    procedure: ProcedureContent | None
    steps_total: Duration | None = None
    file: File

    @field("The document this is a revision of.")
    async def document(self, info: Info) -> "Document | None":
        return await document_of(info, self.document_id)

    @field("Who wrote it.")
    async def author(self, info: Info) -> Person | None:
        return await person_of(info, self.author_id)

    @field("Who found it fit to be approved.", name="reviewedBy")
    async def reviewer(self, info: Info) -> Person | None:
        return await person_of(info, self.reviewed_by)

    @field("Who approved it; never its author.", name="approvedBy")
    async def approver(self, info: Info) -> Person | None:
        return await person_of(info, self.approved_by)

    @field("Who put it into force.", name="issuedBy")
    async def issuer(self, info: Info) -> Person | None:
        return await person_of(info, self.issued_by)

    @field("For whom it was reviewed; null when for themselves.", name="reviewedFor")
    async def reviewed_in_place_of(self, info: Info) -> Person | None:
        return await person_of(info, self.reviewed_for)

    @field("For whom it was approved; null when for themselves.", name="approvedFor")
    async def approved_in_place_of(self, info: Info) -> Person | None:
        return await person_of(info, self.approved_for)

    @field("For whom it was put into force; null when for themselves.", name="issuedFor")
    async def issued_in_place_of(self, info: Info) -> Person | None:
        return await person_of(info, self.issued_for)

    @field("A link to the file, good for some minutes. One call per revision.")
    async def download(self, info: Info) -> Download | None:
        question = files.DownloadRevision(revision_id=self.id)
        return present(Download, await info.context.ask(question))


@shown
class Document(contract.DocumentView):
    """`contracts.documents.documents.DocumentView` with its revisions, agencies and trail."""

    agency_id: strawberry.Private[UUID]
    numbered_in: strawberry.Private[UUID]
    distribution: strawberry.Private[list[UUID]]
    open_revision_id: strawberry.Private[UUID | None]

    @field("The agency that owns the document.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The agency under which its code was given, as it is today or last was.", name="numberedIn")
    async def numberer(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.numbered_in)

    @field("The agencies the document is handed out to.", name="distribution")
    async def distributed_to(self, info: Info) -> list[Agency] | None:
        return await agencies_of(info, self.distribution)

    @field("All revisions, oldest first; `standing` is judged on `asOf`.")
    async def revisions(self, info: Info, as_of: AsOf = None) -> list[Revision]:
        views = await info.context.loaders.group(contract.RevisionsOf, self.id, by="document_id", as_of=as_of)
        return [present(Revision, view) for view in views]

    @field("The one revision in force on `asOf`, if there is one.")
    async def revision_in_force(self, info: Info, as_of: AsOf = None) -> Revision | None:
        view = await info.context.loaders.one(
            contract.RevisionsInForce,
            self.id,
            by="document_id",
            as_of=as_of,
        )
        return view and present(Revision, view)

    @field("The draft on its way; there is never more than one.")
    async def open_revision(self, info: Info) -> Revision | None:
        if self.open_revision_id is None:
            return None
        views = await info.context.loaders.group(contract.RevisionsOf, self.id, by="document_id", as_of=None)
        return next((present(Revision, v) for v in views if v.id == self.open_revision_id), None)

    @field("Who did what to it, newest first. One call per document.")
    async def trail(self, info: Info, first: TrailLength = 100) -> list[TrailRow] | None:
        return await rows_of(info, contract.TrailOf(document_id=self.id, first=first))


@shown
class UploadTicket(files.UploadTicket):
    """`contracts.documents.files.UploadTicket`."""

    headers: list[Pair]  # type: ignore[assignment]


@shown
class Upload(files.UploadView):
    """`contracts.documents.files.UploadView`."""


async def document_of(info: Info, id: UUID | None) -> Document | None:
    """A document by its id, in one call with all others of the request."""
    view = await info.context.loaders.one(contract.DocumentsByIds, id)
    return view and present(Document, view)


# -- questions ---------------------------------------------------------------------------------


@strawberry.type
class DocumentQueries:
    """What can be asked of documents."""

    @field("One document; null when there is none that the caller may see.")
    async def document(self, info: Info, id: UUID) -> Document | None:
        return await document_of(info, id)

    @field(said_of(contract.ListDocuments))
    async def documents(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        kind: contract.DocumentKind | None = None,
        search: str | None = None,
        in_force_on: date | None = None,
    ) -> Connection[Document] | None:
        question = contract.ListDocuments(
            first=first,
            after=after,
            agency_id=agency_id,
            kind=kind,
            search=search,
            in_force_on=in_force_on,
        )
        page = await info.context.ask(question)
        return connect(Connection[Document], Document, page, after)


# -- commands ----------------------------------------------------------------------------------
