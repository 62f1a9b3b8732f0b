"""Members of staff: finding them, amending what is known of them, their identity numbers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from contracts.base import Command, DueDay, Event, Form, Name, PageEnd, PageOf, Search, event, text
from contracts.directory import PersonView
from contracts.forms import Email, Phone, StaffNumber

SERVICE = "directory"

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
class ListPeople(PageOf):
    """Colleagues by name: of the own agency and of those that the own roles reach.

    A search needs no diacritics and finds names and staff numbers; a word of one or two letters must
    begin one. With an agency: who holds a position there today.
    """

    search: Search | None = None
    agency_id: UUID | None = None


@dataclass(kw_only=True)
class AmendPerson(Command):
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
class RecordIdentityNumber(Command):
    """Record a person's identity number, or remove it by leaving it out; shown masked and only to few."""

    person_id: UUID
    identity_number: IdentityNumber | None = None
    expected_version: int


@dataclass(kw_only=True)
class ReleasePerson(Command):
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
class WithdrawRelease(Command):
    """Take back a release that no agency has used yet."""

    person_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class MovePerson(Command):
    """Let another agency be the home agency that keeps a person's record, by decision of the province."""

    person_id: UUID
    home_agency_id: UUID
    basis: Name
    expected_version: int


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
