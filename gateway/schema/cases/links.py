"""Liên thông in GraphQL: which agency lets which other bring it dossiers."""

from uuid import UUID

import strawberry

from contracts.cases import links as contract
from gateway.graphql.context import Info
from gateway.graphql.present import field, present, said_of, shown
from gateway.schema.directory.agencies import Agency
from gateway.schema.succession import agency_ever


@shown
class AgencyLink(contract.AgencyLinkView):
    """`contracts.cases.links.AgencyLinkView` with its agencies."""

    competent_agency_id: strawberry.Private[UUID]
    receiving_agency_id: strawberry.Private[UUID]

    @field("The agency that answers for what is brought.")
    async def competent_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.competent_agency_id)

    @field("The agency that may bring it.")
    async def receiving_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.receiving_agency_id)


@strawberry.type
class LinkQueries:
    """What can be asked of links."""

    @field(said_of(contract.ListAgencyLinks))
    async def agency_links(self, info: Info, agency_id: UUID) -> list[AgencyLink] | None:
        info.context.signed_in()
        question = contract.ListAgencyLinks(agency_id=agency_id)
        views = await info.context.ask(question)
        return [present(AgencyLink, view) for view in views]
