"""The management review, in GraphQL: frozen inputs, decisions as tasks, the conclusion."""

from uuid import UUID

import strawberry

from contracts.audits import reviews as contract
from contracts.audits.programmes import TrailOf
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.directory.agencies import Agency, Person, agency_of, person_of
from gateway.schema.succession import agency_ever
from gateway.schema.trail import TrailLength, TrailRow, rows_of

enums(contract.ReviewState, contract.TaskState)


@shown
class ReviewInput(contract.ReviewInputView):
    """`contracts.audits.reviews.ReviewInputView`."""


@shown
class ReviewTask(contract.ReviewTaskView):
    """`contracts.audits.reviews.ReviewTaskView` with its people."""

    owner_id: strawberry.Private[UUID]
    done_by: strawberry.Private[UUID | None]

    @field("Who is to do it.")
    async def owner(self, info: Info) -> Person | None:
        return await person_of(info, self.owner_id)


@shown
class Review(contract.ReviewView):
    """`contracts.audits.reviews.ReviewView` with its agency and head."""

    agency_id: strawberry.Private[UUID]
    origin_agency_id: strawberry.Private[UUID]
    concluded_by: strawberry.Private[UUID | None]
    inputs: list[ReviewInput]  # type: ignore[assignment]
    tasks: list[ReviewTask]  # type: ignore[assignment]

    @field("The agency whose system is reviewed.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The agency it was entered for, as it is today or last was.")
    async def origin_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.origin_agency_id)

    @field("Who did what to it, newest first. One call per review.")
    async def trail(self, info: Info, first: TrailLength = 100) -> list[TrailRow] | None:
        return await rows_of(info, TrailOf(subject_id=self.id, first=first))

    @field("Who concluded it.", name="concludedBy")
    async def head(self, info: Info) -> Person | None:
        return await person_of(info, self.concluded_by)


@strawberry.type
class ReviewQueries:
    """What can be asked of management reviews."""

    @field("One management review.")
    async def review(self, info: Info, id: UUID) -> Review | None:
        info.context.signed_in()
        view = await info.context.loaders.one(contract.ReviewsByIds, id)
        return view and present(Review, view)

    @field(said_of(contract.ListReviews))
    async def reviews(
        self, info: Info, first: First = 50, after: After = None, agency_id: UUID | None = None
    ) -> Connection[Review] | None:
        info.context.signed_in()
        question = contract.ListReviews(first=first, after=after, agency_id=agency_id)
        page = await info.context.ask(question)
        return connect(Connection[Review], Review, page, after)
