"""Who did what, in GraphQL: the trail of a thing, whichever service keeps it."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from contracts.trail import TrailRowView
from gateway.graphql.context import Info
from gateway.graphql.present import field, present, shown
from gateway.schema.directory.agencies import Person, Position, person_of, position_of

TrailLength = Annotated[int, strawberry.argument(description="How many rows at most, from 1 to 200.")]


@shown
class TrailRow(TrailRowView):
    """`contracts.trail.TrailRowView` with who acted."""

    person_id: strawberry.Private[UUID | None]
    position_id: strawberry.Private[UUID | None]
    on_behalf_of: strawberry.Private[UUID | None] = None

    @field("Who acted; null when the system or a program did.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id if self.actor_kind == "person" else None)

    @field("The id of the portal's program that acted; null when none did.")
    async def client_id(self) -> UUID | None:
        return self.person_id if self.actor_kind == "client" else None

    @field("The position they acted as.")
    async def position(self, info: Info) -> Position | None:
        return await position_of(info, self.position_id)

    @field("For whom they acted; null when for themselves.", name="onBehalfOf")
    async def principal(self, info: Info) -> Person | None:
        return await person_of(info, self.on_behalf_of)


async def rows_of(info: Info, question: Any) -> list[TrailRow]:
    """The answer to a service's `TrailOf`."""
    rows = await info.context.ask(question)
    return [present(TrailRow, row) for row in rows]
