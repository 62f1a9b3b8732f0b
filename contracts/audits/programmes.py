"""Audit programmes, their audits and findings, and the frameworks whose clauses they follow."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    ByIds,
    Code,
    Command,
    DueDay,
    Form,
    Name,
    PageEnd,
    PageOf,
    Question,
    Reason,
    text,
)
from contracts.trail import TrailLength, TrailRowView

Year = Annotated[int, Meta(ge=2000, le=2100)]
ClauseNumber = Annotated[str, text(Form.CODE, 1, 20, r"^[0-9]+(\.[0-9]+)*\Z")]


class ProgrammeState(StrEnum):
    """An audit programme counts once it is approved."""

    DRAFT = "draft"
    APPROVED = "approved"


class AuditState(StrEnum):
    """Where an audit stands."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    REPORTED = "reported"


class Grade(StrEnum):
    """What a finding says about conformity (9.2)."""

    CONFORMING = "conforming"
    OBSERVATION = "observation"
    MINOR = "minor"
    MAJOR = "major"


@dataclass(kw_only=True)
class ProgrammeView:
    """The audit programme of an agency for a year (chương trình đánh giá nội bộ)."""

    id: UUID
    agency_id: UUID
    origin_agency_id: UUID
    year: int
    title: str
    objective: str
    state: ProgrammeState
    approved_by: UUID | None
    approved_at: datetime | None
    version: int


@dataclass(kw_only=True)
class ChecklistItemView:
    """One question of an audit, from a clause or from a procedure of the audited agency."""

    seq: int
    clause: str | None
    document_id: UUID | None
    question: str


@dataclass(kw_only=True)
class FindingView:
    """What an auditor found, with its evidence; it and the nonconformity raised from it name each other."""

    id: UUID
    seq: int
    clause: str
    document_id: UUID | None
    grade: Grade
    statement: str
    evidence: str
    found_by: UUID
    found_at: datetime
    nonconformity_id: UUID | None


@dataclass(kw_only=True)
class AuditView:
    """One audit: what is looked at, by whom, what was found and what the lead auditor concludes."""

    id: UUID
    programme_id: UUID
    agency_id: UUID
    origin_agency_id: UUID
    title: str
    framework: str
    clauses: list[str]
    document_ids: list[UUID]
    lead_auditor_id: UUID
    auditor_ids: list[UUID]
    planned_from: date
    planned_to: date
    state: AuditState
    checklist: list[ChecklistItemView]
    findings: list[FindingView]
    started_at: datetime | None
    conclusion: str | None
    reported_by: UUID | None
    reported_at: datetime | None
    reported_on: date | None
    version: int


@dataclass(kw_only=True)
class AuditPage(PageEnd):
    """A page of audits; `cursors[i]` belongs to `items[i]`."""

    items: list[AuditView]


@dataclass(kw_only=True)
class ClauseView:
    """One clause of a framework's edition."""

    number: str
    title: str
    title_en: str


@dataclass(kw_only=True)
class FrameworkView:
    """An edition of a standard as a tree of clauses, in force from a date on."""

    code: str
    title: str
    edition: str
    effective_from: date
    clauses: list[ClauseView]


@dataclass(kw_only=True)
class ProgrammesOf(ByIds[ProgrammeView]):
    """The audit programmes of agencies, newest year first."""


@dataclass(kw_only=True)
class AuditsByIds(ByIds[AuditView]):
    """Many audits at once."""


@dataclass(kw_only=True)
class ListAudits(PageOf[AuditPage]):
    """Audits of agencies the caller reaches, latest planned first."""

    agency_id: UUID | None = None
    programme_id: UUID | None = None


@dataclass(kw_only=True)
class Frameworks(Question[list[FrameworkView]]):
    """The frameworks in force on `as_of` (default: the business date)."""

    as_of: date | None = None


@dataclass(kw_only=True)
class TrailOf(Question[list[TrailRowView]]):
    """The trail of one nonconformity, audit, programme or review, newest first."""

    subject_id: UUID
    first: TrailLength = 100


@dataclass(kw_only=True)
class CreateProgramme(Command[ProgrammeView]):
    """Draft the audit programme of a year (9.2.2 a)."""

    agency_id: UUID
    year: Year
    title: Name
    objective: Reason


@dataclass(kw_only=True)
class ApproveProgramme(Command[ProgrammeView]):
    """Approve the programme; never by its drafter."""

    programme_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class PlanAudit(Command[AuditView]):
    """Plan one audit of an approved programme; nobody audits their own agency (9.2.2 c)."""

    programme_id: UUID
    agency_id: UUID
    title: Name
    framework: Code
    clauses: Annotated[list[ClauseNumber], Meta(max_length=200)] = field(default_factory=list)
    document_ids: Annotated[list[UUID], Meta(max_length=200)] = field(default_factory=list)
    lead_auditor_id: UUID
    auditor_ids: Annotated[list[UUID], Meta(max_length=50)] = field(default_factory=list)
    planned_from: DueDay
    planned_to: DueDay


@dataclass(kw_only=True)
class StartAudit(Command[AuditView]):
    """Begin; the checklist is made from the clauses and the agency's procedures in force."""

    audit_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class RecordFinding(Command[AuditView]):
    """Record what was found, with clause, evidence and grade."""

    audit_id: UUID
    expected_version: int
    clause: ClauseNumber
    grade: Grade
    statement: Reason
    evidence: Reason
    document_id: UUID | None = None


@dataclass(kw_only=True)
class RaiseFromFinding(Command[AuditView]):
    """Turn a finding into a nonconformity of the audited agency, each naming the other."""

    audit_id: UUID
    expected_version: int
    finding_id: UUID


@dataclass(kw_only=True)
class ReportAudit(Command[AuditView]):
    """Write the report; by the lead auditor only.

    `reported_on`: the day of the report where it is transferred from paper (default: the business date).
    """

    audit_id: UUID
    expected_version: int
    conclusion: Reason
    reported_on: date | None = None
