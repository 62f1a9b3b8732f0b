"""How well it is kept, in GraphQL: frameworks, audit programmes, audits and findings."""

from uuid import UUID

import strawberry

from contracts.audits import programmes as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.audits.nonconformities import Nonconformity, nonconformity_of
from gateway.schema.directory.agencies import Agency, AsOf, Person, agency_of, people_of, person_of
from gateway.schema.documents.documents import Document, document_of
from gateway.schema.succession import agency_ever
from gateway.schema.trail import TrailLength, TrailRow, rows_of

enums(contract.ProgrammeState, contract.AuditState, contract.Grade)


@shown
class Clause(contract.ClauseView):
    """`contracts.audits.programmes.ClauseView`."""


@shown
class Framework(contract.FrameworkView):
    """`contracts.audits.programmes.FrameworkView`."""

    clauses: list[Clause]  # type: ignore[assignment]


@shown
class Programme(contract.ProgrammeView):
    """`contracts.audits.programmes.ProgrammeView` with its agency."""

    agency_id: strawberry.Private[UUID]
    origin_agency_id: strawberry.Private[UUID]
    approved_by: strawberry.Private[UUID | None]

    @field("The agency that runs the programme.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The agency it was entered for, as it is today or last was.")
    async def origin_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.origin_agency_id)

    @field("Who approved it; never its drafter.", name="approvedBy")
    async def approver(self, info: Info) -> Person | None:
        return await person_of(info, self.approved_by)


@shown
class ChecklistItem(contract.ChecklistItemView):
    """`contracts.audits.programmes.ChecklistItemView`."""

    document_id: strawberry.Private[UUID | None]

    @field("The procedure it asks about.")
    async def document(self, info: Info) -> Document | None:
        return await document_of(info, self.document_id)


@shown
class Finding(contract.FindingView):
    """`contracts.audits.programmes.FindingView` with its nonconformity."""

    document_id: strawberry.Private[UUID | None]
    found_by: strawberry.Private[UUID]
    nonconformity_id: strawberry.Private[UUID | None]

    @field("Who found it.", name="foundBy")
    async def finder(self, info: Info) -> Person | None:
        return await person_of(info, self.found_by)

    @field("The nonconformity raised from it.")
    async def nonconformity(self, info: Info) -> Nonconformity | None:
        return await nonconformity_of(info, self.nonconformity_id)


@shown
class Audit(contract.AuditView):
    """`contracts.audits.programmes.AuditView` with its agency and team."""

    programme_id: strawberry.Private[UUID]
    agency_id: strawberry.Private[UUID]
    origin_agency_id: strawberry.Private[UUID]
    document_ids: strawberry.Private[list[UUID]]
    lead_auditor_id: strawberry.Private[UUID]
    auditor_ids: strawberry.Private[list[UUID]]
    reported_by: strawberry.Private[UUID | None]
    checklist: list[ChecklistItem]  # type: ignore[assignment]
    findings: list[Finding]  # type: ignore[assignment]

    @field("The agency that is audited.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The agency it was entered for, as it is today or last was.")
    async def origin_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.origin_agency_id)

    @field("Who did what to it, newest first. One call per audit.")
    async def trail(self, info: Info, first: TrailLength = 100) -> list[TrailRow] | None:
        return await rows_of(info, contract.TrailOf(subject_id=self.id, first=first))

    @field("The lead auditor (trưởng đoàn).")
    async def lead_auditor(self, info: Info) -> Person | None:
        return await person_of(info, self.lead_auditor_id)

    @field("The other auditors.")
    async def auditors(self, info: Info) -> list[Person]:
        return await people_of(info, self.auditor_ids)


@strawberry.type
class AuditQueries:
    """What can be asked of audits."""

    @field(said_of(contract.Frameworks))
    async def frameworks(self, info: Info, as_of: AsOf = None) -> list[Framework] | None:
        views = await info.context.ask(contract.Frameworks(as_of=as_of))
        return [present(Framework, view) for view in views]

    @field(said_of(contract.ProgrammesOf))
    async def programmes(self, info: Info, agency_id: UUID) -> list[Programme] | None:
        info.context.signed_in()
        views = await info.context.loaders.group(contract.ProgrammesOf, agency_id, by="agency_id")
        return [present(Programme, view) for view in views]

    @field("One audit.")
    async def audit(self, info: Info, id: UUID) -> Audit | None:
        info.context.signed_in()
        view = await info.context.loaders.one(contract.AuditsByIds, id)
        return view and present(Audit, view)

    @field(said_of(contract.ListAudits))
    async def audits(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        programme_id: UUID | None = None,
    ) -> Connection[Audit] | None:
        info.context.signed_in()
        question = contract.ListAudits(
            first=first, after=after, agency_id=agency_id, programme_id=programme_id
        )
        page = await info.context.ask(question)
        return connect(Connection[Audit], Audit, page, after)
