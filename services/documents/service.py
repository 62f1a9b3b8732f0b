"""What documents answer to on the bus."""

from contracts.directory.events import AgenciesReorganised, AgencyChanged, PositionHandedOver
from contracts.documents import documents as c
from contracts.documents import files, succession
from contracts.documents.duties import DocumentDuties
from contracts.duties import DutyList
from contracts.succession import HeldCount
from contracts.trail import TrailRowView
from kernel.bus.rpc import command, query
from kernel.bus.subscription import on
from kernel.call import Call, Reaction
from kernel.errors import Conflict, Refusal
from kernel.service import AgencyFigure, Backlog, HeedingService, Projection, Sweep
from kernel.trust import visibility
from services.documents import duties, following, keeping, projections, queries, reading, sweeps
from services.documents.handlers import approval, drafting, passing
from services.documents.policy import POLICY


class DocumentsService(HeedingService):
    """Controlled documents, their revisions and what is in force."""

    name = "documents"
    policy = POLICY
    behind = True
    needs_store = True
    objects = staticmethod(keeping.objects)
    projections = (
        Projection(tables=visibility.TREE, reactions=("learn_agency",)),
        Projection(tables=visibility.SUCCESSIONS, reactions=("learn_successions",)),
    )
    sweeps = (
        Sweep(name="extend_locks", every=300.0, run=sweeps.extend_locks),
        Sweep(name="forget_reservations", every=600.0, run=sweeps.forget_reservations),
        Sweep(name="clear_intake", every=600.0, run=sweeps.clear_intake),
        Sweep(name="follow_agencies", every=2.0, run=following.follow_agencies),
    )
    backlogs = (Backlog(name="following", due=following.DUE),)
    agency_figures = (
        AgencyFigure(
            name="revisions_under_way",
            counted="""select agency_id, count(*) from revisions join documents on documents.id = document_id
                        where state <> 'issued' group by agency_id""",
        ),
    )
    constraints = {
        "documents_code_once": lambda: Conflict("document_code_taken", "code"),
        "revisions_one_open": lambda: Conflict("changed_meanwhile"),
        "revisions_one_in_force": lambda: Conflict("changed_meanwhile"),
        "revisions_number_once": lambda: Conflict("changed_meanwhile"),
    }

    @query(DocumentDuties)
    def document_duties(self, call: Call, question: DocumentDuties) -> DutyList:
        return duties.document_duties(call, question)

    @query(c.DocumentsByIds)
    def documents_by_ids(self, call: Call, question: c.DocumentsByIds) -> list[c.DocumentView]:
        return queries.documents_by_ids(call, question)

    @query(c.ListDocuments)
    def list_documents(self, call: Call, question: c.ListDocuments) -> c.DocumentPage:
        return queries.list_documents(call, question)

    @query(c.RevisionsOf)
    def revisions_of(self, call: Call, question: c.RevisionsOf) -> list[c.RevisionView]:
        return queries.revisions_of(call, question)

    @query(c.RevisionsInForce)
    def revisions_in_force(self, call: Call, question: c.RevisionsInForce) -> list[c.RevisionView]:
        return queries.revisions_in_force(call, question)

    @query(c.DocumentFiguresOf)
    def document_figures_of(self, call: Call, question: c.DocumentFiguresOf) -> list[c.DocumentFigures]:
        return queries.document_figures_of(call, question)

    @query(succession.HeldByAgencies)
    def held_by_agencies(self, call: Call, question: succession.HeldByAgencies) -> list[HeldCount]:
        return following.held_by_agencies(call, question)

    @query(c.TrailOf)
    def trail_of(self, call: Call, question: c.TrailOf) -> list[TrailRowView]:
        return reading.trail_of(call, question)

    @query(files.DownloadRevision)
    def download_revision(self, call: Call, question: files.DownloadRevision) -> files.DownloadView:
        return reading.download_revision(call, question)

    @command(files.ReserveUpload, once=False)
    def reserve_upload(self, call: Call, command: files.ReserveUpload) -> files.UploadTicket:
        return drafting.reserve_upload(call, command)

    @command(files.ConfirmUpload, once=False)
    def confirm_upload(self, call: Call, command: files.ConfirmUpload) -> files.UploadView | Refusal:
        return drafting.confirm_upload(call, command)

    @command(c.CreateDocument)
    def create_document(self, call: Call, command: c.CreateDocument) -> c.DocumentView:
        return drafting.create_document(call, command)

    @command(c.StartRevision)
    def start_revision(self, call: Call, command: c.StartRevision) -> c.DocumentView:
        return drafting.start_revision(call, command)

    @command(c.EditDraft)
    def edit_draft(self, call: Call, command: c.EditDraft) -> c.DocumentView:
        return drafting.edit_draft(call, command)

    @command(c.SubmitRevision)
    def submit_revision(self, call: Call, command: c.SubmitRevision) -> c.DocumentView:
        return approval.submit_revision(call, command)

    @command(c.ReviewRevision)
    def review_revision(self, call: Call, command: c.ReviewRevision) -> c.DocumentView:
        return approval.review_revision(call, command)

    @command(c.ReturnRevision)
    def return_revision(self, call: Call, command: c.ReturnRevision) -> c.DocumentView:
        return approval.return_revision(call, command)

    @command(c.ApproveRevision)
    def approve_revision(self, call: Call, command: c.ApproveRevision) -> c.DocumentView:
        return approval.approve_revision(call, command)

    @command(c.IssueRevision)
    def issue_revision(self, call: Call, command: c.IssueRevision) -> c.DocumentView:
        return approval.issue_revision(call, command)

    @on(PositionHandedOver)
    def pass_on(self, call: Reaction, event: PositionHandedOver) -> None:
        passing.pass_on(call, event)

    @on(AgencyChanged)
    def learn_agency(self, call: Reaction, event: AgencyChanged) -> None:
        projections.learn_agency(call, event)

    @on(AgenciesReorganised)
    def learn_successions(self, call: Reaction, event: AgenciesReorganised) -> None:
        projections.learn_successions(call, event)
