"""Quality management systems, in GraphQL: what they cover, their committee, what is to be declared."""

from datetime import date
from uuid import UUID

import strawberry

from contracts.directory import quality_systems as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.directory.agencies import Agency, Position, agency_of, agency_then, position_of

enums(contract.SystemState, contract.DeclareReason, contract.SeatKind)


@shown
class Seat(contract.Seat):
    """`contracts.directory.quality_systems.Seat` with its position."""

    position_id: strawberry.Private[UUID]

    @field("The position, and by it who sits there; it says when it ended.")
    async def position(self, info: Info) -> Position | None:
        return await position_of(info, self.position_id)


@strawberry.type(description=said_of(contract.Coverage))
class Coverage:
    """`contracts.directory.quality_systems.Coverage` with its agency."""

    agency_id: strawberry.Private[UUID]
    valid_from: date
    valid_to: date | None

    @field("The agency as it was when the system began to cover it.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_then(info, self.agency_id, self.valid_from)


@shown
class Standard(contract.StandardView):
    """`contracts.directory.quality_systems.StandardView`."""


@shown(result="SystemResult")
class QualitySystem(contract.SystemView):
    """`contracts.directory.quality_systems.SystemView` with who keeps it."""

    agency_id: strawberry.Private[UUID]
    covers: list[Coverage]  # type: ignore[assignment]
    seats: list[Seat]  # type: ignore[assignment]

    @field("The agency that keeps it.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)


@strawberry.type
class SystemQueries:
    """What can be asked of quality management systems."""

    @field("One quality management system.")
    async def quality_system(self, info: Info, id: UUID) -> QualitySystem | None:
        view = await info.context.loaders.one(contract.SystemsByIds, id)
        return view and present(QualitySystem, view)

    @field(said_of(contract.ListSystems))
    async def quality_systems(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        state: contract.SystemState | None = None,
        must_declare: bool | None = None,
    ) -> Connection[QualitySystem] | None:
        question = contract.ListSystems(
            first=first, after=after, agency_id=agency_id, state=state, must_declare=must_declare
        )
        page = await info.context.ask(question)
        return connect(Connection[QualitySystem], QualitySystem, page, after)

    @field(said_of(contract.ListStandards))
    async def standards(self, info: Info) -> list[Standard] | None:
        views = await info.context.ask(contract.ListStandards())
        return [present(Standard, view) for view in views]
