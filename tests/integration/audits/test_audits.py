"""The programme, an audit by outsiders, findings, the report, and the management review on real servers."""

import json
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from contracts.directory.events import GrantChanged
from contracts.directory.roles import Role
from services.audits.learnt import reactions as projections
from services.audits.nonconformities.tables import nonconformities


@pytest.fixture
def programme(desk):
    asked = {
        "agency_id": desk.province.science,
        "year": 2026,
        "title": "Chương trình 2026",
        "objective": "9.2",
    }
    drafted = desk.ok("planner", "create_programme", **asked)
    return desk.on("director", "approve_programme", drafted, "programme_id")


def a_plan(desk, programme, **changes):
    province = desk.province
    given = {
        "programme_id": programme["id"],
        "agency_id": province.department,
        "title": "Đánh giá Sở Dân tộc và Tôn giáo",
        "framework": "tcvn-iso-9001:2015",
        "clauses": ["7.5", "8.5"],
        "document_ids": [province.procedure],
        "lead_auditor_id": province.people["lead"],
        "auditor_ids": [province.people["auditor"]],
        "planned_from": "2026-08-17",
        "planned_to": "2026-08-18",
    }
    return given | changes


@pytest.fixture
def audit(desk, programme):
    planned = desk.ok("planner", "plan_audit", **a_plan(desk, programme))
    return desk.on("lead", "start_audit", planned, "audit_id")


def a_finding(**changes):
    given = {
        "clause": "7.5",
        "grade": "minor",
        "statement": "Bản in cũ còn dùng",
        "evidence": "Tủ hồ sơ phòng 3",
    }
    return given | changes


def test_the_checklist_is_made_of_clauses_and_the_agencys_procedures(audit):
    assert [item["clause"] for item in audit["checklist"]] == ["7.5", "8.5", None]
    assert "QTTP-20" in audit["checklist"][2]["question"]


def test_a_finding_becomes_a_nonconformity_with_one_unbroken_reference(desk, audit, audits):
    it = desk.on("auditor", "record_finding", audit, "audit_id", **a_finding())
    finding = it["findings"][0]["id"]
    it = desk.on("auditor", "raise_from_finding", it, "audit_id", finding_id=finding)
    raised = it["findings"][0]["nonconformity_id"]
    token = desk.province.token("secretary")
    [entry] = desk.rpc.call("audits.nonconformities_by_ids", {"ids": [raised]}, token=token)["ok"]
    assert (entry["finding_id"], entry["source"], entry["clause"]) == (finding, "finding", "7.5")
    again = desk.refused_on("auditor", "raise_from_finding", it, "audit_id", finding_id=finding)
    assert again[1] == "finding_already_raised"
    with audits.database.sessions() as session:
        assert session.query(nonconformities).count() == 1, "the refused one left nothing"


def test_only_the_lead_auditor_reports_and_only_when_everything_is_raised(desk, audit):
    it = desk.on("lead", "record_finding", audit, "audit_id", **a_finding(grade="major"))
    conclusion = {"conclusion": "Hệ thống phù hợp, trừ một điểm"}
    assert (
        desk.refused_on("lead", "report_audit", it, "audit_id", **conclusion)[1] == "finding_not_raised_yet"
    )
    it = desk.on("lead", "raise_from_finding", it, "audit_id", finding_id=it["findings"][0]["id"])
    assert desk.refused_on("auditor", "report_audit", it, "audit_id", **conclusion)[1] == "not_permitted"
    it = desk.on("lead", "report_audit", it, "audit_id", **conclusion)
    assert it["state"] == "reported"
    late = desk.refused_on("lead", "record_finding", it, "audit_id", **a_finding())
    assert late[1] == "not_in_this_state"


@pytest.fixture
def audit_of_march(desk, programme):
    """One that was held on paper before this platform knew of it."""
    days = {"planned_from": "2026-03-02", "planned_to": "2026-03-03"}
    planned = desk.ok("planner", "plan_audit", **a_plan(desk, programme, **days))
    return desk.on("lead", "start_audit", planned, "audit_id")


