"""Who: agencies as a dated tree, people, the positions they hold, their roles, and signing in."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    Addressed,
    ByIds,
    Code,
    Command,
    Event,
    Name,
    PageEnd,
    PageOf,
    Question,
    Search,
    event,
)
from contracts.forms import (
    AgencyCode,
    Email,
    Phone,
    Sent,
    ShortName,
    StaffNumber,
    Token,
    TypedName,
)
from contracts.releases import ReleaseView


class Role(StrEnum):
    """What a position may be trusted with; who may do what stands in each service's policy."""

    PROVINCE_ADMIN = "province_admin"
    PROVINCE_STEERING = "province_steering"
    ISO_HEAD = "iso_head"
    ISO_SECRETARY = "iso_secretary"
    DRAFTER = "drafter"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    UNIT_LEADER = "unit_leader"
    READER = "reader"
    CASE_OFFICER = "case_officer"
    RECEPTIONIST = "receptionist"
    INTERNAL_AUDITOR = "internal_auditor"
    LEAD_AUDITOR = "lead_auditor"
    INSPECTOR = "inspector"
    SYSTEM_OPERATOR = "system_operator"
    INTEGRATION_CLIENT = "integration_client"


@dataclass(kw_only=True)
class HeldRole:
    """A role held for one agency, or for it and everything below it."""

    role: Role
    agency_id: UUID
    with_subtree: bool = False


class StandardDuty(StrEnum):
    """Whether an agency must apply the standard, or is encouraged to (QĐ 19/2014/QĐ-TTg, Điều 2)."""

    MANDATORY = "mandatory"
    ENCOURAGED = "encouraged"


@dataclass(kw_only=True)
class AgencyParticulars:
    """What else is known of an agency; `aliases` are other codes of it, such as the old right-aligned one."""

    aliases: Annotated[list[AgencyCode], Meta(max_length=10)] = field(default_factory=list)
    seal_name: Name | None = None
    address: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    standard: StandardDuty | None = None


@dataclass(kw_only=True)
class AgencyView(AgencyParticulars):
    """A state agency as it was on the date asked about; `valid_from` and `valid_to` bound that state."""

    id: UUID
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: UUID | None
    valid_from: date
    valid_to: date | None
    version: int


@dataclass(kw_only=True)
class PersonView:
    """A member of staff, and the home agency (cơ quan quản lý) that keeps their record.

    E-mail, phone and staff number are shown to the person and to colleagues only, `identity_masked` and
    `release` to the leaders who keep the record. Without a home agency the province keeps it.
    """

    id: UUID
    full_name: str
    email: str | None
    version: int
    phone: str | None = None
    staff_number: str | None = None
    identity_masked: str | None = None
    home_agency_id: UUID | None = None
    release: ReleaseView | None = None


@dataclass(kw_only=True)
class PositionView:
    """A position (chức danh) in an agency, who holds it and since when."""

    id: UUID
    agency_id: UUID
    person_id: UUID
    title: str
    held_from: date
    held_to: date | None
    roles: list[HeldRole]
    version: int


@dataclass(kw_only=True)
class AgencyPage(PageEnd):
    """A page of agencies; `cursors[i]` belongs to `items[i]`."""

    items: list[AgencyView]


@dataclass(kw_only=True)
class PositionPage(PageEnd):
    """A page of positions; `cursors[i]` belongs to `items[i]`."""

    items: list[PositionView]


@dataclass(kw_only=True)
class MeView:
    """Who the caller is: a person acting as a position, for themselves or another, with which roles."""

    person: PersonView
    position: PositionView
    agency: AgencyView
    business_today: date
    must_change_password: bool
    roles: list[HeldRole] = field(default_factory=list)
    on_behalf_of: PersonView | None = None
    may_sign: bool = True


@dataclass(kw_only=True)
class SessionView:
    """A signed session grant (at most ten minutes) and the token that renews it.

    `device_token`: at a sign-in, what the device keeps and sends with the next one.
    """

    grant: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    me: MeView
    device_token: str | None = None


@dataclass(kw_only=True)
class PublicGrantView:
    """The grant that anonymous reads carry."""

    grant: str
    expires_at: datetime


