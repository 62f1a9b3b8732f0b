"""Registers of agencies that ended go on with the one that took over, on real servers."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.cases.dossiers import Scope
from contracts.cases.events import DossierOverdue
from contracts.directory.events import AgencyChanged
from kernel.data.tables import trail
from kernel.run.process import sweep_once
from kernel.trust.identity import Actor
from kernel.work.call import Reaction
from kernel.work.unit_of_work import transaction
from org import tree
from services.audits.nonconformities import reactions
from services.audits.nonconformities.tables import nonconformities, overdue_facts
from services.audits.service import AuditsService
from services.audits.succession import sweeps as following
from tests.integration.audits.conftest import TODAY, Desk, Province
from tests.integration.following import BASIS, Killed, an_act, follow, killed, learn, sweep_of
from tests.integration.handing import follow as hear
from tests.integration.handing import handed_over

YEAR = 2026


class Merging:
    """The department and the science agency become one."""

    def __init__(self, service, rpc, a_token):
        self.service, self.a_token = service, a_token
        self.province, self.new = Province(a_token), uuid4()
        self.province.plant(service.database)
        self.old = [self.province.department, self.province.science]
        self.desk = Desk(rpc, self.province)
        with service.database.sessions() as session:
            event = AgencyChanged(
                agency_id=self.new,
                code="H42.99",
                name="Sở mới",
                short_name="Sở mới",
                kind="department",
                parent_id=self.province.root,
                valid_from=date(2026, 7, 1),
            )
            tree.project_agency(session, event, 1)
            session.commit()

    def merge(self, day=date(2026, 7, 1)):
        event = an_act(self.old, self.new, day)
        learn(self.service.database, event)
        return event

    def follow(self):
        return follow(self.service, AuditsService)

    def ask(self, method, asked, *roles, at=None, person=None):
        token = self.a_token(*(roles or ("iso_secretary",)), agency=at or self.new, person=person)
        return self.desk.rpc.call(f"audits.{method}", asked, token=token)

    def ok(self, method, asked, *roles, **more):
        answer = self.ask(method, asked, *roles, **more)
        assert "ok" in answer, answer
        return answer["ok"]

    def on(self, method, thing, key, *roles, person=None, **more):
        asked = {"request_id": uuid4(), key: thing["id"], "expected_version": thing["version"]}
        return self.ok(method, asked | more, *roles, person=person)

    def raised(self, n, **more):
        asked = {"agency_id": self.old[n], "severity": "minor", "description": "Hồ sơ trả chậm"}
        return self.desk.ok("secretary" if n == 0 else "planner", "raise_nonconformity", **asked, **more)


@pytest.fixture
def merging(running, business_clock, rpc, a_token):
    """Without its sweep, which tests turn by hand."""
    business_clock(f"{TODAY}T08:00+07:00")
    return Merging(running("audits"), rpc, a_token)


def test_an_open_nonconformity_goes_on_with_the_heir_to_its_end(merging):
    raised, owner = merging.raised(0), merging.province.people["officer"]
    merging.merge()
    assert merging.follow() == 1
    gone = merging.ask("nonconformities_by_ids", {"ids": [raised["id"]]}, at=merging.old[0])
    assert gone["ok"] == []
    [seen] = merging.ok("nonconformities_by_ids", {"ids": [raised["id"]]})
    assert (seen["agency_id"], seen["origin_agency_id"]) == (str(merging.new), str(merging.old[0]))
    assert seen["number"] == raised["number"]
    seen = merging.on("record_correction", seen, "nonconformity_id", correction="Đã trả hồ sơ")
    seen = merging.on("record_cause", seen, "nonconformity_id", cause="Thiếu người")
    plan = {"description": "Bố trí người", "owner_id": owner, "due_on": "2026-09-01"}
    seen = merging.on("plan_action", seen, "nonconformity_id", **plan)
    action = {"action_id": seen["actions"][0]["id"], "note": "Đã bố trí"}
    seen = merging.on("complete_action", seen, "nonconformity_id", person=owner, **action)
    verified = {**action, "is_effective": True, "note": "Có hiệu lực"}
    seen = merging.on("verify_action", seen, "nonconformity_id", **verified)
    assert merging.on("close_nonconformity", seen, "nonconformity_id", "iso_head")["state"] == "closed"


def test_equal_numbers_of_two_registers_stay_and_the_heir_counts_on_by_itself(merging):
    one, other = merging.raised(0), merging.raised(1)
    assert one["number"] == other["number"]
    merging.merge()
    assert merging.follow() == 2
    asked = {"agency_id": merging.new, "severity": "minor", "description": "Mới", "request_id": uuid4()}
    own = merging.ok("raise_nonconformity", asked)
    listed = merging.ok("list_nonconformities", {})["items"]
    assert {(each["origin_agency_id"], each["number"]) for each in listed} == {
        (str(merging.old[0]), one["number"]),
        (str(merging.old[1]), one["number"]),
        (str(merging.new), own["number"]),
    }


def test_programmes_audits_and_reviews_go_on_and_a_finding_is_raised_in_the_heir(merging):
    desk, province = merging.desk, merging.province
    given = {"year": YEAR, "title": "Chương trình", "objective": "9.2"}
    drafted = [
        desk.ok(who, "create_programme", agency_id=agency, **given)
        for who, agency in (("planner", province.science), ("secretary", province.department))
    ]
    programme = desk.on("director", "approve_programme", drafted[0], "programme_id")
    plan = {
        "programme_id": programme["id"],
        "agency_id": province.department,
        "title": "Đánh giá",
        "framework": "tcvn-iso-9001:2015",
        "clauses": ["7.5"],
        "document_ids": [province.procedure],
        "lead_auditor_id": province.people["lead"],
        "auditor_ids": [],
        "planned_from": "2026-08-17",
        "planned_to": "2026-08-18",
    }
    planned = desk.ok("planner", "plan_audit", **plan)
    review = {"agency_id": province.department, "title": "Xem xét", "held_on": "2026-08-20"}
    period = {"period_from": "2026-01-01", "period_to": "2026-06-30"}
    reviewed = desk.ok("secretary", "plan_review", **review, **period)
    merging.merge()
    assert merging.follow() == 4
    seen = merging.ok("programmes_of", {"ids": [merging.new]})
    assert {each["origin_agency_id"] for each in seen} == {str(each) for each in merging.old}
    [found] = merging.ok("reviews_by_ids", {"ids": [reviewed["id"]]})
    assert found["agency_id"] == str(merging.new)
    [audit] = merging.ok("audits_by_ids", {"ids": [planned["id"]]})
    lead = {"person": province.people["lead"]}
    audit = merging.on("start_audit", audit, "audit_id", "lead_auditor", **lead)
    # The procedure was issued by an agency that ended, and is the heir's to be audited by.
    assert "QTTP-20" in audit["checklist"][1]["question"]
    finding = {"clause": "7.5", "grade": "minor", "statement": "Bản in cũ", "evidence": "Tủ hồ sơ"}
    audit = merging.on("record_finding", audit, "audit_id", "lead_auditor", **lead, **finding)
    about = {"finding_id": audit["findings"][0]["id"]}
    audit = merging.on("raise_from_finding", audit, "audit_id", "lead_auditor", **lead, **about)
    [raised] = merging.ok("list_nonconformities", {})["items"]
    assert (raised["agency_id"], raised["id"]) == (str(merging.new), audit["findings"][0]["nonconformity_id"])


def test_what_is_closed_is_read_by_the_heir_as_it_was(merging):
    raised = merging.raised(0)
    raised = merging.desk.on("secretary", "record_correction", raised, "nonconformity_id", correction="Xong")
    closed = merging.desk.on("head", "close_nonconformity", raised, "nonconformity_id")
    [closed] = merging.ok("nonconformities_by_ids", {"ids": [closed["id"]]}, at=merging.old[0])
    merging.merge()
    merging.follow()
    [seen] = merging.ok("nonconformities_by_ids", {"ids": [closed["id"]]})
    changing = {"agency_id", "version"}
    assert {k: v for k, v in seen.items() if k not in changing} == {
        k: v for k, v in closed.items() if k not in changing
    }


def test_figures_as_then_and_as_now(merging):
    for n in (0, 1, 1):
        merging.raised(n)
    merging.merge()
    merging.follow()

    def open_ones(**asked):
        found = merging.ok("quality_figures_of", asked)
        return {each["agency_id"]: each["open_nonconformities"] for each in found}

    assert open_ones() == {str(merging.new): 3}
    assert open_ones(attribution="as_then") == {
        str(merging.new): 0,
        str(merging.old[0]): 1,
        str(merging.old[1]): 2,
    }
    asked = {"agency_ids": [merging.old[0]]}
    assert open_ones(**asked) == {}
    assert open_ones(**asked, attribution="as_then") == {str(merging.old[0]): 1}


def overdue(merging, agency_id):
    """The reaction to a late dossier, as the subscription has it done."""
    event = DossierOverdue(
        dossier_id=uuid4(),
        number="1",
        scope=Scope.DOSSIER,
        step_seq=None,
        step_number=None,
        agency_id=agency_id,
        officer_id=None,
        document_id=merging.province.procedure,
        revision_id=merging.province.procedure,
        revision_number=1,
        document_code="QTTP-20",
        title="Thay đổi trụ sở",
        tthc_code=None,
        due_at=datetime(2026, 8, 3, 3, tzinfo=UTC),
        occurred_at=datetime(2026, 8, 3, 4, tzinfo=UTC),
        is_synced=False,
        is_synced_history=False,
    )
    means, actor = merging.service.means, Actor.system("test")
    origin = means.origin(actor, "note_overdue", occurred_at=event.occurred_at, trace_id=None)
    with transaction(means.database, origin) as session:
        given = {"session": session, "actor": actor, "action": "note_overdue", "envelope": None}
        reactions.note_overdue(means.call(Reaction, **given), event)


def test_lateness_published_after_the_merge_counts_into_what_the_old_agency_had_open(merging):
    overdue(merging, merging.old[0])
    merging.merge()
    merging.follow()
    overdue(merging, merging.new)
    overdue(merging, merging.old[0])  # published before the merge and heard after it
    [seen] = merging.ok("list_nonconformities", {})["items"]
    assert (seen["occurrences"], seen["agency_id"]) == (3, str(merging.new))
    with merging.service.database.sessions() as session:
        assert len(session.execute(select(overdue_facts)).all()) == 3


def test_a_process_killed_within_a_batch_leaves_it_undone_and_the_next_goes_on(merging, monkeypatch):
    raised = [merging.raised(n) for n in (0, 1, 1)]
    event = merging.merge()
    monkeypatch.setattr(following, "BATCH", 1)
    assert sweep_once(merging.service.means, sweep_of(AuditsService)) == 1
    with monkeypatch.context() as armed:
        armed.setattr(following, "crash_point", killed)
        with pytest.raises(Killed):
            sweep_once(merging.service.means, sweep_of(AuditsService))
    assert len(merging.ok("list_nonconformities", {})["items"]) == 1
    assert merging.follow() == 2
    learn(merging.service.database, event)
    assert merging.follow() == 0
    with merging.service.database.sessions() as session:
        left = select(trail.c.subject_id, trail.c.reason).where(trail.c.action == "audits:follow_agencies")
        rows = session.execute(left).all()
        versions = session.scalars(select(nonconformities.c.version)).all()
    assert {row.subject_id for row in rows} == {UUID(each["id"]) for each in raised}
    assert len(rows) == 3
    assert all(BASIS.number in row.reason for row in rows)
    assert set(versions) == {2}


def test_the_counts_for_a_preview(merging):
    raised = merging.raised(0)
    merging.raised(1)
    raised = merging.desk.on("secretary", "record_cause", raised, "nonconformity_id", cause="Thiếu người")
    owner = merging.province.people["officer"]
    plan = {"description": "Bố trí", "owner_id": owner, "due_on": "2026-09-01"}
    merging.desk.on("secretary", "plan_action", raised, "nonconformity_id", **plan)
    asked = {"agency_ids": merging.old}
    admin = merging.a_token("province_admin", agency=merging.province.root, with_subtree=True)
    counted = merging.desk.rpc.call("audits.held_by_agencies", asked, token=admin)["ok"]
    assert {each["kind"]: each["count"] for each in counted} == {
        "nonconformities": 2,
        "open_nonconformities": 2,
        "open_actions": 1,
        "audits_ahead": 0,
        "programmes": 0,
        "open_reviews": 0,
    }
    assert merging.ask("held_by_agencies", asked)["refused"]["code"] == "not_permitted"


def test_the_leader_of_the_agency_that_goes_on_reads_the_minutes_of_the_old_ones(merging):
    event = handed_over(uuid4(), uuid4(), agency_id=merging.old[0])
    hear(merging.service, event)
    asked = {"ids": [event.hand_over_id]}
    assert merging.ok("minutes_by_ids", asked, "unit_leader") == []
    merging.merge()
    merging.follow()
    [minute] = merging.ok("minutes_by_ids", asked, "unit_leader")
    assert minute["hand_over_id"] == str(event.hand_over_id)
