"""What is asked about agencies. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from enum import Enum
from typing import TypedDict

from client.caller import Caller, Day, Id, Shape
from client.generated.enums import Attribution, HeldKind, ReorganisationState, StandardDuty
from client.generated.inputs import (
    AgencyAmendmentInput,
    AgencyDissolutionInput,
    AgencyMergeInput,
    AgencySplitInput,
    LegalBasisInput,
    NewAgencyInput,
    PostingInput,
    ReorganisationPreviewInput,
)


class CreateAgency(TypedDict):
    """What is asked of a Agency."""

    id: str


class Reorganise(TypedDict):
    """What is asked of a Reorganisation."""

    id: str
    state: ReorganisationState


class LinkAgenciesReceivingAgency(TypedDict):
    """What is asked of a Agency."""

    code: str


class LinkAgencies(TypedDict):
    """What is asked of a AgencyLink."""

    id: str
    receivingAgency: LinkAgenciesReceivingAgency | None


class AllAgencies(TypedDict):
    """What is asked of a Agency."""

    id: str
    code: str
    name: str


class AgencyHistoryHistory(TypedDict):
    """What is asked of a AgencyPeriod."""

    validFrom: str


class AgencyHistory(TypedDict):
    """What is asked of a Agency."""

    history: list[AgencyHistoryHistory] | None


class ReorganisationPreviewElsewhereCounts(TypedDict):
    """What is asked of a HeldCount."""

    kind: HeldKind
    count: int


class ReorganisationPreviewElsewhere(TypedDict):
    """What is asked of a HeldElsewhere."""

    service: str
    counts: list[ReorganisationPreviewElsewhereCounts] | None


class ReorganisationPreview(TypedDict):
    """What is asked of a ReorganisationPreview."""

    atOnce: bool
    peopleMoving: int
    childrenMoving: int
    elsewhere: list[ReorganisationPreviewElsewhere]


class Reorganisations(TypedDict):
    """What is asked of a Reorganisation."""

    id: str
    state: ReorganisationState


class StandingsAgency(TypedDict):
    """What is asked of a Agency."""

    code: str
    shortName: str
    kind: str


class Standings(TypedDict):
    """What is asked of a AgencyStanding."""

    agency: StandingsAgency | None
    proceduresInForce: int
    dossiersReceived: int
    dossiersFinished: int
    dossiersOnTime: int
    dossiersLate: int
    dossiersOverdueOpen: int
    openNonconformities: int
    lastAuditOn: str | None
    lastReviewOn: str | None


CREATE_AGENCY = """
mutation CreateAgency($input: CreateAgencyInput!) { answer: createAgency(input: $input) { __typename ...
on Agency { id } ... on Problem { code message remedy field } } }
"""

REORGANISE = """
mutation Reorganise($input: ReorganiseInput!) { answer: reorganise(input: $input) { __typename ... on
Reorganisation { id state } ... on Problem { code message remedy field } } }
"""

LINK_AGENCIES = """
mutation LinkAgencies($input: LinkAgenciesInput!) { answer: linkAgencies(input: $input) { __typename ...
on AgencyLink { id receivingAgency { code } } ... on Problem { code message remedy field } } }
"""

ALL_AGENCIES = """
query AllAgencies($after: String) { agencies(first: 100, after: $after) { edges { node { id code name } }
pageInfo { hasNextPage endCursor } } }
"""

AGENCY_HISTORY = """
query AgencyHistory($id: UUID!) { agency(id: $id) { history { validFrom } } }
"""

REORGANISATION_PREVIEW = """
query ReorganisationPreview($input: ReorganisationPreviewInput!) { reorganisationPreview(input: $input) {
atOnce peopleMoving childrenMoving elsewhere { service counts { kind count } } } }
"""

REORGANISATIONS = """
query Reorganisations { reorganisations(first: 5) { edges { node { id state } } } }
"""

STANDINGS = """
query Standings($agencyIds: [UUID!], $attribution: Attribution) { standings(agencyIds: $agencyIds,
attribution: $attribution) { agency { code shortName kind } proceduresInForce dossiersReceived
dossiersFinished dossiersOnTime dossiersLate dossiersOverdueOpen openNonconformities lastAuditOn
lastReviewOn } }
"""


class AboutAgencies(Caller):
    """Operations about agencies."""

    async def create_agency(
        self,
        *,
        code: str,
        name: str,
        short_name: str,
        kind: str,
        valid_from: Day,
        aliases: Sequence[str] | None = None,
        seal_name: str | None = None,
        address: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        standard: StandardDuty | Enum | None = None,
        request_id: Id | None = None,
        parent_id: Id | None = None,
        basis: str | None = None,
    ) -> CreateAgency:
        """Enter an agency into the tree from a date on."""
        done: CreateAgency = await self._command(
            "createAgency",
            CREATE_AGENCY,
            {
                "code": code,
                "name": name,
                "short_name": short_name,
                "kind": kind,
                "valid_from": valid_from,
                "aliases": aliases,
                "seal_name": seal_name,
                "address": address,
                "phone": phone,
                "email": email,
                "standard": standard,
                "request_id": request_id,
                "parent_id": parent_id,
                "basis": basis,
            },
        )
        return done

    async def reorganise(
        self,
        *,
        effective_on: Day,
        basis: LegalBasisInput | Shape,
        creations: Sequence[NewAgencyInput | Shape] | None = None,
        amendments: Sequence[AgencyAmendmentInput | Shape] | None = None,
        merges: Sequence[AgencyMergeInput | Shape] | None = None,
        splits: Sequence[AgencySplitInput | Shape] | None = None,
        dissolutions: Sequence[AgencyDissolutionInput | Shape] | None = None,
        postings: Sequence[PostingInput | Shape] | None = None,
        request_id: Id | None = None,
    ) -> Reorganise:
        """Change agencies by an act: at once when its effective date has come, else on that day by
        itself."""
        done: Reorganise = await self._command(
            "reorganise",
            REORGANISE,
            {
                "effective_on": effective_on,
                "basis": basis,
                "creations": creations,
                "amendments": amendments,
                "merges": merges,
                "splits": splits,
                "dissolutions": dissolutions,
                "postings": postings,
                "request_id": request_id,
            },
        )
        return done

    async def link_agencies(
        self,
        *,
        agency_id: Id,
        receiving_agency_id: Id,
        basis: str,
        valid_from: Day,
        request_id: Id | None = None,
        valid_to: Day | None = None,
    ) -> LinkAgencies:
        """Let another agency bring dossiers that one's own answers for, by a procedure of that other
        agency."""
        done: LinkAgencies = await self._command(
            "linkAgencies",
            LINK_AGENCIES,
            {
                "agency_id": agency_id,
                "receiving_agency_id": receiving_agency_id,
                "basis": basis,
                "valid_from": valid_from,
                "request_id": request_id,
                "valid_to": valid_to,
            },
        )
        return done

    async def all_agencies(self) -> list[AllAgencies]:
        """Agencies as they are on `asOf` (default: the business date), by name."""
        found: list[AllAgencies] = await self._every("agencies", ALL_AGENCIES)
        return found

    async def agency_history(self, *, id: Id) -> AgencyHistory:
        """One agency as it was on a date."""
        found: AgencyHistory = await self._one("agency", AGENCY_HISTORY, id=id)
        return found

    async def reorganisation_preview(
        self, *, input: ReorganisationPreviewInput | Shape
    ) -> ReorganisationPreview:
        """What would this act do? Refused for whatever the act itself would be refused for."""
        found: ReorganisationPreview = await self._one(
            "reorganisationPreview", REORGANISATION_PREVIEW, input=input
        )
        return found

    async def reorganisations(self) -> list[Reorganisations]:
        """Acts by effective date, the latest first; of one agency, or in one state."""
        found: list[Reorganisations] = [
            edge["node"] for edge in (await self._one("reorganisations", REORGANISATIONS))["edges"]
        ]
        return found

    async def standings(
        self, *, agency_ids: Sequence[Id] | None = None, attribution: Attribution | Enum | None = None
    ) -> list[Standings]:
        """How the agencies stand that the caller reaches, or those of them asked for: three calls,
        whether for one agency or for all of a province."""
        found: list[Standings] = await self._one(
            "standings", STANDINGS, agencyIds=agency_ids, attribution=attribution
        )
        return found
