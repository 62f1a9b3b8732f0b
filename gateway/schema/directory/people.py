"""Members of staff, in GraphQL: finding them, amending what is known of them."""

from uuid import UUID

import strawberry

from contracts.directory import staff as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, said_of
from gateway.schema.directory.agencies import Person

enums(contract.PersonFact)


@strawberry.type
class PeopleQueries:
    """What can be asked of people."""

    @field(said_of(contract.ListPeople))
    async def people(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        search: str | None = None,
        agency_id: UUID | None = None,
    ) -> Connection[Person] | None:
        info.context.signed_in()
        question = contract.ListPeople(first=first, after=after, search=search, agency_id=agency_id)
        page = await info.context.ask(question)
        return connect(Connection[Person], Person, page, after)
