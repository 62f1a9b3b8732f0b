"""What the keeping of quality waits for: by name for its person, else for those who may do it."""

from uuid import uuid4

from sqlalchemy import text

from tests.integration.audits.test_nonconformities import KEY
from tests.integration.plans import read_whole, watched


def _asked(desk, who, more):
    return desk.rpc.call("audits.quality_duties", more, token=desk.province.token(who))["ok"]


def kinds(desk, who, **more):
    return [each["kind"] for each in _asked(desk, who, more)["items"]]


def planned(desk, owner="officer", due_on="2026-08-12"):
    it = desk.on("secretary", "record_cause", desk.raised(), KEY, cause="Thiếu người thẩm định")
    action = {"description": "Phân công người thay", "owner_id": desk.province.people[owner]}
    return desk.on("secretary", "plan_action", it, KEY, **action, due_on=due_on)


def test_a_nonconformity_waits_for_its_keepers_until_it_is_corrected(desk):
    it = desk.raised()
    assert kinds(desk, "secretary") == ["correction"]
    assert kinds(desk, "officer") == ["correction"], "an officer may record a correction"
    assert kinds(desk, "auditor") == []
    desk.on("officer", "record_correction", it, KEY, correction="Trả kết quả và xin lỗi")
    assert kinds(desk, "secretary") == []


def test_an_action_waits_for_its_owner_by_office_hours_and_then_for_another_to_verify(desk, business_clock):
    it = planned(desk)
    it = desk.on("officer", "record_correction", it, KEY, correction="Trả kết quả và xin lỗi")
    [action] = _asked(desk, "officer", {})["items"]
    assert (action["kind"], action["is_own"], action["code"]) == ("action", True, it["number"])
    assert action["minutes_left"] == 3 * 8 * 60 - 30, "three days, of which half an hour has passed"
    business_clock("2026-08-13T08:00+07:00")
    [late] = _asked(desk, "officer", {})["counts"]
    assert late == {"kind": "action", "count": 1, "late": 1}
    done = {"action_id": it["actions"][0]["id"], "note": "Đã phân công"}
    desk.on("officer", "complete_action", it, KEY, **done)
    assert kinds(desk, "officer") == []
    assert kinds(desk, "secretary") == ["verification"]
    assert kinds(desk, "auditor") == ["verification"]


def test_a_day_beyond_all_bounds_is_refused_and_one_entered_before_empties_no_page(desk, audits):
    it = desk.on("secretary", "record_cause", desk.raised(), KEY, cause="Thiếu người thẩm định")
    action = {"description": "Phân công người thay", "owner_id": desk.province.people["officer"]}
    about = {KEY: it["id"], "expected_version": it["version"], **action, "due_on": "9999-12-31"}
    no = desk.rpc.call(
        "audits.plan_action", about | {"request_id": uuid4()}, token=desk.province.token("secretary")
    )["refused"]
    assert (no["code"], no["field"]) == ("date_out_of_bounds", "dueOn")
    planned(desk)
    planned(desk)
    with audits.database.sessions.begin() as session:
        session.execute(
            text(
                "update corrective_actions set due_on = '9999-12-31' where id = ("
                "select id from corrective_actions order by id limit 1)"
            )
        )
    assert kinds(desk, "officer").count("action") == 2


def test_who_did_an_action_is_not_asked_to_verify_it(desk):
    it = planned(desk, owner="secretary")
    done = {"action_id": it["actions"][0]["id"], "note": "xong"}
    desk.on("secretary", "complete_action", it, KEY, **done)
    assert "verification" not in kinds(desk, "secretary")
    assert "verification" in kinds(desk, "head")


def test_a_leader_sees_the_actions_of_somebody_of_the_unit_and_a_stranger_does_not(desk):
    planned(desk)
    officer = {"person_id": desk.province.people["officer"]}
    assert kinds(desk, "head", **officer) == ["action"]
    assert kinds(desk, "director", **officer) == []
    assert kinds(desk, "secretary", **officer) == []


def test_what_waits_is_found_by_index(desk, audits):
    planned(desk)
    tables = ("nonconformities", "corrective_actions", "review_tasks", "reviews", "audits")
    for who in ("officer", "secretary", "auditor", "head"):
        with watched(audits.database) as asked:
            _asked(desk, who, {})
        assert read_whole(audits.database, asked, tables) == []
