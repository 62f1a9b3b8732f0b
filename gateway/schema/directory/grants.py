"""Roles granted to people in person, in GraphQL."""

from datetime import date
from uuid import UUID

import strawberry

from contracts.directory import grants as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import field, said_of, shown
from gateway.schema.directory.agencies import Agency, Person, agency_of, person_of


@shown
class Grant(contract.RoleGrantView):
    """`contracts.directory.grants.RoleGrantView` with the person and the agency."""

    person_id: strawberry.Private[UUID]
    agency_id: strawberry.Private[UUID]

    @field("Whose it is.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id)

    @field("The agency the role is held for.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)


@strawberry.type
class GrantQueries:
    """What can be asked of role grants."""

    @field(said_of(contract.ListGrants))
    async def grants(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        person_id: UUID | None = None,
        agency_id: UUID | None = None,
        as_of: date | None = None,
    ) -> Connection[Grant] | None:
        info.context.signed_in()
        question = contract.ListGrants(
            first=first, after=after, person_id=person_id, agency_id=agency_id, as_of=as_of
        )
        page = await info.context.ask(question)
        return connect(Connection[Grant], Grant, page, after)
