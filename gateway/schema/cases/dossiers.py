"""Dossiers in GraphQL: their steps, their questions, their trail."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from contracts.cases import deadlines as clocks
from contracts.cases import dossiers as contract
from contracts.cases import statistics as figures
from contracts.succession import Attribution
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.cases.deadlines import DeadlineExplanation, PauseReason
from gateway.schema.cases.statistics import DossierFigures, MonthFigures
from gateway.schema.directory.agencies import Agency, AsOf, Person, agency_of, person_of
from gateway.schema.documents.documents import Document, document_of
from gateway.schema.succession import Under, agencies_ever, agency_ever
from gateway.schema.trail import TrailLength, TrailRow, rows_of

enums(
    contract.DossierKind,
    contract.DossierStatus,
    contract.StepStatus,
    contract.Outcome,
)


MONTH = strawberry.argument(description="Any day of the month; months are Vietnam's.")
Month = Annotated[date | None, MONTH]
SomeMonth = Annotated[date, MONTH]


@shown
class DossierStep(contract.DossierStepView):
    """`contracts.cases.dossiers.DossierStepView` with its agency and officer."""

    agency_id: strawberry.Private[UUID]
    officer_id: strawberry.Private[UUID | None]
    position_id: strawberry.Private[UUID | None]

    @field("The agency whose step it is, or was when it was done.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.agency_id)

    @field("Who took it over.")
    async def officer(self, info: Info) -> Person | None:
        return await person_of(info, self.officer_id)


@shown
class Pause(contract.PauseView):
    """`contracts.cases.dossiers.PauseView`."""


@shown
class Dossier(contract.DossierView):
    """`contracts.cases.dossiers.DossierView` with its agencies, procedure and deadline."""

    agency_id: strawberry.Private[UUID]
    received_agency_id: strawberry.Private[UUID]
    competent_agency_id: strawberry.Private[UUID]
    supporting_agency_ids: strawberry.Private[list[UUID]]
    coordinating_agency_ids: strawberry.Private[list[UUID]]
    document_id: strawberry.Private[UUID]
    revision_id: strawberry.Private[UUID]
    holder_agency_id: strawberry.Private[UUID | None]
    officer_id: strawberry.Private[UUID | None]
    holder_position_id: strawberry.Private[UUID | None]
    brought_by_id: strawberry.Private[UUID | None] = None
    steps: list[DossierStep]  # type: ignore[assignment]
    pauses: list[Pause]  # type: ignore[assignment]

    @field("The agency that keeps it: it received it, or goes on for the one that did.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The agency that received it, as it is today or last was.")
    async def received_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.received_agency_id)

    @field("The agency that decides, or did.")
    async def competent_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.competent_agency_id)

    @field("Agencies that support it.")
    async def supporting_agencies(self, info: Info) -> list[Agency]:
        return await agencies_ever(info, self.supporting_agency_ids)

    @field("Agencies that co-ordinate.")
    async def coordinating_agencies(self, info: Info) -> list[Agency]:
        return await agencies_ever(info, self.coordinating_agency_ids)

    @field("The agency that holds it now.")
    async def holder(self, info: Info) -> Agency | None:
        return await agency_of(info, self.holder_agency_id)

    @field("The officer at work on it.")
    async def officer(self, info: Info) -> Person | None:
        return await person_of(info, self.officer_id)

    @field("Who entered it at its reception; empty where a portal's program did.")
    async def brought_by(self, info: Info) -> Person | None:
        return await person_of(info, self.brought_by_id)

    @field("The procedure it runs under, if the caller may see it.")
    async def document(self, info: Info) -> Document | None:
        return await document_of(info, self.document_id)

    @field("Who did what to it, newest first. One call per dossier.")
    async def trail(self, info: Info, first: TrailLength = 100) -> list[TrailRow] | None:
        return await rows_of(info, contract.TrailOf(dossier_id=self.id, first=first))

    @field("Why its deadline is when it is, segment by segment. One call per dossier.")
    async def deadline_explanation(self, info: Info) -> DeadlineExplanation | None:
        question = clocks.DeadlineExplanation(dossier_id=self.id)
        return present(DeadlineExplanation, await info.context.ask(question))


@strawberry.type
class CaseQueries:
    """What can be asked of dossiers."""

    @field("One dossier.")
    async def dossier(self, info: Info, id: UUID) -> Dossier | None:
        info.context.signed_in()
        view = await info.context.loaders.one(contract.DossiersByIds, id)
        return view and present(Dossier, view)

    @field(said_of(contract.ListDossiers))
    async def dossiers(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        status: contract.DossierStatus | None = None,
        document_id: UUID | None = None,
        overdue_only: bool = False,
    ) -> Connection[Dossier] | None:
        info.context.signed_in()
        question = contract.ListDossiers(
            first=first,
            after=after,
            agency_id=agency_id,
            status=status,
            document_id=document_id,
            overdue_only=overdue_only,
        )
        page = await info.context.ask(question)
        return connect(Connection[Dossier], Dossier, page, after)

    @field(said_of(clocks.PauseReasons))
    async def pause_reasons(self, info: Info, on: AsOf = None) -> list[PauseReason] | None:
        views = await info.context.ask(clocks.PauseReasons(on=on))
        return [present(PauseReason, view) for view in views]

    @field(said_of(figures.FiguresOf))
    async def dossier_figures(
        self,
        info: Info,
        agency_ids: list[UUID] | None = None,
        document_id: UUID | None = None,
        by_document: bool = False,
        from_month: Month = None,
        to_month: Month = None,
        attribution: Under = Attribution.AS_NOW,
    ) -> list[DossierFigures] | None:
        info.context.signed_in()
        question = figures.FiguresOf(
            agency_ids=agency_ids,
            document_id=document_id,
            by_document=by_document,
            from_month=from_month,
            to_month=to_month,
            attribution=attribution,
        )
        views = await info.context.ask(question)
        return [present(DossierFigures, view) for view in views]

    @field(said_of(figures.FiguresByMonth))
    async def dossier_months(
        self,
        info: Info,
        from_month: SomeMonth,
        to_month: SomeMonth,
        agency_ids: list[UUID] | None = None,
        document_id: UUID | None = None,
        attribution: Under = Attribution.AS_NOW,
    ) -> list[MonthFigures] | None:
        info.context.signed_in()
        question = figures.FiguresByMonth(
            agency_ids=agency_ids,
            document_id=document_id,
            from_month=from_month,
            to_month=to_month,
            attribution=attribution,
        )
        views = await info.context.ask(question)
        return [present(MonthFigures, view) for view in views]
