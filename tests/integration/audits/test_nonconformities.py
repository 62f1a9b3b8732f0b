"""The register on real servers: raised, corrected, acted on, verified by another, closed."""

from datetime import UTC, datetime
from uuid import uuid4

from eventlet import GreenPool
from sqlalchemy import func, select

from contracts.base import Envelope
from contracts.cases.dossiers import Scope
from contracts.cases.events import DossierOverdue
from kernel.base import clock
from kernel.data.tables import outbox
from kernel.work.handling import react
from services.audits.nonconformities.tables import nonconformities
from services.audits.service import AuditsService

KEY = "nonconformity_id"


def test_a_nonconformity_goes_from_raised_to_closed(desk, audits):
    it = desk.raised()
    assert it["number"] == "KPH-2026-0001"
    it = desk.on("officer", "record_correction", it, KEY, correction="Trả kết quả và xin lỗi")
    it = desk.on("secretary", "record_cause", it, KEY, cause="Thiếu người thẩm định")
    owner = desk.province.people["officer"]
    planned = {"description": "Phân công người thay", "owner_id": owner, "due_on": "2026-09-10"}
    it = desk.on("secretary", "plan_action", it, KEY, **planned)
    assert desk.refused_on("head", "close_nonconformity", it, KEY)[1] == "action_still_open"
    action = {"action_id": it["actions"][0]["id"], "note": "Đã phân công"}
    it = desk.on("officer", "complete_action", it, KEY, **action)
    it = desk.on("auditor", "verify_action", it, KEY, is_effective=True, **action)
    it = desk.on("head", "close_nonconformity", it, KEY)
    assert (it["state"], it["closed_by"]) == ("closed", str(desk.province.people["head"]))
    assert (
        desk.refused_on("officer", "record_correction", it, KEY, correction="muộn")[1]
        == "nonconformity_closed"
    )
    with audits.database.sessions() as session:
        topics = session.scalars(select(outbox.c.topic)).all()
    assert topics.count("audits.action_assigned.v1") == 1
    assert topics.count("audits.nonconformity_changed.v1") == 7


def test_who_did_an_action_may_not_verify_it(desk):
    it = desk.on("secretary", "record_cause", desk.raised(), KEY, cause="Quy trình rườm rà")
    owner = desk.province.people["secretary"]
    planned = {"description": "Rút ngắn bước", "owner_id": owner, "due_on": "2026-09-10"}
    it = desk.on("secretary", "plan_action", it, KEY, **planned)
    action = {"action_id": it["actions"][0]["id"], "note": "xong"}
    assert desk.refused_on("officer", "complete_action", it, KEY, **action)[1] == "not_your_action"
    it = desk.on("secretary", "complete_action", it, KEY, **action)
    no = desk.refused_on("secretary", "verify_action", it, KEY, is_effective=True, **action)
    assert no[:2] == ("Forbidden", "verifier_did_it")


def test_an_action_found_ineffective_is_planned_anew(desk):
    it = desk.on("secretary", "record_cause", desk.raised(), KEY, cause="Chưa rõ trách nhiệm")
    planned = {
        "description": "Nhắc việc",
        "owner_id": desk.province.people["officer"],
        "due_on": "2026-09-10",
    }
    it = desk.on("secretary", "plan_action", it, KEY, **planned)
    action = {"action_id": it["actions"][0]["id"], "note": "xong"}
    it = desk.on("officer", "complete_action", it, KEY, **action)
    it = desk.on("auditor", "verify_action", it, KEY, is_effective=False, **action)
    assert it["actions"][0]["state"] == "planned"


