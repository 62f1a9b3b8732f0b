"""Roles granted to a person for a time, whichever position they act as."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.base import Command, Name, PageEnd, PageOf, Reason
from contracts.directory.roles import Role


@dataclass(kw_only=True)
class RoleGrantView:
    """A role granted to a person from a day on until another, for an agency or for it and all below it."""

    id: UUID
    person_id: UUID
    role: Role
    agency_id: UUID
    with_subtree: bool
    valid_from: date
    valid_to: date | None
    basis: str | None
    version: int


@dataclass(kw_only=True)
class RoleGrantPage(PageEnd):
    """A page of grants; `cursors[i]` belongs to `items[i]`."""

    items: list[RoleGrantView]


@dataclass(kw_only=True)
class ListGrants(PageOf[RoleGrantPage]):
    """Grants to a person, or for an agency, in force on `as_of` (default: the business date) or later.

    Everybody sees their own; those for an agency see whoever may grant roles there.
    """

    person_id: UUID | None = None
    agency_id: UUID | None = None
    as_of: date | None = None


@dataclass(kw_only=True)
class GrantRole(Command[RoleGrantView]):
    """Grant a role to a person beside what their positions bring, from a day on, with its basis."""

    person_id: UUID
    role: Role
    agency_id: UUID
    with_subtree: bool = False
    valid_from: date
    valid_to: date | None = None
    basis: Name | None = None


@dataclass(kw_only=True)
class RevokeGrant(Command[RoleGrantView]):
    """End a grant on a day; on its first day or before it is undone."""

    grant_id: UUID
    valid_to: date
    reason: Reason | None = None
    expected_version: int
