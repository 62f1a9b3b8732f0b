"""Members of staff and the positions they hold, their records and the agency that keeps each record."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from contracts.base import (
    ByIds,
    Command,
    DueDay,
    Form,
    Name,
    PageEnd,
    PageOf,
    Search,
    text,
)
from contracts.directory.roles import HeldRole, Role
from contracts.forms import (
    Email,
    Phone,
    StaffNumber,
)


class StandardDuty(StrEnum):
    """Whether an agency must apply the standard, or is encouraged to (QĐ 19/2014/QĐ-TTg, Điều 2)."""

    MANDATORY = "mandatory"
    ENCOURAGED = "encouraged"


@dataclass(kw_only=True)
class ReleaseView:
    """The home agency's word that another agency may appoint a person, until a day at most.

    With `moves_home` the agency that appoints the person keeps their record from then on.
    """

    agency_id: UUID
    until: date | None
    moves_home: bool
    basis: str
    given_on: date


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
class PositionPage(PageEnd):
    """A page of positions; `cursors[i]` belongs to `items[i]`."""

    items: list[PositionView]


@dataclass(kw_only=True)
class PeopleByIds(ByIds[PersonView]):
    """Many people at once."""


@dataclass(kw_only=True)
class PositionsByIds(ByIds[PositionView]):
    """Many positions at once."""


@dataclass(kw_only=True)
class ListPositions(PageOf[PositionPage]):
    """Positions of one agency held on `as_of` (default: the business date)."""

    agency_id: UUID
    as_of: date | None = None


@dataclass(kw_only=True)
class RegisterPerson(Command[PersonView]):
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
class AppointPosition(Command[PositionView]):
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
class EndPosition(Command[PositionView]):
    """End the holding of a position on a date; its roles end with it."""

    position_id: UUID
    held_to: date
    expected_version: int


IdentityNumber = Annotated[str, text(Form.CODE, 0, 12, r"^([0-9]{9}|[0-9]{12})\Z")]
"""A citizen's card number (12 digits, Luật Căn cước 26/2023/QH15) or an old one (9 digits)."""


class PersonFact(StrEnum):
    """What may be emptied of a person."""

    EMAIL = "email"
    PHONE = "phone"
    STAFF_NUMBER = "staff_number"


class RecordFact(StrEnum):
    """What of a person's record somebody changed."""

    FULL_NAME = "full_name"
    EMAIL = "email"
    PHONE = "phone"
    STAFF_NUMBER = "staff_number"
    IDENTITY_NUMBER = "identity_number"
    HOME_AGENCY = "home_agency"
    RELEASE = "release"
    POSITION = "position"
    """A position in an agency that is not the home agency."""


@dataclass(kw_only=True)
class PersonPage(PageEnd):
    """A page of people; `cursors[i]` belongs to `items[i]`."""

    items: list[PersonView]


@dataclass(kw_only=True)
class ListPeople(PageOf[PersonPage]):
    """Colleagues by name: of the own agency and of those that the own roles reach.

    A search needs no diacritics and finds names and staff numbers; a word of one or two letters must
    begin one. With an agency: who holds a position there today.
    """

    search: Search | None = None
    agency_id: UUID | None = None


@dataclass(kw_only=True)
class AmendPerson(Command[PersonView]):
    """Change what is known of a person: what is left out stays, what `clears` names is emptied.

    By the leader of the person's home agency or the province's administrator; e-mail and phone by the person
    too. The person gets a notice of it, and a letter to the e-mail address of before.
    """

    person_id: UUID
    full_name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    staff_number: StaffNumber | None = None
    clears: list[PersonFact] = field(default_factory=list)
    expected_version: int


@dataclass(kw_only=True)
class RecordIdentityNumber(Command[PersonView]):
    """Record a person's identity number, or remove it by leaving it out; shown masked and only to few."""

    person_id: UUID
    identity_number: IdentityNumber | None = None
    expected_version: int


@dataclass(kw_only=True)
class ReleasePerson(Command[PersonView]):
    """Let another agency appoint a person of one's own, once, until a day at most (biệt phái, kiêm nhiệm).

    With `moves_home` the agency that appoints the person keeps their record from then on (điều động). A new
    release replaces one that was not used yet.
    """

    person_id: UUID
    agency_id: UUID
    until: DueDay | None = None
    moves_home: bool = False
    basis: Name
    expected_version: int


@dataclass(kw_only=True)
class WithdrawRelease(Command[PersonView]):
    """Take back a release that no agency has used yet."""

    person_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class MovePerson(Command[PersonView]):
    """Let another agency be the home agency that keeps a person's record, by decision of the province."""

    person_id: UUID
    home_agency_id: UUID
    basis: Name
    expected_version: int
