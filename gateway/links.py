"""Liên thông in GraphQL: which agency lets which other bring it dossiers."""

from uuid import UUID

import strawberry

from contracts.cases import links as contract
from gateway.context import Info, command
from gateway.directory import Agency, refusable
from gateway.following import agency_ever
from gateway.present import asked, field, present, said_of


@strawberry.type(description=said_of(contract.AgencyLinkView))
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
        views = await info.context.ask(question, list[contract.AgencyLinkView])
        return [present(AgencyLink, view) for view in views]


@asked
class LinkAgenciesInput(contract.LinkAgencies): ...


@asked
class EndAgencyLinkInput(contract.EndAgencyLink): ...


AgencyLinkResult = refusable("AgencyLinkResult", AgencyLink)


@strawberry.type
class LinkMutations:
    """The commands about links."""

    link_agencies = command(LinkAgenciesInput, AgencyLink, AgencyLinkResult)
    end_agency_link = command(EndAgencyLinkInput, AgencyLink, AgencyLinkResult)
