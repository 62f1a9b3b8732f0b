"""The province's board, in GraphQL: how each agency stands, asked of every service at once."""

from asyncio import gather
from datetime import date
from uuid import UUID

import strawberry

from contracts.audits import statistics as audits
from contracts.cases import statistics as figures
from contracts.documents import documents
from contracts.succession import Attribution
from gateway.graphql.context import Info
from gateway.graphql.present import field
from gateway.schema.directory.agencies import Agency, AsOf
from gateway.schema.succession import Under, agency_ever


@strawberry.type(description="How one agency stands: what is in force, how dossiers go, what is open.")
class AgencyStanding:
    """One row of the board; a figure that no service has is zero or null."""

    agency_id: strawberry.Private[UUID]
    procedures_in_force: int = 0
    dossiers_received: int = 0
    dossiers_finished: int = 0
    dossiers_on_time: int = 0
    dossiers_late: int = 0
    dossiers_overdue_open: int = 0
    open_nonconformities: int = 0
    overdue_actions: int = 0
    last_audit_on: date | None = None
    last_review_on: date | None = None

    @field("The agency, as it is today or last was.")
    async def agency(self, info: Info) -> Agency | None:
        return await agency_ever(info, self.agency_id)


@strawberry.type
class BoardQueries:
    """What a leader asks of the whole."""

    @field(
        "How the agencies stand that the caller reaches, or those of them asked for: three calls, "
        "whether for one agency or for all of a province.",
        calls=3,
    )
    async def standings(
        self,
        info: Info,
        agency_ids: list[UUID] | None = None,
        as_of: AsOf = None,
        attribution: Under = Attribution.AS_NOW,
    ) -> list[AgencyStanding] | None:
        info.context.signed_in()
        ask = info.context.ask
        documented = documents.DocumentFiguresOf(agency_ids=agency_ids, as_of=as_of, attribution=attribution)
        worked = figures.FiguresOf(agency_ids=agency_ids, attribution=attribution)
        kept = audits.QualityFiguresOf(agency_ids=agency_ids, attribution=attribution)
        in_force, dossiers, quality = await gather(
            ask(documented),
            ask(worked),
            ask(kept),
        )
        return _joined(in_force, dossiers, quality)


def _joined(
    in_force: list[documents.DocumentFigures],
    dossiers: list[figures.FiguresView],
    quality: list[audits.QualityFigures],
) -> list[AgencyStanding]:
    """The services' figures put together, one row an agency."""
    rows: dict[UUID, AgencyStanding] = {}
    seen = {each.agency_id for each in in_force} | {each.agency_id for each in dossiers}
    for agency_id in seen | {each.agency_id for each in quality}:
        rows[agency_id] = AgencyStanding(agency_id=agency_id)
    for document in in_force:
        rows[document.agency_id].procedures_in_force = document.procedures_in_force
    for work in dossiers:
        row = rows[work.agency_id]
        row.dossiers_received, row.dossiers_finished = work.received, work.finished
        row.dossiers_on_time, row.dossiers_late = work.on_time, work.late
        row.dossiers_overdue_open = work.overdue_open
    for standing in quality:
        row = rows[standing.agency_id]
        row.open_nonconformities = standing.open_nonconformities
        row.overdue_actions = standing.overdue_actions
        row.last_audit_on, row.last_review_on = standing.last_audit_on, standing.last_review_on
    return [rows[agency] for agency in sorted(rows)]
