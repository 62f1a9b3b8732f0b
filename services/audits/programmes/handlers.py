"""The programme of a year, and audits from plan to report."""

from uuid import UUID

from contracts.audits import programmes as c
from contracts.audits.nonconformities import NonconformitySource, Severity
from contracts.messages import text
from kernel.base.errors import Invalid, NotFound
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from org.acting import acted
from services.audits import rules
from services.audits.learnt import queries as learnt_queries
from services.audits.nonconformities import handlers as nonconformities
from services.audits.programmes import queries
from services.audits.programmes.domain import Audit, Finding, Programme, Scope
from services.audits.register.opening import loaded
from services.audits.register.repository import Register


@command(c.CreateProgramme)
def create_programme(call: Call, command: c.CreateProgramme) -> c.ProgrammeView:
    """Draft the programme of a year."""
    call.require(agency_id=command.agency_id)
    assert call.actor.person_id is not None
    programme = Programme(
        id=new_id(),
        agency_id=command.agency_id,
        year=command.year,
        title=command.title,
        objective=command.objective,
        drafted_by=call.actor.person_id,
    )
    Register(call).add(programme)
    call.session.flush()
    return queries.programme_view(programme)


@command(c.ApproveProgramme)
def approve_programme(call: Call, command: c.ApproveProgramme) -> c.ProgrammeView:
    """Let it count."""
    names = {"code": "programme_not_found", "field": "programmeId"}
    programme = loaded(call, Programme, command.programme_id, command.expected_version, **names)
    programme.approve(by=acted(call))
    call.session.flush()
    return queries.programme_view(programme)


@command(c.PlanAudit)
def plan_audit(call: Call, command: c.PlanAudit) -> c.AuditView:
    """Plan an audit under an approved programme, by auditors from outside the audited agency."""
    call.require(agency_id=command.agency_id)
    register = Register(call)
    programme = register.get(Programme, command.programme_id, "programme_not_found", "programmeId")
    framework = _framework(command.framework)
    scope = Scope(
        framework=command.framework,
        clauses=tuple(command.clauses),
        document_ids=tuple(command.document_ids),
    )
    titles = learnt_queries.procedure_titles(call.session, command.agency_id)
    scope.check([clause.number for clause in framework.clauses], list(titles))
    _check_auditors(register, command)
    audit = Audit(
        id=new_id(),
        programme_id=programme.id,
        agency_id=command.agency_id,
        title=command.title,
        framework=command.framework,
        clauses=list(dict.fromkeys(command.clauses)),
        document_ids=list(dict.fromkeys(command.document_ids)),
        lead_auditor_id=command.lead_auditor_id,
        auditor_ids=list(dict.fromkeys(command.auditor_ids)),
        planned_from=command.planned_from,
        planned_to=command.planned_to,
    )
    staff = register.staff_of(command.agency_id, command.planned_from, command.planned_to)
    audit.plan(staff_of_agency=staff, programme=programme, by=acted(call))
    register.add(audit)
    return _shown(call, audit)


@command(c.StartAudit)
def start_audit(call: Call, command: c.StartAudit) -> c.AuditView:
    """Begin, with a question for each clause and each procedure in scope."""
    audit = _loaded(call, command.audit_id, command.expected_version)
    clauses = {clause.number: clause for clause in _framework(audit.framework).clauses}
    titles = learnt_queries.procedure_titles(call.session, audit.agency_id)
    of_clauses = [
        (number, None, text("checklist_clause", clause=number, title=clauses[number].title).vi)
        for number in audit.clauses
    ]
    of_procedures = [
        (None, document, text("checklist_procedure", title=titles[document]).vi)
        for document in audit.document_ids
        if document in titles
    ]
    audit.start(questions=[*of_clauses, *of_procedures], by=acted(call))
    return _shown(call, audit)


@command(c.RecordFinding)
def record_finding(call: Call, command: c.RecordFinding) -> c.AuditView:
    """Record what was found."""
    audit = _loaded(call, command.audit_id, command.expected_version)
    assert call.actor.person_id is not None
    finding = Finding(
        id=new_id(),
        audit_id=audit.id,
        seq=len(audit.findings) + 1,
        clause=command.clause,
        grade=command.grade,
        statement=command.statement,
        evidence=command.evidence,
        document_id=command.document_id,
        found_by=call.actor.person_id,
        found_at=call.now(),
    )
    audit.find(finding, known_clauses=rules.numbers(audit.framework), by=acted(call))
    return _shown(call, audit)


@command(c.RaiseFromFinding)
def raise_from_finding(call: Call, command: c.RaiseFromFinding) -> c.AuditView:
    """One step from a finding to a nonconformity; each names the other."""
    audit = _loaded(call, command.audit_id, command.expected_version)
    finding = next((each for each in audit.findings if each.id == command.finding_id), None)
    if finding is None:
        raise NotFound("finding_not_found", "findingId")
    entered = nonconformities.enter(
        call,
        agency_id=audit.agency_id,
        source=NonconformitySource.FINDING,
        severity=Severity.MAJOR if finding.grade is c.Grade.MAJOR else Severity.MINOR,
        description=finding.statement,
        clause=finding.clause,
        document_id=finding.document_id,
        finding_id=finding.id,
    )
    audit.turn_into(finding.id, entered.id, by=acted(call))
    return _shown(call, audit)


@command(c.ReportAudit)
def report_audit(call: Call, command: c.ReportAudit) -> c.AuditView:
    """The lead auditor's report."""
    audit = _loaded(call, command.audit_id, command.expected_version)
    audit.report(conclusion=command.conclusion, on=command.reported_on, today=call.today(), by=acted(call))
    return _shown(call, audit)


def _check_auditors(register: Register, command: c.PlanAudit) -> None:
    """Each auditor holds the role on the day the audit begins."""
    day, sights = command.planned_from, register.call.policy.sights
    if not register.auditors({command.lead_auditor_id}, sights["leading_an_audit"], day):
        raise Invalid("not_an_auditor", "leadAuditorId")
    others = set(command.auditor_ids)
    if others - register.auditors(others, sights["auditing"], day):
        raise Invalid("not_an_auditor", "auditorIds")


def _framework(code: str) -> c.FrameworkView:
    known = rules.frameworks()
    if code not in known:
        raise Invalid("framework_unknown", "framework", known=", ".join(known))
    return known[code]


def _loaded(call: Call, id: UUID, version: int) -> Audit:
    return loaded(call, Audit, id, version, code="audit_not_found", field="auditId")


def _shown(call: Call, audit: Audit) -> c.AuditView:
    call.session.flush()
    return queries.audit_view(audit)
