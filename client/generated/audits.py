"""What is asked about audits. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from enum import Enum
from typing import TypedDict

from client.caller import Caller, Day, Id
from client.generated.enums import AuditState, Grade, NonconformitySource, ProgrammeState


class ProgrammeNow(TypedDict):
    """What is asked of a Programme."""

    id: str
    version: int
    state: ProgrammeState


class AuditNowChecklistDocument(TypedDict):
    """What is asked of a Document."""

    code: str


class AuditNowChecklist(TypedDict):
    """What is asked of a ChecklistItem."""

    seq: int
    question: str
    document: AuditNowChecklistDocument | None


class AuditNowFindingsNonconformity(TypedDict):
    """What is asked of a Nonconformity."""

    id: str
    number: str
    source: NonconformitySource
    findingId: str | None


class AuditNowFindings(TypedDict):
    """What is asked of a Finding."""

    id: str
    grade: Grade
    nonconformity: AuditNowFindingsNonconformity | None


class AuditNow(TypedDict):
    """What is asked of a Audit."""

    id: str
    version: int
    state: AuditState
    checklist: list[AuditNowChecklist]
    findings: list[AuditNowFindings]
    conclusion: str | None


class Programmes(TypedDict):
    """What is asked of a Programme."""

    id: str
    year: int
    state: ProgrammeState
    version: int


CREATE_PROGRAMME = """
mutation CreateProgramme($input: CreateProgrammeInput!) { answer: createProgramme(input: $input) {
__typename ...ProgrammeNow ... on Problem { code message remedy field } } } fragment ProgrammeNow on
Programme { id version state }
"""

APPROVE_PROGRAMME = """
mutation ApproveProgramme($input: ApproveProgrammeInput!) { answer: approveProgramme(input: $input) {
__typename ...ProgrammeNow ... on Problem { code message remedy field } } } fragment ProgrammeNow on
Programme { id version state }
"""

PLAN_AUDIT = """
mutation PlanAudit($input: PlanAuditInput!) { answer: planAudit(input: $input) { __typename ...AuditNow
... on Problem { code message remedy field } } } fragment AuditNow on Audit { id version state checklist
{ seq question document { code } } findings { id grade nonconformity { id number source findingId } }
conclusion }
"""

START_AUDIT = """
mutation StartAudit($input: StartAuditInput!) { answer: startAudit(input: $input) { __typename
...AuditNow ... on Problem { code message remedy field } } } fragment AuditNow on Audit { id version
state checklist { seq question document { code } } findings { id grade nonconformity { id number source
findingId } } conclusion }
"""

RECORD_FINDING = """
mutation RecordFinding($input: RecordFindingInput!) { answer: recordFinding(input: $input) { __typename
...AuditNow ... on Problem { code message remedy field } } } fragment AuditNow on Audit { id version
state checklist { seq question document { code } } findings { id grade nonconformity { id number source
findingId } } conclusion }
"""

RAISE_FROM_FINDING = """
mutation RaiseFromFinding($input: RaiseFromFindingInput!) { answer: raiseFromFinding(input: $input) {
__typename ...AuditNow ... on Problem { code message remedy field } } } fragment AuditNow on Audit { id
version state checklist { seq question document { code } } findings { id grade nonconformity { id number
source findingId } } conclusion }
"""

REPORT_AUDIT = """
mutation ReportAudit($input: ReportAuditInput!) { answer: reportAudit(input: $input) { __typename
...AuditNow ... on Problem { code message remedy field } } } fragment AuditNow on Audit { id version
state checklist { seq question document { code } } findings { id grade nonconformity { id number source
findingId } } conclusion }
"""

PROGRAMMES = """
query Programmes($agencyId: UUID!) { programmes(agencyId: $agencyId) { id year state version } }
"""


class AboutAudits(Caller):
    """Operations about audits."""

    async def create_programme(
        self, *, agency_id: Id, year: int, title: str, objective: str, request_id: Id | None = None
    ) -> ProgrammeNow:
        """Draft the audit programme of a year (9.2.2 a)."""
        done: ProgrammeNow = await self._command(
            "createProgramme",
            CREATE_PROGRAMME,
            {
                "agency_id": agency_id,
                "year": year,
                "title": title,
                "objective": objective,
                "request_id": request_id,
            },
        )
        return done

    async def approve_programme(
        self, *, programme_id: Id, expected_version: int, request_id: Id | None = None
    ) -> ProgrammeNow:
        """Approve the programme; never by its drafter."""
        done: ProgrammeNow = await self._command(
            "approveProgramme",
            APPROVE_PROGRAMME,
            {"programme_id": programme_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def plan_audit(
        self,
        *,
        programme_id: Id,
        agency_id: Id,
        title: str,
        framework: str,
        lead_auditor_id: Id,
        planned_from: Day,
        planned_to: Day,
        request_id: Id | None = None,
        clauses: Sequence[str] | None = None,
        document_ids: Sequence[Id] | None = None,
        auditor_ids: Sequence[Id] | None = None,
    ) -> AuditNow:
        """Plan one audit of an approved programme; nobody audits their own agency (9.2.2 c)."""
        done: AuditNow = await self._command(
            "planAudit",
            PLAN_AUDIT,
            {
                "programme_id": programme_id,
                "agency_id": agency_id,
                "title": title,
                "framework": framework,
                "lead_auditor_id": lead_auditor_id,
                "planned_from": planned_from,
                "planned_to": planned_to,
                "request_id": request_id,
                "clauses": clauses,
                "document_ids": document_ids,
                "auditor_ids": auditor_ids,
            },
        )
        return done

    async def start_audit(
        self, *, audit_id: Id, expected_version: int, request_id: Id | None = None
    ) -> AuditNow:
        """Begin; the checklist is made from the clauses and the agency's procedures in force."""
        done: AuditNow = await self._command(
            "startAudit",
            START_AUDIT,
            {"audit_id": audit_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def record_finding(
        self,
        *,
        audit_id: Id,
        expected_version: int,
        clause: str,
        grade: Grade | Enum,
        statement: str,
        evidence: str,
        request_id: Id | None = None,
        document_id: Id | None = None,
    ) -> AuditNow:
        """Record what was found, with clause, evidence and grade."""
        done: AuditNow = await self._command(
            "recordFinding",
            RECORD_FINDING,
            {
                "audit_id": audit_id,
                "expected_version": expected_version,
                "clause": clause,
                "grade": grade,
                "statement": statement,
                "evidence": evidence,
                "request_id": request_id,
                "document_id": document_id,
            },
        )
        return done

    async def raise_from_finding(
        self, *, audit_id: Id, expected_version: int, finding_id: Id, request_id: Id | None = None
    ) -> AuditNow:
        """Turn a finding into a nonconformity of the audited agency, each naming the other."""
        done: AuditNow = await self._command(
            "raiseFromFinding",
            RAISE_FROM_FINDING,
            {
                "audit_id": audit_id,
                "expected_version": expected_version,
                "finding_id": finding_id,
                "request_id": request_id,
            },
        )
        return done

    async def report_audit(
        self,
        *,
        audit_id: Id,
        expected_version: int,
        conclusion: str,
        request_id: Id | None = None,
        reported_on: Day | None = None,
    ) -> AuditNow:
        """Write the report; by the lead auditor only."""
        done: AuditNow = await self._command(
            "reportAudit",
            REPORT_AUDIT,
            {
                "audit_id": audit_id,
                "expected_version": expected_version,
                "conclusion": conclusion,
                "request_id": request_id,
                "reported_on": reported_on,
            },
        )
        return done

    async def programmes(self, *, agency_id: Id) -> list[Programmes]:
        """The audit programmes of agencies, newest year first."""
        found: list[Programmes] = await self._one("programmes", PROGRAMMES, agencyId=agency_id)
        return found
