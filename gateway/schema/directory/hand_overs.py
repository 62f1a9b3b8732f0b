"""Handing over, in GraphQL: drawn up, signed by both sides and the unit's leader, with its minute."""

from datetime import datetime
from uuid import UUID

import strawberry

from contracts import duties
from contracts.audits import minutes
from contracts.directory import hand_overs as contract
from contracts.duties import DutyKind, DutySubject
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown
from gateway.schema.directory.agencies import (
    Agency,
    HeldRole,
    Person,
    Position,
    agency_of,
    person_of,
    position_of,
)

enums(DutyKind, DutySubject, contract.HandOverState, contract.SigningPart)


@strawberry.type(description=said_of(contract.MinuteSignature))
class MinuteSignature:
    """`contracts.directory.hand_overs.MinuteSignature` with its person and position."""

    part: contract.SigningPart
    at: datetime
    person_id: strawberry.Private[UUID]
    position_id: strawberry.Private[UUID]
    on_behalf_of: strawberry.Private[UUID | None]

    @field("For whom they signed, where they acted for another.", name="onBehalfOf")
    async def principal(self, info: Info) -> Person | None:
        return await person_of(info, self.on_behalf_of)

    @field("Who signed.")
    async def person(self, info: Info) -> Person | None:
        return await person_of(info, self.person_id)

    @field("As which position.")
    async def position(self, info: Info) -> Position | None:
        return await position_of(info, self.position_id)


@strawberry.type(description=said_of(duties.HandedThing))
class HandedThing:
    """`contracts.duties.HandedThing`."""

    kind: DutyKind
    subject: DutySubject
    subject_id: UUID
    code: str
    title: str


@shown
class HandOverReport(minutes.HandOverReport):
    """`contracts.audits.minutes.HandOverReport`."""

    things: list[HandedThing]  # type: ignore[assignment]


@shown
class MinuteLink(minutes.MinuteLink):
    """`contracts.audits.minutes.MinuteLink`."""


@shown
class Minute(minutes.MinuteView):
    """`contracts.audits.minutes.MinuteView` with a link to the file."""

    hand_over_id: strawberry.Private[UUID]
    reports: list[HandOverReport]  # type: ignore[assignment]

    @field("A link to the PDF for some minutes; refused until it is written. One call per minute.")
    async def download(self, info: Info) -> MinuteLink | None:
        question = minutes.DownloadMinute(hand_over_id=self.hand_over_id)
        return present(MinuteLink, await info.context.ask(question))


@shown
class HandOver(contract.HandOverView):
    """`contracts.directory.hand_overs.HandOverView` with its agency, its positions and its people."""

    agency_id: strawberry.Private[UUID]
    giver_position_id: strawberry.Private[UUID]
    giver_id: strawberry.Private[UUID]
    receiver_position_id: strawberry.Private[UUID]
    receiver_id: strawberry.Private[UUID]
    roles: list[HeldRole]  # type: ignore[assignment]
    signatures: list[MinuteSignature]  # type: ignore[assignment]

    @field("The agency whose work it is.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)

    @field("The position that was handed over.")
    async def giver_position(self, info: Info) -> Position | None:
        return await position_of(info, self.giver_position_id)

    @field("Who handed over.")
    async def giver(self, info: Info) -> Person | None:
        return await person_of(info, self.giver_id)

    @field("The position that takes over.")
    async def receiver_position(self, info: Info) -> Position | None:
        return await position_of(info, self.receiver_position_id)

    @field("Who takes over.")
    async def receiver(self, info: Info) -> Person | None:
        return await person_of(info, self.receiver_id)

    @field("What passed in each service, and the minute; null until the hand-over is done.")
    async def minute(self, info: Info) -> Minute | None:
        loaders = info.context.loaders
        view = await loaders.one(minutes.MinutesByIds, self.id, by="hand_over_id")
        return view and present(Minute, view)


@strawberry.type
class HandOverQueries:
    """What can be asked of hand-overs."""

    @field("One hand-over.")
    async def hand_over(self, info: Info, id: UUID) -> HandOver | None:
        info.context.signed_in()
        view = await info.context.loaders.one(contract.HandOversByIds, id)
        return view and present(HandOver, view)

    @field(said_of(contract.ListHandOvers))
    async def hand_overs(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        agency_id: UUID | None = None,
        state: contract.HandOverState | None = None,
    ) -> Connection[HandOver] | None:
        info.context.signed_in()
        question = contract.ListHandOvers(first=first, after=after, agency_id=agency_id, state=state)
        page = await info.context.ask(question)
        return connect(Connection[HandOver], HandOver, page, after)