def test_closing_is_refused_until_everything_is_done(desk):
    it = desk.raised(severity="major")
    assert desk.refused_on("head", "close_nonconformity", it, KEY)[1] == "not_corrected_yet"
    it = desk.on("officer", "record_correction", it, KEY, correction="Đã xử lý")
    assert desk.refused_on("head", "close_nonconformity", it, KEY)[1] == "corrective_action_needed"
    planned = {"description": "x y z", "owner_id": desk.province.people["officer"], "due_on": "2026-09-10"}
    assert desk.refused_on("secretary", "plan_action", it, KEY, **planned)[1] == "cause_not_found_yet"
    it = desk.on("secretary", "record_cause", it, KEY, cause="Đã rõ")
    past = planned | {"due_on": "2026-08-01"}
    assert desk.refused_on("secretary", "plan_action", it, KEY, **past) == (
        "Invalid",
        "action_due_in_the_past",
        "dueOn",
    )
    stranger = planned | {"owner_id": desk.province.people["lead"]}
    assert desk.refused_on("secretary", "plan_action", it, KEY, **stranger)[1] == "owner_not_of_agency"


def test_a_foreign_agency_sees_nothing(desk, a_token):
    it = desk.raised()
    stranger = a_token("iso_secretary", "iso_head", agency=uuid4())
    about = {"request_id": uuid4(), KEY: it["id"], "expected_version": it["version"], "cause": "x y z"}
    refused = desk.rpc.call("audits.record_cause", about, token=stranger)["refused"]
    assert refused["code"] == "nonconformity_not_found"
    listed = desk.rpc.call("audits.list_nonconformities", {}, token=stranger)["ok"]
    assert listed["items"] == []
    assert desk.rpc.call("audits.nonconformities_by_ids", {"ids": [it["id"]]}, token=stranger)["ok"] == []


def overdue(province, **changes):
    given = {
        "dossier_id": uuid4(),
        "number": f"H42.13-260701-{uuid4().hex[:4]}",
        "scope": Scope.STEP,
        "step_seq": 5,
        "step_number": "Bước 3",
        "agency_id": province.department,
        "officer_id": None,
        "document_id": province.procedure,
        "revision_id": uuid4(),
        "revision_number": 1,
        "document_code": "QTTP-20",
        "title": "Thay đổi trụ sở",
        "tthc_code": "1.012644",
        "due_at": datetime(2026, 7, 20, 3, tzinfo=UTC),
        "occurred_at": datetime(2026, 7, 20, 3, tzinfo=UTC),
        "is_synced": True,
        "is_synced_history": False,
    }
    return DossierOverdue(**given | changes)


def publish(audits, event) -> None:
    envelope = Envelope(
        message_id=uuid4(),
        topic=event.topic,
        sequence=1,
        aggregate_id=event.dossier_id,
        version=1,
        occurred_at=clock.now(),
        recorded_at=clock.now(),
    )
    react(audits.means, "note_overdue", AuditsService.reactions["note_overdue"].handler, envelope, event)


def register(audits):
    with audits.database.sessions() as session:
        return session.execute(select(nonconformities).order_by(nonconformities.c.number)).mappings().all()


def test_many_late_dossiers_of_one_step_and_month_are_one_nonconformity(audits, province):
    for _ in range(5):
        publish(audits, overdue(province))
    [one] = register(audits)
    assert (one["source"], one["occurrences"], one["needs_corrective_action"]) == ("overdue", 5, True)
    publish(audits, overdue(province, step_number="Bước 4"))
    publish(audits, overdue(province, due_at=datetime(2026, 8, 3, tzinfo=UTC)))
    assert [each["occurrences"] for each in register(audits)] == [5, 1, 1]


def test_late_dossiers_published_side_by_side_are_one_nonconformity(audits, province):
    """As a sync publishes them: many facts of one group in one moment, handled by several workers."""
    pool = GreenPool(8)
    for _ in pool.imap(lambda event: publish(audits, event), [overdue(province) for _ in range(24)]):
        pass
    assert [each["occurrences"] for each in register(audits)] == [24]


def test_the_same_lateness_published_twice_counts_once(audits, province):
    event = overdue(province)
    publish(audits, event)
    publish(audits, event)
    assert [each["occurrences"] for each in register(audits)] == [1]


def test_history_from_before_the_start_opens_none(audits, province):
    publish(audits, overdue(province, due_at=datetime(2025, 6, 1, tzinfo=UTC)))
    assert register(audits) == []


