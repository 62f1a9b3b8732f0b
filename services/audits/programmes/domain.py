"""The audit programme of a year, and audits with their checklist, findings and report (9.2). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from contracts.audits.events import AuditPlanned, AuditReported, FindingRecorded
from contracts.audits.programmes import AuditState, ChecklistItemView, Grade, ProgrammeState
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from org.acted import Acted
from services.audits.register.domain import OfAgency


@dataclass(eq=False, kw_only=True)
class Programme(OfAgency):
    """An agency's audit programme for a year."""

    year: int
    title: str
    objective: str
    drafted_by: UUID
    state: ProgrammeState = ProgrammeState.DRAFT
    approved_by: UUID | None = None
    approved_at: datetime | None = None

    def approve(self, *, by: Acted) -> None:
        """Let the programme count; never by the person who drafted it."""
        if self.state is not ProgrammeState.DRAFT:
            raise Conflict("not_in_this_state", state=self.state)
        if by.is_of(self.drafted_by):
            raise Forbidden("own_programme")
        self.state, self.approved_by, self.approved_at = ProgrammeState.APPROVED, by.person_id, by.at


@dataclass(eq=False, kw_only=True)
class Finding:
    """What an auditor found; changed only through its audit."""

    id: UUID
    audit_id: UUID
    seq: int
    clause: str
    grade: Grade
    statement: str
    evidence: str
    found_by: UUID
    found_at: datetime
    document_id: UUID | None = None
    nonconformity_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What an audit looks at: clauses of a framework, procedures of the audited agency."""

    framework: str
    clauses: tuple[str, ...]
    document_ids: tuple[UUID, ...]

    def check(self, known_clauses: Sequence[str], known_documents: Sequence[UUID]) -> None:
        """Refuse an empty scope, and clauses or procedures that are not there."""
        if not self.clauses and not self.document_ids:
            raise Invalid("audit_without_scope", "clauses")
        if strange := [each for each in self.clauses if each not in known_clauses]:
            raise Invalid("clause_unknown", "clauses", clause=strange[0], framework=self.framework)
        if strangers := [each for each in self.document_ids if each not in known_documents]:
            raise Invalid("procedure_not_of_agency", "documentIds", document=strangers[0])


@dataclass(eq=False, kw_only=True)
class Audit(OfAgency):
    """One audit of one agency."""

    programme_id: UUID
    title: str
    framework: str
    clauses: list[str]
    document_ids: list[UUID]
    lead_auditor_id: UUID
    auditor_ids: list[UUID]
    planned_from: date
    planned_to: date
    state: AuditState = AuditState.PLANNED
    checklist: list[ChecklistItemView] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    started_at: datetime | None = None
    conclusion: str | None = None
    reported_by: UUID | None = None
    reported_at: datetime | None = None
    reported_on: date | None = None
    changes: int = 0

    @property
    def team(self) -> set[UUID]:
        """The lead auditor and the auditors."""
        return {self.lead_auditor_id, *self.auditor_ids}

    def plan(self, *, staff_of_agency: set[UUID], programme: Programme, by: Acted) -> None:
        """Plan it; auditors come from outside the audited agency (9.2.2 c)."""
        if programme.state is not ProgrammeState.APPROVED:
            raise Conflict("programme_not_approved")
        if self.planned_to < self.planned_from:
            raise Invalid("period_backwards", "plannedTo")
        if self.planned_from.year != programme.year:
            raise Invalid("audit_outside_programme_year", "plannedFrom", year=programme.year)
        if self.team & staff_of_agency:
            field_ = "leadAuditorId" if self.lead_auditor_id in staff_of_agency else "auditorIds"
            raise Forbidden("auditor_not_independent", field_)
        self.changes += 1
        self.record(
            AuditPlanned(
                audit_id=self.id,
                agency_id=self.agency_id,
                title=self.title,
                lead_auditor_id=self.lead_auditor_id,
                auditor_ids=tuple(self.auditor_ids),
                planned_from=self.planned_from,
                planned_to=self.planned_to,
                planned_by=by.person_id or self.lead_auditor_id,
            )
        )

    def start(self, *, questions: Sequence[tuple[str | None, UUID | None, str]], by: Acted) -> None:
        """Begin with a checklist: (clause, procedure, question) for each thing in scope."""
        self._must_be(AuditState.PLANNED)
        self._must_be_of_the_team(by)
        self.checklist = [
            ChecklistItemView(seq=seq, clause=clause, document_id=document, question=question)
            for seq, (clause, document, question) in enumerate(questions, start=1)
        ]
        self.state, self.started_at = AuditState.UNDER_WAY, by.at
        self.changes += 1

    def find(self, finding: Finding, *, known_clauses: Sequence[str], by: Acted) -> None:
        """Record what was found."""
        self._must_be(AuditState.UNDER_WAY)
        self._must_be_of_the_team(by)
        if finding.clause not in known_clauses:
            raise Invalid("clause_unknown", "clause", clause=finding.clause, framework=self.framework)
        self.findings.append(finding)
        self.changes += 1
        self.record(
            FindingRecorded(
                audit_id=self.id,
                finding_id=finding.id,
                agency_id=self.agency_id,
                audit_title=self.title,
                clause=finding.clause,
                grade=finding.grade,
                statement=finding.statement,
                found_by=finding.found_by,
            )
        )

    def turn_into(self, finding_id: UUID, nonconformity_id: UUID, *, by: Acted) -> Finding:
        """Let a finding that does not conform be the nonconformity of that id, once."""
        if self.state is AuditState.PLANNED:
            raise Conflict("not_in_this_state", state=self.state)
        self._must_be_of_the_team(by)
        finding = next((each for each in self.findings if each.id == finding_id), None)
        if finding is None:
            raise NotFound("finding_not_found", "findingId")
        if finding.grade not in (Grade.MINOR, Grade.MAJOR):
            raise Conflict("finding_conforms")
        if finding.nonconformity_id is not None:
            raise Conflict("finding_already_raised")
        finding.nonconformity_id = nonconformity_id
        self.changes += 1
        return finding

    def report(self, *, conclusion: str, on: date | None, today: date, by: Acted) -> None:
        """Write the report, or transfer one of an earlier day; that is the lead auditor's."""
        self._must_be(AuditState.UNDER_WAY)
        if by.person_id != self.lead_auditor_id:
            raise Forbidden("only_lead_auditor_reports")
        open_ = [f for f in self.findings if f.grade in (Grade.MINOR, Grade.MAJOR) and not f.nonconformity_id]
        if open_:
            raise Conflict("finding_not_raised_yet", seq=open_[0].seq)
        if on is not None:
            self._check_day(on, today)
        self.state, self.conclusion = AuditState.REPORTED, conclusion
        self.reported_by, self.reported_at, self.reported_on = by.person_id, by.at, on or today
        self.changes += 1
        self.record(
            AuditReported(
                audit_id=self.id,
                agency_id=self.agency_id,
                title=self.title,
                conclusion=conclusion,
                findings=len(self.findings),
                nonconformities=sum(f.nonconformity_id is not None for f in self.findings),
                reported_by=self.lead_auditor_id,
            )
        )

    def pass_on(self, giver_id: UUID, receiver_id: UUID) -> None:
        """Let another take the giver's place in the team; who leads it and is in it is in it once."""
        if self.lead_auditor_id == giver_id:
            self.lead_auditor_id = receiver_id
        placed = [receiver_id if each == giver_id else each for each in self.auditor_ids]
        self.auditor_ids = [each for each in dict.fromkeys(placed) if each != self.lead_auditor_id]
        self.changes += 1

    def _check_day(self, on: date, today: date) -> None:
        if on > today:
            raise Invalid("report_in_the_future", "reportedOn", today=today.isoformat())
        if on < self.planned_from:
            raise Invalid("report_before_audit", "reportedOn", first=self.planned_from.isoformat())

    def _must_be(self, state: AuditState) -> None:
        if self.state is not state:
            raise Conflict("not_in_this_state", state=self.state)

    def _must_be_of_the_team(self, by: Acted) -> None:
        if by.person_id not in self.team:
            raise Forbidden("not_of_the_audit_team")
