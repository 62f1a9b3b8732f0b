"""What follows an agency that ends, in GraphQL: counted for a preview, and agencies as they last were."""

from asyncio import gather
from asyncio import timeout as within
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

import strawberry

from contracts.audits import succession as audits
from contracts.cases import succession as cases
from contracts.directory import agencies as who
from contracts.directory import reorganisations as acts
from contracts.documents import succession as documents
from contracts.messages import text
from contracts.succession import Attribution, HeldBy, HeldCount, HeldKind
from gateway.bus.refused import Defect, Refused
from gateway.graphql.context import Context, Info
from gateway.graphql.present import enums, present, said_of, shown
from gateway.schema.directory.agencies import Agency

enums(HeldKind, Attribution)

HOLDERS: dict[str, type[HeldBy]] = {
    "documents": documents.HeldByAgencies,
    "cases": cases.HeldByAgencies,
    "audits": audits.HeldByAgencies,
}
"""Who is asked what it holds of the agencies that end."""
HOLDER_SECONDS = 4.0
"""How long a preview waits for them: one that is silent is shown as not reporting."""

Under = Annotated[
    Attribution,
    strawberry.argument(description="Under which agency the past counts where agencies ended."),
]


@strawberry.type(name="HeldCount", description=said_of(HeldCount))
class HeldCountType(HeldCount):
    """`contracts.succession.HeldCount`."""


@shown
class HeldElsewhere(acts.HeldElsewhere):
    """`contracts.directory.reorganisations.HeldElsewhere`."""

    counts: list[HeldCountType] | None = None  # type: ignore[assignment]


async def reported(context: Context, preview: acts.ReorganisationPreviewView) -> None:
    """Fill in what the services hold of the agencies that end: one call to each, all at once."""
    ended = [each.agency_id for each in preview.agencies if each.part is acts.AgencyPart.ENDED]
    if ended:
        preview.elsewhere = list(await gather(*(_held(context, each, ended) for each in HOLDERS)))


async def _held(context: Context, service: str, agency_ids: list[UUID]) -> acts.HeldElsewhere:
    try:
        async with within(HOLDER_SECONDS):
            counts = await context.ask(HOLDERS[service](agency_ids=agency_ids))
    except Refused as no:
        words = no.data["message"] if not no.is_outage else None
        return _silent(service, words)
    except (TimeoutError, Defect):
        return _silent(service, None)
    return acts.HeldElsewhere(service=service, counts=counts)


def _silent(service: str, words: dict[str, str] | None) -> acts.HeldElsewhere:
    """Not reporting, which is not zero; `words`: why the service refused to."""
    said = text("holder_did_not_report")
    note = words or {"vi": said.vi, "en": said.en}
    return acts.HeldElsewhere(service=service, note=note["vi"], note_en=note["en"])


async def agency_ever(info: Info, id: UUID | None) -> Agency | None:
    """An agency as it is today, or as it last was: what is past may name one that ended."""
    loaders = info.context.loaders
    view = await loaders.one(who.AgenciesByIds, id, as_of=None, ended=True)
    return view and present(Agency, view)


async def agencies_ever(info: Info, ids: Iterable[UUID]) -> list[Agency]:
    """Several of them in their order, in one call."""
    loaders = info.context.loaders
    views = await loaders.some(who.AgenciesByIds, list(ids), as_of=None, ended=True)
    return [present(Agency, view) for view in views]