def test_after_closing_the_next_lateness_opens_another(audits, desk, province):
    publish(audits, overdue(province))
    [it] = desk.rpc.call("audits.list_nonconformities", {}, token=province.token("secretary"))["ok"]["items"]
    it = desk.on("officer", "record_correction", it, KEY, correction="Đã trả kết quả")
    desk.on("head", "close_nonconformity", it, KEY)
    publish(audits, overdue(province))
    assert [each["state"] for each in register(audits)] == ["closed", "open"]


def test_numbers_are_gapless_when_raised_side_by_side(desk, audits):
    province = desk.province
    asked = [
        {
            "request_id": uuid4(),
            "agency_id": province.department,
            "severity": "minor",
            "description": f"Lỗi {n}",
        }
        for n in range(12)
    ]
    sent = {
        desk.rpc.send("audits.raise_nonconformity", each, token=province.token("secretary")) for each in asked
    }
    while sent:
        sent.discard(desk.rpc.arrived()[0])
    assert [each["number"] for each in register(audits)] == [f"KPH-2026-{n:04}" for n in range(1, 13)]


def test_the_list_is_read_page_by_page(desk, audits):
    for _ in range(7):
        desk.raised()
    seen, after = [], None
    while True:
        page = desk.rpc.call(
            "audits.list_nonconformities",
            {"first": 3, "after": after},
            token=desk.province.token("secretary"),
        )["ok"]
        seen += [each["number"] for each in page["items"]]
        if not page["has_next"]:
            break
        after = page["cursors"][-1]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 7
    with audits.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(nonconformities)) == 7


def test_the_trail_shows_how_a_nonconformity_came_about_to_those_who_keep_it(desk, a_token):
    it = desk.on("secretary", "record_correction", desk.raised(), KEY, correction="Đã trả kết quả")
    asked = {"subject_id": it["id"]}
    rows = desk.rpc.call("audits.trail_of", asked, token=desk.province.token("head"))["ok"]
    assert [row["action"] for row in rows] == ["audits:record_correction", "audits:raise_nonconformity"]
    stranger = a_token("iso_head", agency=uuid4())
    refused = desk.rpc.call("audits.trail_of", asked, token=stranger)["refused"]
    nothing = desk.rpc.call("audits.trail_of", {"subject_id": uuid4()}, token=stranger)["refused"]
    assert refused == nothing
    assert refused["code"] == "subject_not_found"


def test_nobody_verifies_an_action_by_acting_for_who_did_it(desk):
    it = desk.on("secretary", "record_cause", desk.raised(), KEY, cause="Quy trình rườm rà")
    owner = desk.province.people["secretary"]
    planned = {"description": "Rút ngắn bước", "owner_id": owner, "due_on": "2026-09-10"}
    it = desk.on("secretary", "plan_action", it, KEY, **planned)
    action = {"action_id": it["actions"][0]["id"], "note": "xong"}
    it = desk.on("secretary", "complete_action", it, KEY, **action)
    lent = desk.province.a_token("iso_secretary", agency=desk.province.department, on_behalf_of=owner)
    about = {"request_id": uuid4(), KEY: it["id"], "expected_version": it["version"], "is_effective": True}
    answer = desk.rpc.call("audits.verify_action", about | action, token=lent)
    assert answer["refused"]["code"] == "verifier_did_it"


def test_a_clause_that_the_standard_does_not_have_cannot_be_cited(desk):
    asked = {"agency_id": desk.province.department, "severity": "minor", "description": "Hồ sơ trả chậm"}
    token = desk.province.token("secretary")
    for strange in ("99.99", "7.5.4", "3"):
        given = asked | {"request_id": uuid4(), "clause": strange}
        no = desk.rpc.call("audits.raise_nonconformity", given, token=token)["refused"]
        assert (no["code"], no["field"]) == ("clause_unknown", "clause")
    for cited in ("8.7", "7.5.3.1", "10.2.2"):
        assert desk.raised(clause=cited)["clause"] == cited
