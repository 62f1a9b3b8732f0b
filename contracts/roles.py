"""The catalogue of roles: what each is for, who may hold it how far, who may hand it on."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.base import Question
from contracts.directory import Role

SERVICE = "directory"


class Holder(StrEnum):
    """Who a role is given to: people, by position or in person, or machines of other systems."""

    PEOPLE = "people"
    MACHINES = "machines"


class Extent(StrEnum):
    """How far a role may be held: for one agency, or for it and everything below it."""

    AGENCY = "agency"
    SUBTREE = "subtree"


@dataclass(kw_only=True)
class RoleView:
    """A role as the catalogue has it. Without `agency_kinds` it may be held for an agency of any kind.

    `granted_by` are the roles whose holders may grant it, each within its own reach; `delegable` says whether
    a holder may let somebody act in it for a time.
    """

    role: Role
    name: str
    name_en: str
    purpose: str
    purpose_en: str
    holder: Holder
    extents: list[Extent]
    agency_kinds: list[str]
    granted_by: list[Role]
    delegable: bool


@dataclass(kw_only=True)
class ListRoles(Question):
    """Every role there is, in the order of the catalogue."""
