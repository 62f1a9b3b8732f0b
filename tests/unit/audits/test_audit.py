"""Programmes, audits and findings: who may plan, start, find and report, and when."""

from uuid import uuid4

import pytest

from contracts.audits.events import AuditPlanned, AuditReported, FindingRecorded
from contracts.audits.programmes import AuditState, Grade, ProgrammeState
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound
from services.audits.programmes.domain import Scope
from tests.unit.audits.factories import (
    AGENCY,
    AUDITOR,
    DAY,
    LEAD,
    NOW,
    SOMEBODY,
    TODAY,
    a_finding,
    a_programme,
    an_audit,
    hand,
)

KNOWN = ["8.5", "9.2"]


def plan(audit, *, staff=(), by=SOMEBODY, **programme):
    audit.plan(staff_of_agency=set(staff), programme=a_programme(**programme), by=hand(by))


def under_way(**changes):
    audit = an_audit(**changes)
    audit.start(questions=[("8.5", None, "Có kiểm soát không?")], by=hand(LEAD))
    return audit


def with_finding(grade=Grade.MINOR):
    audit = under_way()
    finding = a_finding(audit, grade)
    audit.find(finding, known_clauses=KNOWN, by=hand(AUDITOR))
    return audit, finding


def report(audit, *, on=None, by=LEAD):
    audit.report(conclusion="Phù hợp", on=on, today=TODAY + 3 * DAY, by=hand(by))


# -- the programme -------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [hand(SOMEBODY), hand(AUDITOR, on_behalf_of=SOMEBODY)])
def test_who_drafted_a_programme_does_not_approve_it_nor_does_who_acts_for_them(by):
    with pytest.raises(Forbidden, match="own_programme"):
        a_programme(state=ProgrammeState.DRAFT).approve(by=by)


def test_a_programme_is_approved_once():
    programme = a_programme(state=ProgrammeState.DRAFT)
    programme.approve(by=hand(LEAD))
    assert (programme.state, programme.approved_by) == (ProgrammeState.APPROVED, LEAD)
    assert programme.approved_at == NOW
    with pytest.raises(Conflict, match="not_in_this_state"):
        programme.approve(by=hand(LEAD))


# -- its scope -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clauses", "documents", "code"),
    [((), (), "audit_without_scope"), (("7.7",), (), "clause_unknown")],
)
def test_a_scope_that_cannot_be_is_refused(clauses, documents, code):
    scope = Scope(framework="x", clauses=clauses, document_ids=documents)
    with pytest.raises(Invalid, match=code):
        scope.check(KNOWN, [])


def test_a_scope_names_procedures_of_the_agency_only():
    own, foreign = uuid4(), uuid4()
    Scope(framework="x", clauses=(), document_ids=(own,)).check(KNOWN, [own])
    Scope(framework="x", clauses=("8.5",), document_ids=()).check(KNOWN, [own])
    with pytest.raises(Invalid, match="procedure_not_of_agency"):
        Scope(framework="x", clauses=(), document_ids=(own, foreign)).check(KNOWN, [own])


# -- planning ------------------------------------------------------------------------------------------


def test_planning_names_the_team_and_by_whom():
    audit = an_audit()
    plan(audit)
    [event] = audit.drain()
    assert isinstance(event, AuditPlanned)
    assert (event.lead_auditor_id, event.auditor_ids, event.planned_by) == (
        LEAD,
        (AUDITOR,),
        SOMEBODY,
    )
    assert (event.planned_from, event.planned_to, event.agency_id) == (TODAY, TODAY + DAY, AGENCY)
    assert audit.changes == 1


def test_what_the_platform_plans_is_planned_by_the_lead_auditor():
    audit = an_audit()
    plan(audit, by=None)
    assert audit.drain()[0].planned_by == LEAD


@pytest.mark.parametrize(
    ("staff", "field"),
    [([LEAD], "leadAuditorId"), ([AUDITOR], "auditorIds"), ([LEAD, AUDITOR], "leadAuditorId")],
)
def test_auditors_come_from_outside_the_audited_agency(staff, field):
    with pytest.raises(Forbidden, match="auditor_not_independent") as refused:
        plan(an_audit(), staff=staff)
    assert refused.value.field == field


def test_an_audit_needs_an_approved_programme_of_its_year():
    with pytest.raises(Conflict, match="programme_not_approved"):
        plan(an_audit(), state=ProgrammeState.DRAFT)
    with pytest.raises(Invalid, match="audit_outside_programme_year"):
        plan(an_audit(), year=2025)


def test_an_audit_may_take_one_day_and_does_not_run_backwards():
    plan(an_audit(planned_to=TODAY))
    with pytest.raises(Invalid, match="period_backwards"):
        plan(an_audit(planned_to=TODAY - DAY))


# -- starting and finding ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [LEAD, AUDITOR])
def test_each_of_the_team_may_start_it_once(who):
    audit = an_audit()
    audit.start(questions=[("8.5", None, "a"), (None, uuid4(), "b")], by=hand(who))
    assert (audit.state, audit.started_at) == (AuditState.UNDER_WAY, NOW)
    assert [(each.seq, each.clause, each.question) for each in audit.checklist] == [
        (1, "8.5", "a"),
        (2, None, "b"),
    ]
    with pytest.raises(Conflict, match="not_in_this_state"):
        audit.start(questions=[], by=hand(who))


