"""Acting for others, in GraphQL."""

from datetime import date
from uuid import UUID

import strawberry

from contracts.directory import delegations as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, said_of, shown
from gateway.schema.directory.agencies import (
    Agency,
    HeldRole,
    Person,
    Position,
    agency_of,
    person_of,
    position_of,
)

enums(contract.DelegationKind)


@shown
class Delegation(contract.DelegationView):
    """`contracts.directory.delegations.DelegationView` with its people and posts."""

    agency_id: strawberry.Private[UUID]
    from_position_id: strawberry.Private[UUID]
    given_by: strawberry.Private[UUID]
    to_position_id: strawberry.Private[UUID]
    to_person_id: strawberry.Private[UUID]
    roles: list[HeldRole]  # type: ignore[assignment]

    @field("The agency of the post.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The post that is acted for.")
    async def from_position(self, info: Info) -> Position | None:
        return await position_of(info, self.from_position_id)

    @field("Who lent it, or ordered it while it was vacant.", name="givenBy")
    async def giver(self, info: Info) -> Person | None:
        return await person_of(info, self.given_by)

    @field("The position whose holder acts.")
    async def to_position(self, info: Info) -> Position | None:
        return await position_of(info, self.to_position_id)

    @field("Who acts.")
    async def to_person(self, info: Info) -> Person | None:
        return await person_of(info, self.to_person_id)


@strawberry.type
class DelegationQueries:
    """What can be asked of delegations."""

    @field(said_of(contract.ListDelegations))
    async def delegations(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        as_of: date | None = None,
    ) -> Connection[Delegation] | None:
        info.context.signed_in()
        question = contract.ListDelegations(first=first, after=after, agency_id=agency_id, as_of=as_of)
        page = await info.context.ask(question)
        return connect(Connection[Delegation], Delegation, page, after)
