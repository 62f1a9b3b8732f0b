"""What is not as it should be, in GraphQL: the register, corrections and corrective actions."""

from uuid import UUID

import strawberry

from contracts.audits import nonconformities as contract
from contracts.audits.programmes import TrailOf
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.directory.agencies import Agency, Person, agency_of, person_of
from gateway.schema.documents.documents import Document, document_of
from gateway.schema.succession import agency_ever
from gateway.schema.trail import TrailLength, TrailRow, rows_of

enums(
    contract.NonconformitySource,
    contract.Severity,
    contract.NonconformityState,
    contract.ActionState,
)


@shown
class CorrectiveAction(contract.CorrectiveActionView):
    """`contracts.audits.nonconformities.CorrectiveActionView` with its people."""

    owner_id: strawberry.Private[UUID]
    done_by: strawberry.Private[UUID | None]
    verified_by: strawberry.Private[UUID | None]

    @field("Who is to do it.")
    async def owner(self, info: Info) -> Person | None:
        return await person_of(info, self.owner_id)

    @field("Who did it.", name="doneBy")
    async def doer(self, info: Info) -> Person | None:
        return await person_of(info, self.done_by)

    @field("Who found whether it worked; never whoever did it.", name="verifiedBy")
    async def verifier(self, info: Info) -> Person | None:
        return await person_of(info, self.verified_by)


@shown
class Nonconformity(contract.NonconformityView):
    """`contracts.audits.nonconformities.NonconformityView` with its agency, procedure and people."""

    agency_id: strawberry.Private[UUID]
    origin_agency_id: strawberry.Private[UUID]
    document_id: strawberry.Private[UUID | None]
    raised_by: strawberry.Private[UUID | None]
    corrected_by: strawberry.Private[UUID | None]
    closed_by: strawberry.Private[UUID | None]
    actions: list[CorrectiveAction]  # type: ignore[assignment]

    @field("The agency whose register it stands in.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The agency it was entered for, as it is today or last was.")
    async def origin_agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.origin_agency_id)

    @field("Who did what to it, newest first. One call per nonconformity.")
    async def trail(self, info: Info, first: TrailLength = 100) -> list[TrailRow] | None:
        return await rows_of(info, TrailOf(subject_id=self.id, first=first))

    @field("The procedure it is about, if it is about one the caller may see.")
    async def document(self, info: Info) -> Document | None:
        return await document_of(info, self.document_id)

    @field("Who raised it; nobody where lateness did.", name="raisedBy")
    async def raiser(self, info: Info) -> Person | None:
        return await person_of(info, self.raised_by)

    @field("Who put it right.", name="correctedBy")
    async def corrector(self, info: Info) -> Person | None:
        return await person_of(info, self.corrected_by)

    @field("Who closed it.", name="closedBy")
    async def closer(self, info: Info) -> Person | None:
        return await person_of(info, self.closed_by)


async def nonconformity_of(info: Info, id: UUID | None) -> Nonconformity | None:
    """A nonconformity by its id, in one call with all others of the request."""
    view = await info.context.loaders.one(contract.NonconformitiesByIds, id)
    return view and present(Nonconformity, view)


@strawberry.type
class NonconformityQueries:
    """What can be asked of the register."""

    @field("One nonconformity.")
    async def nonconformity(self, info: Info, id: UUID) -> Nonconformity | None:
        info.context.signed_in()
        return await nonconformity_of(info, id)

    @field(said_of(contract.ListNonconformities))
    async def nonconformities(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        state: contract.NonconformityState | None = None,
    ) -> Connection[Nonconformity] | None:
        info.context.signed_in()
        question = contract.ListNonconformities(first=first, after=after, agency_id=agency_id, state=state)
        page = await info.context.ask(question)
        return connect(Connection[Nonconformity], Nonconformity, page, after)
