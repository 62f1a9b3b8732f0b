"""What the directory publishes: agencies, people, positions, roles, and rights that ended."""

from datetime import date, datetime
from uuid import UUID

from contracts.authority import Basis, EndsAuthority
from contracts.base import (
    Event,
    event,
)
from contracts.directory.agencies import AgencyPlace
from contracts.directory.delegations import DelegationKind
from contracts.directory.hand_overs import RolePassed, Signed
from contracts.directory.quality_systems import DeclareReason
from contracts.directory.reorganisations import Continuation, LegalBasis, PlannedSuccession
from contracts.directory.roles import HeldRole, Role
from contracts.directory.staff import RecordFact


@event("directory.agency_changed.v1")
class AgencyChanged(AgencyPlace, Event):
    """An agency was entered or changed: its latest state, and all its states from the first on.

    A message from before agencies had a history carries no `periods`: the state it holds is the only one.
    """

    agency_id: UUID
    periods: tuple[AgencyPlace, ...] = ()


@event("directory.person_changed.v1")
class PersonChanged(Event):
    """A person was entered or changed: the state that results."""

    person_id: UUID
    full_name: str
    email: str | None
    home_agency_id: UUID | None = None


@event("directory.position_changed.v1")
class PositionChanged(Event):
    """A position was filled, changed or ended: the state that results, with its roles."""

    position_id: UUID
    agency_id: UUID
    person_id: UUID
    title: str
    held_from: date
    held_to: date | None
    roles: tuple[HeldRole, ...] = ()


@event("directory.person_record_changed.v1")
class PersonRecordChanged(Event):
    """Somebody changed a person's record: which facts, not what they were or became.

    `agency_id`: the agency they acted in. The addresses are those that a letter about it goes to.
    """

    person_id: UUID
    agency_id: UUID
    changed_by: UUID | None
    changed: tuple[RecordFact, ...]
    email: str | None
    old_email: str | None


@event("directory.grant_changed.v1")
class GrantChanged(Event):
    """A person was granted a role, or it ends: the state that results."""

    grant_id: UUID
    person_id: UUID
    role: Role
    agency_id: UUID
    with_subtree: bool
    valid_from: date
    valid_to: date | None = None


@event("directory.delegation_changed.v1")
class DelegationChanged(Event):
    """Somebody may act for another, or no more: the state that results."""

    delegation_id: UUID
    kind: DelegationKind
    agency_id: UUID
    from_position_id: UUID
    given_by: UUID
    to_position_id: UUID
    to_person_id: UUID
    roles: tuple[HeldRole, ...]
    signing_authority: bool
    valid_from: date
    valid_to: date


@event("directory.client_approval_due.v1")
class ClientApprovalDue(Event):
    """A program must be approved again by a day, or it is suspended then."""

    client_id: UUID
    name: str
    agency_id: UUID
    responsible_id: UUID
    due_on: date


@event("directory.position_handed_over.v1")
class PositionHandedOver(Event):
    """All that the giver's position holds is the receiver's from now on; each service passes on its part."""

    hand_over_id: UUID
    agency_id: UUID
    giver_position_id: UUID
    giver_id: UUID
    receiver_position_id: UUID
    receiver_id: UUID
    handed_over_at: datetime
    gave_up_all: bool
    """Whether the giver holds no other position: then all that is theirs by name passes, of any position."""
    number: str
    agency: str
    note: str | None
    roles: tuple[RolePassed, ...]
    signatures: tuple[Signed, ...]
    giver: str
    giver_title: str
    receiver: str
    receiver_title: str
    former_position_ids: tuple[UUID, ...] = ()
    """Holdings that this one went on from, by acts that reorganised the agency."""

    @property
    def position_ids(self) -> tuple[UUID, ...] | None:
        """As which positions what passes was taken up; None for any."""
        return None if self.gave_up_all else (self.giver_position_id, *self.former_position_ids)


@event("directory.position_left.v1")
class PositionLeft(Event):
    """A holding ended and nobody took over what it held; published once, some time after its last day."""

    position_id: UUID
    person_id: UUID
    agency_id: UUID
    title: str
    full_name: str
    left_on: date


@event("directory.agencies_reorganised.v1")
class AgenciesReorganised(Event):
    """An act was applied: which agencies it created, changed and ended, and who took over from whom.

    A message from before things followed carries no `continuations`: nobody goes on with anything then.
    """

    reorganisation_id: UUID
    effective_on: date
    basis: LegalBasis
    created: tuple[UUID, ...] = ()
    changed: tuple[UUID, ...] = ()
    ended: tuple[UUID, ...] = ()
    successions: tuple[PlannedSuccession, ...] = ()
    continuations: tuple[Continuation, ...] = ()


@event("directory.declaration_due.v1")
class DeclarationDue(Event):
    """A declared system changed and must be declared again; published once until it is."""

    system_id: UUID
    agency_id: UUID
    code: str
    name: str
    why: DeclareReason
    since: date


@event("directory.authority_ended.v1")
class AuthorityEnded(EndsAuthority, Event):
    """Something that grants rely on gives less than before, or nothing any more.

    What was signed by a version of it below the envelope's is void. It is compared by version, not by time:
    a renewal that read the state of before, and is signed a moment later, is void all the same, and a new
    sign-in in the same second is not.
    """

    basis: Basis
    subject_id: UUID