@dataclass(kw_only=True)
class ClockView:
    """Real time and business time; they differ only where a test or a demonstration set them apart."""

    real_now: datetime
    business_now: datetime
    business_today: date
    is_shifted: bool


# -- questions ---------------------------------------------------------------------------------


@dataclass(kw_only=True)
class AgenciesByIds(ByIds):
    """Agencies as they were on `as_of` (default: the business date); `ended` adds those gone by then."""

    as_of: date | None = None
    ended: bool = False


@dataclass(kw_only=True)
class PeopleByIds(ByIds):
    """Many people at once."""


@dataclass(kw_only=True)
class PositionsByIds(ByIds):
    """Many positions at once."""


@dataclass(kw_only=True)
class ListAgencies(PageOf):
    """Agencies as they are on `as_of` (default: the business date), by name.

    A search needs no diacritics and finds an agency by any name or code it ever had; a word of one or two
    letters must begin one. `ended` adds agencies gone by then, as they last were.
    """

    search: Search | None = None
    kind: Code | None = None
    parent_id: UUID | None = None
    as_of: date | None = None
    ended: bool = False


@dataclass(kw_only=True)
class ListPositions(PageOf):
    """Positions of one agency held on `as_of` (default: the business date)."""

    agency_id: UUID
    as_of: date | None = None


@dataclass(kw_only=True)
class Me(Question):
    """Who am I?"""


@dataclass(kw_only=True)
class PublicGrant(Question):
    """The grant for callers who have not signed in."""


@dataclass(kw_only=True)
class Clock(Question):
    """What time is it, really and for business?"""


# -- commands ----------------------------------------------------------------------------------


@dataclass(kw_only=True)
class SignIn(Command, Addressed):
    """Sign in with a local account; `position_id` chooses the position, `acting_for` a delegation.

    Capitals and blanks around the name do not matter. With the `device_token` of an earlier sign-in on the
    same device nothing that others try at this name delays its owner.
    """

    username: TypedName
    password: Sent
    position_id: UUID | None = None
    acting_for: UUID | None = None
    device_token: Sent | None = None


@dataclass(kw_only=True)
class RefreshSession(Command):
    """Renew a session; the refresh token is used up and a new one comes back.

    It goes on in the same capacity, unless `acting_for` chooses a delegation or `as_oneself` leaves it.
    """

    refresh_token: Token
    acting_for: UUID | None = None
    as_oneself: bool = False


@dataclass(kw_only=True)
class SignOut(Command):
    """End the session the refresh token belongs to."""

    refresh_token: Token


@dataclass(kw_only=True)
class CreateAgency(Command, AgencyParticulars):
    """Enter an agency into the tree from a date on."""

    code: AgencyCode
    name: Name
    short_name: ShortName
    kind: Code
    parent_id: UUID | None = None
    valid_from: date
    basis: Name | None = None


@dataclass(kw_only=True)
class RegisterPerson(Command):
    """Enter a member of staff; the home agency is the first that the person works in, unless it is named."""

    full_name: Name
    email: Email | None = None
    phone: Phone | None = None
    staff_number: StaffNumber | None = None
    home_agency_id: UUID | None = None


@dataclass(kw_only=True)
class RoleToGrant:
    """One role to be granted; without an agency it is the position's own."""

    role: Role
    agency_id: UUID | None = None
    with_subtree: bool = False


@dataclass(kw_only=True)
class AppointPosition(Command):
    """Let a person hold a position in an agency from a date on, with its roles.

    A person of another home agency needs that agency's release, or the province's administrator.
    """

    agency_id: UUID
    person_id: UUID
    title: Name
    held_from: date
    held_to: date | None = None
    roles: list[RoleToGrant] = field(default_factory=list)


@dataclass(kw_only=True)
class EndPosition(Command):
    """End the holding of a position on a date; its roles end with it."""

    position_id: UUID
    held_to: date
    expected_version: int


# -- events ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AgencyPlace:
    """What an agency was called and where it stood from a day on."""

    code: str
    name: str
    short_name: str
    kind: str
    parent_id: UUID | None
    valid_from: date
    valid_to: date | None = None


@event("directory.agency_changed.v1")
class AgencyChanged(AgencyPlace, Event):
    """An agency was entered or changed: its latest state, and all its states from the first on.

    A message from before agencies had a history carries no `periods`: the state it tells is the only one.
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
