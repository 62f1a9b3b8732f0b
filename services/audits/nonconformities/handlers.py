"""The register: raised, corrected, its cause found, acted on, verified, closed."""

from uuid import UUID

from contracts.audits import nonconformities as c
from kernel.base.errors import Invalid
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from org.acting import acted
from services.audits import rules
from services.audits.nonconformities import queries
from services.audits.nonconformities.domain import CorrectiveAction, Nonconformity
from services.audits.register.opening import loaded
from services.audits.register.repository import Register

NUMBER = "KPH-{year}-{serial:04}"


def enter(
    call: Call,
    *,
    agency_id: UUID,
    source: c.NonconformitySource,
    severity: c.Severity,
    description: str,
    clause: str | None = None,
    document_id: UUID | None = None,
    finding_id: UUID | None = None,
) -> Nonconformity:
    """Enter one into its agency's register under the next number of the year."""
    register, year, rule = Register(call), call.today().year, rules.overdue_rule(call.today())
    pattern = rule.number if rule else NUMBER
    nonconformity = Nonconformity(
        id=new_id(),
        agency_id=agency_id,
        number=pattern.format(year=year, serial=register.next_serial(agency_id, year)),
        source=source,
        severity=severity,
        description=description,
        clause=clause,
        document_id=document_id,
        finding_id=finding_id,
        raised_by=call.actor.person_id,
        raised_at=call.now(),
        needs_corrective_action=severity is c.Severity.MAJOR,
    )
    nonconformity.raise_it()
    register.add(nonconformity)
    return nonconformity


@command(c.RaiseNonconformity)
def raise_nonconformity(call: Call, command: c.RaiseNonconformity) -> c.NonconformityView:
    """By hand."""
    call.require(agency_id=command.agency_id)
    if command.clause is not None and not rules.is_clause(command.clause):
        editions = ", ".join(rules.frameworks())
        raise Invalid("clause_unknown", "clause", clause=command.clause, framework=editions)
    entered = enter(
        call,
        agency_id=command.agency_id,
        source=c.NonconformitySource.MANUAL,
        severity=command.severity,
        description=command.description,
        clause=command.clause,
        document_id=command.document_id,
    )
    return _shown(call, entered)


@command(c.RecordCorrection)
def record_correction(call: Call, command: c.RecordCorrection) -> c.NonconformityView:
    """What was done at once."""
    nonconformity = _loaded(call, command.nonconformity_id, command.expected_version)
    nonconformity.correct(correction=command.correction, by=acted(call))
    return _shown(call, nonconformity)


@command(c.RecordCause)
def record_cause(call: Call, command: c.RecordCause) -> c.NonconformityView:
    """Why it happened."""
    nonconformity = _loaded(call, command.nonconformity_id, command.expected_version)
    nonconformity.find_cause(cause=command.cause)
    return _shown(call, nonconformity)


@command(c.PlanAction)
def plan_action(call: Call, command: c.PlanAction) -> c.NonconformityView:
    """An action against the cause, for somebody of the agency."""
    nonconformity = _loaded(call, command.nonconformity_id, command.expected_version)
    today = call.today()
    if command.owner_id not in Register(call).staff_of(nonconformity.agency_id, today, today):
        raise Invalid("owner_not_of_agency", "ownerId")
    action = CorrectiveAction(
        id=new_id(),
        nonconformity_id=nonconformity.id,
        description=command.description,
        owner_id=command.owner_id,
        due_on=command.due_on,
        planned_at=call.now(),
    )
    nonconformity.plan(action, today=today, by=acted(call))
    return _shown(call, nonconformity)


@command(c.CompleteAction)
def complete_action(call: Call, command: c.CompleteAction) -> c.NonconformityView:
    """Done, says its owner."""
    nonconformity = _loaded(call, command.nonconformity_id, command.expected_version)
    nonconformity.complete(command.action_id, note=command.note, by=acted(call))
    return _shown(call, nonconformity)


@command(c.VerifyAction)
def verify_action(call: Call, command: c.VerifyAction) -> c.NonconformityView:
    """Effective or not, by another person."""
    nonconformity = _loaded(call, command.nonconformity_id, command.expected_version)
    nonconformity.verify(
        command.action_id, is_effective=command.is_effective, note=command.note, by=acted(call)
    )
    return _shown(call, nonconformity)


@command(c.CloseNonconformity)
def close_nonconformity(call: Call, command: c.CloseNonconformity) -> c.NonconformityView:
    """Closed for good."""
    nonconformity = _loaded(call, command.nonconformity_id, command.expected_version)
    nonconformity.close(by=acted(call))
    return _shown(call, nonconformity)


def _loaded(call: Call, id: UUID, version: int) -> Nonconformity:
    names = {"code": "nonconformity_not_found", "field": "nonconformityId"}
    return loaded(call, Nonconformity, id, version, **names)


def _shown(call: Call, nonconformity: Nonconformity) -> c.NonconformityView:
    call.session.flush()
    return queries.nonconformity_view(nonconformity)
