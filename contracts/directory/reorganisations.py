"""How agencies change: created, renamed, moved, merged, split, dissolved, by an act with its legal basis."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    ByIds,
    Code,
    Command,
    Form,
    Name,
    PageEnd,
    PageOf,
    Question,
    Reason,
    text,
)
from contracts.directory.agencies import AgencyParticulars
from contracts.forms import AgencyCode, ShortName
from contracts.succession import HeldCount

Some = Meta(min_length=1, max_length=200)
Many = Meta(max_length=200)
MOST_POSTINGS = 5000


class ReorganisationState(StrEnum):
    """Where an act stands; one that could not be applied on its day says why."""

    SCHEDULED = "scheduled"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    FAILED = "failed"


class SuccessionKind(StrEnum):
    """How an agency took over: hợp nhất, sáp nhập, chia, tách, or functions taken over from one dissolved."""

    CONSOLIDATION = "consolidation"
    ABSORPTION = "absorption"
    DIVISION = "division"
    SEPARATION = "separation"
    DISSOLUTION = "dissolution"


class AgencyPart(StrEnum):
    """What an act does to an agency; an heir takes over, or gives a part away, and stays what it is."""

    CREATED = "created"
    CHANGED = "changed"
    ENDED = "ended"
    HEIR = "heir"


class AgencyFact(StrEnum):
    """What an amendment may clear."""

    ALIASES = "aliases"
    SEAL_NAME = "seal_name"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    STANDARD = "standard"


@dataclass(kw_only=True)
class LegalBasis:
    """The decision that orders it: its number (số), day, who issued it, and its subject (trích yếu)."""

    number: Annotated[str, text(Form.LINE, 1, 60)]
    issued_on: date
    issued_by: Name
    subject: Annotated[str, text(Form.LINE, 1, 500)]


@dataclass(kw_only=True)
class NewAgency(AgencyParticulars):
    """An agency to be created; the caller makes its `id`, by which the rest of the act speaks of it."""

    id: UUID
    code: AgencyCode
    name: Name
    short_name: ShortName
    kind: Code
    parent_id: UUID


@dataclass(kw_only=True)
class AgencyAmendment(AgencyParticulars):
    """Rename, move or otherwise change an agency. What is left out stays; `clears` empties."""

    agency_id: UUID
    code: AgencyCode | None = None
    name: Name | None = None
    short_name: ShortName | None = None
    kind: Code | None = None
    parent_id: UUID | None = None
    clears: Annotated[list[AgencyFact], Meta(max_length=6)] = field(default_factory=list)


@dataclass(kw_only=True)
class AgencyMerge:
    """Several end and one takes over: a new one (hợp nhất) or one that was there (sáp nhập).

    What stands below them, their people and their grants follow, unless the act says otherwise.
    """

    from_ids: Annotated[list[UUID], Some]
    into_id: UUID


@dataclass(kw_only=True)
class AgencySplit:
    """One becomes several: it ends (chia), or `goes_on` beside those it gives to (tách).

    Of one that ends everybody needs a place: a posting, or `rest_to` for all who have none. Its documents,
    dossiers and audits go to `things_to`, else to `rest_to`, else to the first it is split into.
    """

    agency_id: UUID
    into_ids: Annotated[list[UUID], Some]
    goes_on: bool = False
    rest_to: UUID | None = None
    things_to: UUID | None = None


@dataclass(kw_only=True)
class AgencyDissolution:
    """One ends (giải thể); its people's positions end with it. `successor_ids` take over its functions.

    Its documents, dossiers and audits go to `things_to`, else to the first successor, else to the one above.
    """

    agency_id: UUID
    successor_ids: Annotated[list[UUID], Many] = field(default_factory=list)
    things_to: UUID | None = None


@dataclass(kw_only=True)
class Posting:
    """Where the holder of a position of an agency that ends or is split goes on."""

    position_id: UUID
    agency_id: UUID


@dataclass(kw_only=True)
class ReorganisationPlan:
    """What an act does on its effective date, all at once; no order among its parts."""

    effective_on: date
    basis: LegalBasis
    creations: Annotated[list[NewAgency], Many] = field(default_factory=list)
    amendments: Annotated[list[AgencyAmendment], Many] = field(default_factory=list)
    merges: Annotated[list[AgencyMerge], Many] = field(default_factory=list)
    splits: Annotated[list[AgencySplit], Many] = field(default_factory=list)
    dissolutions: Annotated[list[AgencyDissolution], Many] = field(default_factory=list)
    postings: Annotated[list[Posting], Meta(max_length=MOST_POSTINGS)] = field(default_factory=list)


@dataclass(kw_only=True)
class AgencyPeriodView(AgencyParticulars):
    """One state of an agency: what it was from a day on until the eve of another, and by what act."""

    agency_id: UUID
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: UUID | None
    valid_from: date
    valid_to: date | None
    basis: str | None
    reorganisation_id: UUID | None
    version: int = 1


@dataclass(kw_only=True)
class SuccessionView:
    """One agency took over from another; of several predecessors or successors each has its own."""

    predecessor_id: UUID
    successor_id: UUID
    began_on: date
    kind: SuccessionKind
    goes_on: bool
    reorganisation_id: UUID


@dataclass(kw_only=True)
class AgencyOutcome:
    """What an act makes of one agency."""

    agency_id: UUID
    part: AgencyPart
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    name_before: str | None
    parent_before_id: UUID | None


@dataclass(kw_only=True)
class PositionMove:
    """A position of an agency that ends or is split, and where it goes on; nowhere means that it ends."""

    position_id: UUID
    person_id: UUID
    title: str
    from_id: UUID
    to_id: UUID | None


@dataclass(kw_only=True)
class PlannedSuccession:
    """A succession as an act would make it."""

    predecessor_id: UUID
    successor_id: UUID
    kind: SuccessionKind
    goes_on: bool


@dataclass(kw_only=True)
class Continuation:
    """An agency that ends, and the one agency that goes on with its documents, dossiers and audits."""

    agency_id: UUID
    heir_id: UUID


@dataclass(kw_only=True)
class HeldElsewhere:
    """What another service holds of the agencies that end.

    `counts` is null where the service did not report in time; then `note` says so, in Vietnamese first.
    """

    service: str
    counts: list[HeldCount] | None = None
    note: str | None = None
    note_en: str | None = None


@dataclass(kw_only=True)
class ReorganisationPreviewView:
    """What an act would do; `continuations`: who goes on with the things that `elsewhere` counts.

    The counts are of all; `moves` are the first 500 by agency and title. `systems_concerned`: quality
    management systems that go on with others or end; `programs_concerned`: programs of portals that do.
    """

    at_once: bool
    agencies: list[AgencyOutcome]
    successions: list[PlannedSuccession]
    continuations: list[Continuation]
    children_moving: int
    people_moving: int
    positions_moving: int
    positions_ending: int
    grants_moving: int
    grants_ending: int
    delegations_ending: int
    systems_concerned: int
    programs_concerned: int
    moves: list[PositionMove]
    elsewhere: list[HeldElsewhere]


@dataclass(kw_only=True)
class PartTaken:
    """An agency that an act concerns, and what it does to it."""

    agency_id: UUID
    part: AgencyPart


@dataclass(kw_only=True)
class ReorganisationView:
    """An act that changes agencies; of one that failed, `failure` says why in both languages."""

    id: UUID
    effective_on: date
    basis: LegalBasis
    state: ReorganisationState
    agencies: list[PartTaken]
    requested_by: UUID | None
    requested_at: datetime
    applied_at: datetime | None
    cancelled_at: datetime | None
    reason: str | None
    failure: str | None
    failure_en: str | None
    version: int


@dataclass(kw_only=True)
class ReorganisationPage(PageEnd):
    """A page of acts; `cursors[i]` belongs to `items[i]`."""

    items: list[ReorganisationView]


@dataclass(kw_only=True)
class ReorganisationPreview(Question[ReorganisationPreviewView], ReorganisationPlan):
    """What would this act do? Refused for whatever the act itself would be refused for."""


@dataclass(kw_only=True)
class ListReorganisations(PageOf[ReorganisationPage]):
    """Acts by effective date, the latest first; of one agency, or in one state."""

    agency_id: UUID | None = None
    state: ReorganisationState | None = None


@dataclass(kw_only=True)
class AgencyHistories(ByIds[AgencyPeriodView]):
    """Every state that each of the agencies was in, oldest first."""


@dataclass(kw_only=True)
class PredecessorsByIds(ByIds[SuccessionView]):
    """From whom each of the agencies took over."""


@dataclass(kw_only=True)
class SuccessorsByIds(ByIds[SuccessionView]):
    """Who took over from each of the agencies."""


@dataclass(kw_only=True)
class Reorganise(Command[ReorganisationView], ReorganisationPlan):
    """Change agencies by an act: at once when its effective date has come, else on that day by itself.

    One that moves more than some hundred positions is taken on and applied by itself seconds later.
    """


@dataclass(kw_only=True)
class CancelReorganisation(Command[ReorganisationView]):
    """Take back an act before its day."""

    reorganisation_id: UUID
    reason: Reason
