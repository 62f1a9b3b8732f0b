"""Letting somebody act for another for a time: by the other's own authorisation, or in a vacant post."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.base import Command, Name, PageEnd, PageOf, Reason
from contracts.directory.roles import HeldRole
from contracts.directory.staff import RoleToGrant


class DelegationKind(StrEnum):
    """Ủy quyền, given by whoever holds the post; or phụ trách, ordered from above while it is vacant."""

    AUTHORISATION = "authorisation"
    ACTING = "acting"


@dataclass(kw_only=True)
class DelegationView:
    """Who acts for whom, from a day on until another that no more belongs to it, with which roles.

    `given_by` stands beside the one who acts on everything that is done. Without `signing_authority` they
    prepare, and neither approve nor issue.
    """

    id: UUID
    kind: DelegationKind
    agency_id: UUID
    from_position_id: UUID
    given_by: UUID
    to_position_id: UUID
    to_person_id: UUID
    roles: list[HeldRole]
    signing_authority: bool
    valid_from: date
    valid_to: date
    basis: str
    version: int


@dataclass(kw_only=True)
class DelegationPage(PageEnd):
    """A page of delegations; `cursors[i]` belongs to `items[i]`."""

    items: list[DelegationView]


@dataclass(kw_only=True)
class ListDelegations(PageOf[DelegationPage]):
    """Delegations in force on `as_of` (default: the business date) or later: one's own, given and received.

    With an agency: those of its posts, for whoever leads it or administers it.
    """

    agency_id: UUID | None = None
    as_of: date | None = None


@dataclass(kw_only=True)
class Delegate(Command[DelegationView]):
    """Let the holder of another position act for one's own, or act in a vacant post of the unit.

    Without `roles` everything that the post brings and the catalogue lets be delegated.
    """

    kind: DelegationKind = DelegationKind.AUTHORISATION
    from_position_id: UUID
    to_position_id: UUID
    roles: list[RoleToGrant] = field(default_factory=list)
    signing_authority: bool = False
    valid_from: date
    valid_to: date
    basis: Name


@dataclass(kw_only=True)
class EndDelegation(Command[DelegationView]):
    """End a delegation on a day; before its first day it never begins."""

    delegation_id: UUID
    valid_to: date
    reason: Reason | None = None
    expected_version: int
