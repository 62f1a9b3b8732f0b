"""Agencies as a dated tree."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    ByIds,
    Code,
    Command,
    Name,
    PageEnd,
    PageOf,
    Search,
)
from contracts.directory.staff import StandardDuty
from contracts.forms import (
    AgencyCode,
    Email,
    Phone,
    ShortName,
)


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
class AgencyPage(PageEnd):
    """A page of agencies; `cursors[i]` belongs to `items[i]`."""

    items: list[AgencyView]


@dataclass(kw_only=True)
class AgenciesByIds(ByIds[AgencyView]):
    """Agencies as they were on `as_of` (default: the business date); `ended` adds those gone by then."""

    as_of: date | None = None
    ended: bool = False


@dataclass(kw_only=True)
class ListAgencies(PageOf[AgencyPage]):
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
class CreateAgency(Command[AgencyView], AgencyParticulars):
    """Enter an agency into the tree from a date on."""

    code: AgencyCode
    name: Name
    short_name: ShortName
    kind: Code
    parent_id: UUID | None = None
    valid_from: date
    basis: Name | None = None


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
