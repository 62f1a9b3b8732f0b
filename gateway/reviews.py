"""The management review, in GraphQL: frozen inputs, decisions as tasks, the conclusion."""

from uuid import UUID

import strawberry

from contracts.audits import reviews as contract
from contracts.audits.programmes import TrailOf
from gateway.context import Info, command
from gateway.directory import Agency, Person, agency_of, person_of, refusable
from gateway.following import agency_ever
from gateway.paging import After, Connection, First, connect
from gateway.present import asked, field, present, said_of
from gateway.trail import TrailLength, TrailRow, rows_of

for kind in (contract.ReviewState, contract.TaskState):
    strawberry.enum(kind, description=said_of(kind))


@strawberry.type(description=said_of(contract.ReviewInputView))
class ReviewInput(contract.ReviewInputView):
    """`contracts.audits.reviews.ReviewInputView`."""


@strawberry.type(description=said_of(contract.ReviewTaskView))
class ReviewTask(contract.ReviewTaskView):
    """`contracts.audits.reviews.ReviewTaskView` with its people."""

    owner_id: strawberry.Private[UUID]
    done_by: strawberry.Private[UUID | None]

    @field("Who is to do it.")
    async def owner(self, info: Info) -> Person | None:
        return await person_of(info, self.owner_id)


@strawberry.type(description=said_of(contract.ReviewView))
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
        view = await info.context.loaders.one(contract.ReviewsByIds, contract.ReviewView, id)
        return view and present(Review, view)

    @field(said_of(contract.ListReviews))
    async def reviews(
        self, info: Info, first: First = 50, after: After = None, agency_id: UUID | None = None
    ) -> Connection[Review] | None:
        info.context.signed_in()
        question = contract.ListReviews(first=first, after=after, agency_id=agency_id)
        page = await info.context.ask(question, contract.ReviewPage)
        return connect(Connection[Review], Review, page, after)


@asked
class PlanReviewInput(contract.PlanReview): ...


@asked
class InputNoteInput(contract.InputNote): ...


@asked
class FreezeInputsInput(contract.FreezeInputs):
    """`contracts.audits.reviews.FreezeInputs` with its notes as inputs."""

    notes: list[InputNoteInput] = strawberry.field(default_factory=list)  # type: ignore[assignment]


@asked
class RecordDecisionInput(contract.RecordDecision): ...


@asked
class CompleteTaskInput(contract.CompleteTask): ...


@asked
class ConcludeReviewInput(contract.ConcludeReview): ...


ReviewResult = refusable("ReviewResult", Review)


@strawberry.type
class ReviewMutations:
    """The commands about management reviews."""

    plan_review = command(PlanReviewInput, Review, ReviewResult)
    freeze_inputs = command(FreezeInputsInput, Review, ReviewResult)
    record_decision = command(RecordDecisionInput, Review, ReviewResult)
    complete_task = command(CompleteTaskInput, Review, ReviewResult)
    conclude_review = command(ConcludeReviewInput, Review, ReviewResult)
