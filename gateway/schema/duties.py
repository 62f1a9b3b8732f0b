"""The page of duties ("việc của tôi"), in GraphQL: what waits for somebody in every service."""

from asyncio import gather
from typing import Annotated, Any
from uuid import UUID

import strawberry

from contracts import duties as contract
from contracts.audits import duties as audits
from contracts.cases import duties as cases
from contracts.documents import duties as documents
from gateway.bus.refused import Refused
from gateway.graphql.context import Info
from gateway.graphql.present import enums, field, present, shown
from gateway.schema.directory.agencies import Agency, Position, agency_of, position_of
from kernel.base.errors import NotFound

enums(contract.DutyKind, contract.DutySubject)

ASKED: dict[str, type[contract.DutiesAsked]] = {
    "documents": documents.DocumentDuties,
    "cases": cases.DossierDuties,
    "audits": audits.QualityDuties,
}
"""The services where something may wait for somebody, and how each is asked."""

HowMany = Annotated[
    int, strawberry.argument(description="How many of them, 1 to 200; the counts are of all in any case.")
]
OfPosition = Annotated[
    UUID | None,
    strawberry.argument(
        description="Of another position what is its holder's own, for the leader of its unit."
    ),
]


@shown
class Duty(contract.DutyView):
    """`contracts.duties.DutyView` with its agency."""

    agency_id: strawberry.Private[UUID]

    @field("The agency it is to be done for.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_of(info, self.agency_id)


@shown
class DutyCount(contract.DutyCount):
    """`contracts.duties.DutyCount`."""


@strawberry.type(description="What waits for somebody, by the office hours left; what is late comes first.")
class Duties:
    """Every service's part in one list; a service that did not answer is named, and its part is missing."""

    items: list[Duty]
    counts: list[DutyCount]
    not_answering: list[str]


@strawberry.type
class DutyQueries:
    """What a person's first page asks."""

    @field(
        "What waits for me: of my own, and for any holder of my roles. Three calls, whatever there is. "
        "What has no due time comes last, the longest waiting first.",
        calls=len(ASKED) + 1,
    )
    async def duties(self, info: Info, first: HowMany = 50, position_id: OfPosition = None) -> Duties | None:
        info.context.signed_in()
        person_id = await _holder(info, position_id)
        answers = await gather(
            *(
                _asked(info, question(first=first, position_id=position_id, person_id=person_id))
                for question in ASKED.values()
            )
        )
        given = [each for each in answers if each is not None]
        items = sorted((each for part in given for each in part.items), key=urgency)
        return Duties(
            items=[present(Duty, each) for each in items[:first]],
            counts=[present(DutyCount, each) for part in given for each in part.counts],
            not_answering=[name for name, part in zip(ASKED, answers, strict=True) if part is None],
        )


def urgency(duty: contract.DutyView) -> tuple[Any, ...]:
    """By office hours left; equal ones, and those without a due time, by how long they have waited."""
    since = duty.since.timestamp() if duty.since else 0.0
    if duty.minutes_left is None:
        return (1, 0, since, duty.subject_id)
    return (0, duty.minutes_left, since, duty.subject_id)


async def _holder(info: Info, position_id: UUID | None) -> UUID | None:
    if position_id is None:
        return None
    position: Position | None = await position_of(info, position_id)
    if position is None:
        raise Refused.because(NotFound("position_not_found", "positionId"))
    return position.person_id


async def _asked(info: Info, question: Any) -> contract.DutyList | None:
    """One service's part; None where it is away, so that the rest of the page stands."""
    try:
        answer: contract.DutyList = await info.context.ask(question)
    except Refused as refused:
        if not refused.is_outage:
            raise
        return None
    return answer
