"""The roles of the province, whom they are for and how far each reaches."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.base import (
    Question,
)


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
class ListRoles(Question[list[RoleView]]):
    """Every role there is, in the order of the catalogue."""
