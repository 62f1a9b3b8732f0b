"""Acts that change agencies, in GraphQL: their preview, applying or scheduling one, taking it back."""

from typing import Any
from uuid import UUID

import strawberry

from contracts.directory import reorganisations as contract
from gateway.graphql.commands import input_of
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.directory.agencies import Agency, Person, Position, agency_of, person_of, position_of
from gateway.schema.succession import HOLDERS, HeldElsewhere, reported

enums(contract.ReorganisationState, contract.AgencyPart, contract.AgencyFact)


# -- what is shown -----------------------------------------------------------------------------


@shown
class LegalBasis(contract.LegalBasis):
    """`contracts.directory.reorganisations.LegalBasis`."""


@shown
class PartTaken(contract.PartTaken):
    """`contracts.directory.reorganisations.PartTaken`; the agency may not be there yet, or not any more."""

    @field("The agency as it is today; null when it is not there.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)


@shown
class Reorganisation(contract.ReorganisationView):
    """`contracts.directory.reorganisations.ReorganisationView` with who asked for it."""

    basis: LegalBasis
    agencies: list[PartTaken]  # type: ignore[assignment]
    requested_by: strawberry.Private[UUID | None]

    @field("Who entered the act.", name="requestedBy")
    async def requester(self, info: Info) -> Person | None:
        return await person_of(info, self.requested_by)


@shown
class AgencyOutcome(contract.AgencyOutcome):
    """`contracts.directory.reorganisations.AgencyOutcome`; by ids, since a new agency is nowhere else yet."""


@shown
class PlannedSuccession(contract.PlannedSuccession):
    """`contracts.directory.reorganisations.PlannedSuccession`."""


@shown
class PositionMove(contract.PositionMove):
    """`contracts.directory.reorganisations.PositionMove` with the position and its holder."""

    position_id: strawberry.Private[UUID]
    person_id: strawberry.Private[UUID]

    @field("The position as it is held now.")
    async def position(self, info: Info) -> Position | None:
        return await position_of(info, self.position_id)

    @field("Who holds it.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id)


@shown
class Continuation(contract.Continuation):
    """`contracts.directory.reorganisations.Continuation`; by ids, since a new agency is nowhere else yet."""


@shown
class ReorganisationPreview(contract.ReorganisationPreviewView):
    """`contracts.directory.reorganisations.ReorganisationPreviewView`."""

    agencies: list[AgencyOutcome]  # type: ignore[assignment]
    successions: list[PlannedSuccession]  # type: ignore[assignment]
    continuations: list[Continuation]  # type: ignore[assignment]
    moves: list[PositionMove]  # type: ignore[assignment]
    elsewhere: list[HeldElsewhere]  # type: ignore[assignment]


# -- what is asked -----------------------------------------------------------------------------


PreviewInput: Any = input_of(contract.ReorganisationPreview)


@strawberry.type
class ReorganisationQueries:
    """What can be asked of acts."""

    @field(said_of(contract.ReorganisationPreview), calls=1 + len(HOLDERS))
    async def reorganisation_preview(self, info: Info, input: PreviewInput) -> ReorganisationPreview | None:
        info.context.signed_in()
        question = contract.ReorganisationPreview(**vars(input))
        answer = await info.context.ask(question)
        await reported(info.context, answer)
        return present(ReorganisationPreview, answer)

    @field(said_of(contract.ListReorganisations))
    async def reorganisations(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        state: contract.ReorganisationState | None = None,
    ) -> Connection[Reorganisation] | None:
        info.context.signed_in()
        question = contract.ListReorganisations(first=first, after=after, agency_id=agency_id, state=state)
        page = await info.context.ask(question)
        return connect(Connection[Reorganisation], Reorganisation, page, after)
