"""Programs of portals in GraphQL: listed, registered, approved again, given new secrets, revoked, let in."""

from uuid import UUID

import strawberry

from contracts.directory import clients as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.directory.agencies import Agency, Person, agency_of, person_of

enums(contract.Scope, contract.ClientState)


@shown
class ClientReach(contract.ClientReach):
    """`contracts.directory.clients.ClientReach` with the agency."""

    agency_id: strawberry.Private[UUID]

    @field("The agency.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)


@shown(result="ClientResult")
class IntegrationClient(contract.ClientView):
    """`contracts.directory.clients.ClientView` with whose it is and who answers for it."""

    agency_id: strawberry.Private[UUID]
    responsible_id: strawberry.Private[UUID]
    agencies: list[ClientReach]  # type: ignore[assignment]

    @field("The agency that owns it.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("Who answers for it.")
    async def responsible(self, info: Info) -> Person | None:
        return await person_of(info, self.responsible_id)


@shown(result="ClientSecretResult")
class ClientWithSecret(contract.ClientWithSecret):
    """`contracts.directory.clients.ClientWithSecret`."""

    client: IntegrationClient


@shown
class ClientGrant(contract.ClientSessionView):
    """`contracts.directory.clients.ClientSessionView`."""


@strawberry.type
class ClientQueries:
    """What can be asked about programs of portals."""

    @field("One program of a portal.")
    async def integration_client(self, info: Info, id: UUID) -> IntegrationClient | None:
        view = await info.context.loaders.one(contract.ClientsByIds, id)
        return view and present(IntegrationClient, view)

    @field(said_of(contract.ListClients))
    async def integration_clients(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        state: contract.ClientState | None = None,
    ) -> Connection[IntegrationClient] | None:
        question = contract.ListClients(first=first, after=after, agency_id=agency_id, state=state)
        page = await info.context.ask(question)
        return connect(Connection[IntegrationClient], IntegrationClient, page, after)
