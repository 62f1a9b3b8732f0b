"""Members of staff: finding them, amending what is known of them, their identity numbers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from contracts.base import Command, Form, Name, PageEnd, PageOf, Search, text
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
    """Change what is known of a person: what is left out stays, what `clears` names is emptied."""

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