def test_who_is_not_of_the_team_starts_finds_and_raises_nothing():
    with pytest.raises(Forbidden, match="not_of_the_audit_team"):
        an_audit().start(questions=[], by=hand(SOMEBODY))
    audit, finding = with_finding()
    with pytest.raises(Forbidden, match="not_of_the_audit_team"):
        audit.find(a_finding(audit), known_clauses=KNOWN, by=hand(SOMEBODY))
    with pytest.raises(Forbidden, match="not_of_the_audit_team"):
        audit.turn_into(finding.id, uuid4(), by=hand(SOMEBODY))


def test_what_is_found_is_published_and_stands_against_a_clause_there_is():
    audit, finding = with_finding()
    [event] = audit.drain()
    assert isinstance(event, FindingRecorded)
    assert (event.finding_id, event.clause, event.grade, event.found_by) == (
        finding.id,
        "8.5",
        Grade.MINOR,
        AUDITOR,
    )
    with pytest.raises(Invalid, match="clause_unknown"):
        audit.find(a_finding(audit, clause="7.7"), known_clauses=KNOWN, by=hand(AUDITOR))
    assert audit.findings == [finding]


def test_nothing_is_found_before_it_began():
    audit = an_audit()
    with pytest.raises(Conflict, match="not_in_this_state"):
        audit.find(a_finding(audit), known_clauses=KNOWN, by=hand(AUDITOR))


# -- from a finding to a nonconformity -------------------------------------------------------------------


@pytest.mark.parametrize("grade", [Grade.MINOR, Grade.MAJOR])
def test_a_finding_becomes_a_nonconformity_once(grade):
    audit, finding = with_finding(grade)
    before, id_ = audit.changes, uuid4()
    assert audit.turn_into(finding.id, id_, by=hand(LEAD)) is finding
    assert (finding.nonconformity_id, audit.changes) == (id_, before + 1)
    with pytest.raises(Conflict, match="finding_already_raised"):
        audit.turn_into(finding.id, uuid4(), by=hand(LEAD))


@pytest.mark.parametrize("grade", [each for each in Grade if each not in (Grade.MINOR, Grade.MAJOR)])
def test_what_conforms_becomes_none(grade):
    audit, finding = with_finding(grade)
    with pytest.raises(Conflict, match="finding_conforms"):
        audit.turn_into(finding.id, uuid4(), by=hand(LEAD))


def test_a_finding_that_is_not_there_is_named_and_before_it_began_there_is_none():
    audit, _ = with_finding()
    with pytest.raises(NotFound, match="finding_not_found"):
        audit.turn_into(uuid4(), uuid4(), by=hand(LEAD))
    with pytest.raises(Conflict, match="not_in_this_state"):
        an_audit().turn_into(uuid4(), uuid4(), by=hand(LEAD))


# -- the report ----------------------------------------------------------------------------------------


def test_the_report_is_the_lead_auditors_and_counts_what_was_found():
    audit, finding = with_finding()
    audit.find(a_finding(audit, Grade.OBSERVATION), known_clauses=KNOWN, by=hand(AUDITOR))
    audit.turn_into(finding.id, uuid4(), by=hand(LEAD))
    audit.drain()
    with pytest.raises(Forbidden, match="only_lead_auditor_reports"):
        report(audit, by=AUDITOR)
    before = audit.changes
    report(audit)
    [event] = audit.drain()
    assert isinstance(event, AuditReported)
    assert (event.findings, event.nonconformities, event.conclusion) == (2, 1, "Phù hợp")
    assert (audit.state, audit.reported_by, audit.reported_at) == (AuditState.REPORTED, LEAD, NOW)
    assert (audit.reported_on, audit.changes) == (TODAY + 3 * DAY, before + 1)


@pytest.mark.parametrize("grade", [Grade.MINOR, Grade.MAJOR])
def test_there_is_no_report_while_something_found_was_not_raised(grade):
    audit, _ = with_finding(grade)
    with pytest.raises(Conflict, match="finding_not_raised_yet"):
        report(audit)


def test_a_report_is_written_of_an_audit_under_way_only():
    with pytest.raises(Conflict, match="not_in_this_state"):
        report(an_audit())


@pytest.mark.parametrize(
    ("on", "code"),
    [(TODAY - DAY, "report_before_audit"), (TODAY + 4 * DAY, "report_in_the_future")],
)
def test_a_report_of_an_earlier_day_lies_between_the_audit_and_today(on, code):
    with pytest.raises(Invalid, match=code):
        report(under_way(), on=on)


@pytest.mark.parametrize("on", [TODAY, TODAY + 3 * DAY])
def test_both_ends_of_that_time_are_days_of_a_report(on):
    audit = under_way()
    report(audit, on=on)
    assert audit.reported_on == on


# -- who takes whose place -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("giver", "receiver", "lead", "others"),
    [
        (LEAD, SOMEBODY, SOMEBODY, [AUDITOR]),
        (AUDITOR, SOMEBODY, LEAD, [SOMEBODY]),
        (AUDITOR, LEAD, LEAD, []),
        (LEAD, AUDITOR, AUDITOR, []),
    ],
)
def test_who_takes_anothers_place_is_in_the_team_once(giver, receiver, lead, others):
    audit = an_audit()
    audit.pass_on(giver, receiver)
    assert (audit.lead_auditor_id, audit.auditor_ids, audit.changes) == (lead, others, 1)
    assert audit.team == {lead, *others}


def test_two_places_of_one_person_become_one():
    audit = an_audit(auditor_ids=[AUDITOR, SOMEBODY])
    audit.pass_on(AUDITOR, SOMEBODY)
    assert audit.auditor_ids == [SOMEBODY]
