"""Quality management systems (HTQLCL): what an agency declares, for which agencies, by which standard."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import ByIds, Code, Command, Name, PageEnd, PageOf, Prose, Question, Reason

Agencies = Annotated[list[UUID], Meta(min_length=1, max_length=200)]
Standards = Annotated[list[Code], Meta(min_length=1, max_length=5)]


class SystemState(StrEnum):
    """Where a system stands (QĐ 19/2014/QĐ-TTg, Điều 4): built, applied, declared; or ended."""

    BUILDING = "building"
    APPLIED = "applied"
    DECLARED = "declared"
    ENDED = "ended"


class DeclareReason(StrEnum):
    """Why a declared system must be declared again (Điều 4 khoản 4 c)."""

    SCOPE = "scope"
    AGENCIES = "agencies"
    STANDARD = "standard"
    REORGANISED = "reorganised"


class SeatKind(StrEnum):
    """A seat in the steering committee (Ban Chỉ đạo ISO)."""

    HEAD = "head"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    MEMBER = "member"


@dataclass(kw_only=True)
class Seat:
    """Who sits in the committee, as which position; a seat whose position ended is vacant."""

    kind: SeatKind
    position_id: UUID


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """An agency that the system covers, from a day until the eve of another."""

    agency_id: UUID
    valid_from: date
    valid_to: date | None = None


@dataclass(kw_only=True)
class SystemView:
    """A quality management system with its committee; `declare_again` says why, where it must be."""

    id: UUID
    code: str
    name: str
    agency_id: UUID
    scope: str
    standards: list[str]
    state: SystemState
    covers: list[Coverage]
    seats: list[Seat]
    committee_decision: str | None
    committee_since: date | None
    declared_by: str | None
    declared_on: date | None
    declare_again: list[DeclareReason]
    declare_again_since: date | None
    ended_on: date | None
    version: int


@dataclass(kw_only=True)
class SystemPage(PageEnd):
    """A page of systems; `cursors[i]` belongs to `items[i]`."""

    items: list[SystemView]


@dataclass(kw_only=True)
class StandardView:
    """An edition of a standard that systems may go by; several stand side by side."""

    code: str
    name: str
    name_en: str
    effective_from: date
    basis: str
    effective_to: date | None = None


@dataclass(kw_only=True)
class SystemsByIds(ByIds[SystemView]):
    """Quality management systems by id."""


@dataclass(kw_only=True)
class ListSystems(PageOf[SystemPage]):
    """Systems by code: those that cover an agency or ever did, in one state, or to be declared again."""

    agency_id: UUID | None = None
    state: SystemState | None = None
    must_declare: bool | None = None


@dataclass(kw_only=True)
class ListStandards(Question[list[StandardView]]):
    """The editions of standards that systems may go by, with their days."""


@dataclass(kw_only=True)
class CreateSystem(Command[SystemView]):
    """Begin a system: who keeps it, what it covers, by which editions of the standard."""

    agency_id: UUID
    code: Code
    name: Name
    scope: Prose
    standards: Standards
    covers: Agencies
    valid_from: date


@dataclass(kw_only=True)
class AmendSystem(Command[SystemView]):
    """Change a system from a day on; what is left out stays. A declared one must then be declared again."""

    system_id: UUID
    expected_version: int
    from_day: date
    name: Name | None = None
    scope: Prose | None = None
    standards: Standards | None = None
    covers: Agencies | None = None
    reason: Reason


@dataclass(kw_only=True)
class AppointCommittee(Command[SystemView]):
    """Appoint the steering committee by a decision: one head, one secretary, any deputies and members."""

    system_id: UUID
    expected_version: int
    decision: Name
    since: date
    seats: Annotated[list[Seat], Meta(min_length=2, max_length=40)]


@dataclass(kw_only=True)
class ApplySystem(Command[SystemView]):
    """Say that the system is applied: its documents are in force, its committee is appointed."""

    system_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class DeclareSystem(Command[SystemView]):
    """Declare the system (công bố), or declare it again; the duty to do so ends with it."""

    system_id: UUID
    expected_version: int
    decision: Name
    declared_on: date


@dataclass(kw_only=True)
class EndSystem(Command[SystemView]):
    """End a system from a day on."""

    system_id: UUID
    expected_version: int
    ended_on: date
    reason: Reason
