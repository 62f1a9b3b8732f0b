"""Figures of dossiers in GraphQL."""

from uuid import UUID

import strawberry

from contracts.cases import statistics as figures
from gateway.graphql.context import Info
from gateway.graphql.present import field, shown
from gateway.schema.directory.agencies import Agency
from gateway.schema.documents.documents import Document, document_of
from gateway.schema.succession import agency_ever


@shown
class DossierFigures(figures.FiguresView):
    """`contracts.cases.statistics.FiguresView` with its agency and procedure."""

    agency_id: strawberry.Private[UUID]
    document_id: strawberry.Private[UUID | None]

    @field("The agency whose figures these are, as it is today or last was.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.agency_id)

    @field("The procedure, where the figures are apart by procedure.")
    async def document(self, info: Info) -> Document | None:
        return await document_of(info, self.document_id)


@shown
class MonthFigures(figures.MonthFigures):
    """`contracts.cases.statistics.MonthFigures`."""