def test_a_report_transferred_from_paper_carries_its_own_day_and_so_do_the_figures(desk, audit_of_march):
    day = {"reported_on": "2026-03-06"}
    it = desk.on("lead", "report_audit", audit_of_march, "audit_id", conclusion="Phù hợp", **day)
    assert it["reported_on"] == "2026-03-06"
    assert it["reported_at"].startswith("2026-08-10"), "when it was entered stays to be seen"
    [figures] = desk.rpc.call("audits.quality_figures_of", {}, token=desk.province.token("secretary"))["ok"]
    assert figures["last_audit_on"] == "2026-03-06"


@pytest.mark.parametrize(
    ("day", "code"), [("2026-08-11", "report_in_the_future"), ("2026-03-01", "report_before_audit")]
)
def test_a_report_of_a_day_that_cannot_be_is_refused_and_changes_nothing(desk, audit_of_march, day, code):
    given = {"conclusion": "Phù hợp", "reported_on": day}
    refused = desk.refused_on("lead", "report_audit", audit_of_march, "audit_id", **given)
    assert refused == ("Invalid", code, "reportedOn")
    it = desk.on("lead", "report_audit", audit_of_march, "audit_id", conclusion="Phù hợp")
    assert (it["state"], it["reported_on"]) == ("reported", "2026-08-10"), "without a day it is of today"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        (lambda p: {"lead_auditor_id": p.people["insider"]}, "auditor_not_independent", "leadAuditorId"),
        (lambda p: {"auditor_ids": [p.people["insider"]]}, "auditor_not_independent", "auditorIds"),
        (lambda p: {"clauses": [], "document_ids": []}, "audit_without_scope", "clauses"),
        (lambda p: {"clauses": ["99.9"]}, "clause_unknown", "clauses"),
        (lambda p: {"document_ids": [uuid4()]}, "procedure_not_of_agency", "documentIds"),
        (lambda p: {"framework": "iso-nowhere"}, "framework_unknown", "framework"),
        (lambda p: {"lead_auditor_id": p.people["officer"]}, "not_an_auditor", "leadAuditorId"),
        (lambda p: {"auditor_ids": [p.people["planner"]]}, "not_an_auditor", "auditorIds"),
        (lambda p: {"planned_to": "2026-08-01"}, "period_backwards", "plannedTo"),
        (
            lambda p: {"planned_from": "2027-01-04", "planned_to": "2027-01-05"},
            "audit_outside_programme_year",
            "plannedFrom",
        ),
        (lambda p: {"programme_id": uuid4()}, "programme_not_found", "programmeId"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(desk, programme, changes, code, field):
    no = desk.refused("planner", "plan_audit", **a_plan(desk, programme, **changes(desk.province)))
    assert no[1:] == (code, field)


def test_a_programme_is_approved_by_another_and_once_a_year(desk, a_token):
    asked = {"agency_id": desk.province.science, "year": 2026, "title": "Chương trình", "objective": "9.2"}
    drafted = desk.ok("planner", "create_programme", **asked)
    plan = a_plan(desk, drafted)
    assert desk.refused("planner", "plan_audit", **plan)[1] == "programme_not_approved"
    both = a_token("iso_head", agency=desk.province.science, person=desk.province.people["planner"])
    body = {"request_id": uuid4(), "programme_id": drafted["id"], "expected_version": drafted["version"]}
    own = desk.rpc.call("audits.approve_programme", body, token=both)["refused"]
    assert own["code"] == "own_programme"
    assert desk.refused("planner", "create_programme", **asked)[1:] == ("programme_exists", "year")


def test_who_is_not_of_the_team_records_nothing(desk, audit):
    no = desk.refused_on("insider", "record_finding", audit, "audit_id", **a_finding())
    assert no[:2] == ("Forbidden", "not_of_the_audit_team")


def a_review(desk, **changes):
    given = {
        "agency_id": desk.province.department,
        "title": "Xem xét của lãnh đạo 2026",
        "period_from": "2026-01-01",
        "period_to": "2026-08-10",
        "held_on": "2026-08-10",
    }
    return desk.ok("secretary", "plan_review", **given | changes)


def test_a_review_freezes_its_inputs_decides_and_concludes(desk, audits):
    with audits.database.sessions() as session:
        session.execute(
            text(
                "insert into dossiers (id, version, agency_id, received_on, finished_on, on_time, is_overdue)"
                " select gen_random_uuid(), 1, :agency, '2026-03-01', '2026-04-01', n > 3, n <= 3"
                " from generate_series(1, 10) n"
            ),
            {"agency": desk.province.department},
        )
        session.commit()
    desk.raised()
    note = {"clause": "9.3.2 d", "text": "Đủ người, thiếu máy quét"}
    it = desk.on("secretary", "freeze_inputs", a_review(desk), "review_id", notes=[note])
    facts = {each["clause"]: json.loads(each["facts"]) for each in it["inputs"]}
    assert facts["9.3.2 c3"] == {"received": 10, "finished": 10, "on_time": 7, "late": 3, "overdue_open": 0}
    assert facts["9.3.2 c4"] == {"raised": 1, "closed": 0, "open": 1}
    assert facts["9.3.2 c5"] == {"in_force": 1}
    assert facts["9.3.2 d"] == {"note": note["text"]}
    assert facts["9.3.2 b"] == {}, "what nobody said is not made up"
    desk.raised()
    owner = desk.province.people["officer"]
    decided = {"decision": "Mua máy quét", "owner_id": owner, "due_on": "2026-10-01"}
    it = desk.on("secretary", "record_decision", it, "review_id", **decided)
    assert {each["clause"]: json.loads(each["facts"]) for each in it["inputs"]} == facts, "frozen"
    it = desk.on(
        "head", "conclude_review", it, "review_id", conclusion="Hệ thống có hiệu lực", is_effective=True
    )
    assert (it["state"], it["is_effective"]) == ("concluded", True)
    done = {"task_id": it["tasks"][0]["id"], "note": "Đã mua"}
    assert desk.refused_on("secretary", "complete_task", it, "review_id", **done)[1] == "not_your_task"
    it = desk.on("officer", "complete_task", it, "review_id", **done)
    assert it["tasks"][0]["state"] == "done"


def test_a_review_in_the_wrong_order_is_refused(desk):
    it = a_review(desk)
    end = {"conclusion": "x", "is_effective": True}
    assert desk.refused_on("head", "conclude_review", it, "review_id", **end)[1] == "not_in_this_state"
    strange = {"notes": [{"clause": "1.2.3", "text": "không có"}]}
    assert desk.refused_on("secretary", "freeze_inputs", it, "review_id", **strange)[1] == "input_unknown"
    it = desk.on("secretary", "freeze_inputs", it, "review_id")
    assert desk.refused_on("secretary", "freeze_inputs", it, "review_id")[1] == "not_in_this_state"
    assert desk.refused_on("secretary", "conclude_review", it, "review_id", **end)[1] == "not_permitted"


def test_the_figures_of_many_agencies_are_asked_at_once(desk, programme, audit):
    desk.raised()
    it = desk.on("lead", "report_audit", audit, "audit_id", conclusion="Phù hợp")
    assert it["state"] == "reported"
    found = desk.rpc.call("audits.quality_figures_of", {}, token=desk.province.token("planner"))["ok"]
    mine = {each["agency_id"]: each for each in found}[str(desk.province.department)]
    assert (mine["open_nonconformities"], mine["last_audit_on"]) == (1, "2026-08-10")
    own = desk.rpc.call("audits.quality_figures_of", {}, token=desk.province.token("secretary"))["ok"]
    assert {each["agency_id"] for each in own} == {str(desk.province.department)}


def test_a_role_granted_in_person_makes_an_auditor_for_as_long_as_it_holds(desk, programme, audits):
    planner = desk.province.people["planner"]
    granted = GrantChanged(
        grant_id=uuid4(),
        person_id=planner,
        role=Role.INTERNAL_AUDITOR,
        agency_id=desk.province.root,
        with_subtree=True,
        valid_from=date(2026, 8, 1),
        valid_to=date(2026, 8, 18),
    )
    with audits.database.sessions() as session:
        projections.project_grant(session, granted, 1)
        session.commit()
    asked = a_plan(desk, programme, auditor_ids=[planner])
    assert desk.ok("planner", "plan_audit", **asked)["auditor_ids"] == [str(planner)]
    late = {"planned_from": "2026-08-18", "planned_to": "2026-08-19"}
    assert desk.refused("planner", "plan_audit", **asked | late)[1] == "not_an_auditor"
