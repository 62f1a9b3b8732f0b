"""A hand-over passes on actions and decisions; its minute is written once all services have reported."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
import typst
import urllib3

from contracts.directory.hand_overs import RolePassed, Signed, SigningPart
from contracts.directory.roles import Role
from contracts.duties import DutyKind, DutySubject, HandedThing
from demo.story import minute
from kernel.run.process import sweep_once
from services.audits.minutes import reactions, sweeps
from services.audits.minutes import rendering as minutes
from services.audits.service import AuditsService
from tests.integration.audits.test_duties import kinds, planned
from tests.integration.audits.test_nonconformities import KEY
from tests.integration.handing import follow, handed_over

MOMENT = datetime(2026, 8, 10, 2, tzinfo=UTC)


def an_event(desk, **changes):
    people, signed = desk.province.people, []
    for part, name in (("giver", "Đinh Thị Mẫu"), ("receiver", "Trần Văn Ưởng"), ("leader", "Lê Thị Quỳnh")):
        signed.append(Signed(part=SigningPart(part), name=name, title="Chuyên viên", at=MOMENT))
    role = RolePassed(
        role=Role.ISO_SECRETARY, name="Thư ký ISO", name_en="ISO secretary", agency="Sở", with_subtree=False
    )
    given = {
        "agency_id": desk.province.department,
        "receiver_id": people["secretary"],
        "signatures": tuple(signed),
        "roles": (role,),
    }
    return handed_over(people["officer"], uuid4(), **given | changes)


def report(audits, event, service, *things):
    with audits.database.sessions() as session:
        call = type("Call", (), {"session": session})
        reactions.note_report(call, service, event.hand_over_id, things)
        session.commit()


def written(audits):
    return sweep_once(audits.means, AuditsService.sweeps[0])


def test_actions_not_done_yet_pass_to_the_successor(desk, audits):
    it = planned(desk)
    event = an_event(desk)
    follow(audits, event)
    [shown] = desk.ok("secretary", "nonconformities_by_ids", ids=[it["id"]])
    assert [each["owner_id"] for each in shown["actions"]] == [str(event.receiver_id)]
    assert "action" in kinds(desk, "secretary")
    assert kinds(desk, "officer") == ["correction"]


def test_an_action_of_another_agency_stays_with_the_person(desk, audits):
    it = planned(desk)
    follow(audits, an_event(desk, agency_id=uuid4()))
    [shown] = desk.ok("secretary", "nonconformities_by_ids", ids=[it["id"]])
    assert [each["owner_id"] for each in shown["actions"]] == [str(desk.province.people["officer"])]


def test_the_minute_is_written_when_all_have_reported_and_says_what_passed(desk, audits):
    it = planned(desk)
    event = an_event(desk)
    thing = HandedThing(
        kind=DutyKind.STEP,
        subject=DutySubject.DOSSIER,
        subject_id=uuid4(),
        code="H42.07-1",
        title="Đổi trụ sở",
    )
    report(audits, event, "cases", thing)
    follow(audits, event)
    assert written(audits) == 0
    report(audits, event, "documents")
    assert (written(audits), written(audits)) == (1, 0)
    asked = {"ids": [event.hand_over_id]}
    [shown] = desk.ok("officer", "minutes_by_ids", **asked)
    things = {each["service"]: each["things"] for each in shown["reports"]}
    assert [each["code"] for each in things["cases"]] == ["H42.07-1"]
    assert [each["code"] for each in things["audits"]] == [it["number"]]
    link = desk.ok("head", "download_minute", hand_over_id=event.hand_over_id)
    body = urllib3.PoolManager().request("GET", link["url"]).data
    assert body.startswith(b"%PDF-1.")
    assert shown["sha256"] == link["sha256"] == sha256(body).hexdigest()
    assert (
        desk.refused("director", "download_minute", hand_over_id=event.hand_over_id)[1]
        == "hand_over_not_found"
    )
    assert desk.ok("auditor", "minutes_by_ids", **asked) == []
    with audits.database.sessions() as session:
        [kept] = sweeps.objects(session)
    assert (kept.sha256, kept.size) == (shown["sha256"], len(body))
    until = audits.means.store.locked_until(kept.key, kept.version_id)
    assert until is not None
    assert (until - datetime.now(UTC)).days > 3600


def test_a_minute_whose_row_was_lost_after_it_was_put_is_not_put_again(desk, audits, monkeypatch):
    event = an_event(desk)
    follow(audits, event)
    for service in ("cases", "documents"):
        report(audits, event, service)

    def killed(name):
        raise RuntimeError(name)

    monkeypatch.setattr(sweeps, "crash_point", killed)
    with pytest.raises(RuntimeError):
        written(audits)
    monkeypatch.undo()
    assert written(audits) == 1
    versions = audits.means.store.listing(f"minutes/{event.hand_over_id}")
    assert len(list(versions)) == 1


def reported(desk, audits, **changes):
    event = an_event(desk, **changes)
    follow(audits, event)
    for service in ("cases", "documents"):
        report(audits, event, service)
    return event


def test_letters_that_no_font_has_are_named_by_their_number(desk, audits):
    event = reported(desk, audits, note="Chìa khóa 😀 số 3", agency="漢 Sở")
    assert written(audits) == 1
    link = desk.ok("head", "download_minute", hand_over_id=event.hand_over_id)
    page = minute.text_of(urllib3.PoolManager().request("GET", link["url"]).data)
    assert "Chìa khóa [U+1F600] số 3" in page
    assert "[U+6F22] SỞ" in page


def test_a_minute_that_cannot_be_written_holds_up_no_other_and_is_tried_again(desk, audits, monkeypatch):
    broken, whole = reported(desk, audits, number="0001"), reported(desk, audits, number="0002")
    render = sweeps.render

    def refuse(facts):
        if facts["number"] == "0001":
            raise typst.TypstError("a defect of the page")
        return render(facts)

    monkeypatch.setattr(sweeps, "render", refuse)
    assert [written(audits) for _ in range(3)] == [1, 1, 0]
    asked = {"ids": [broken.hand_over_id, whole.hand_over_id]}
    shown = {each["hand_over_id"]: each["sha256"] for each in desk.ok("head", "minutes_by_ids", **asked)}
    assert shown[str(broken.hand_over_id)] is None
    assert shown[str(whole.hand_over_id)]
    monkeypatch.setattr(sweeps, "render", render)
    monkeypatch.setattr(sweeps, "AGAIN", timedelta(0))
    assert [written(audits) for _ in range(2)] == [1, 0]


def test_the_same_facts_make_the_same_bytes(desk):
    facts = minutes.facts(an_event(desk, note="Chìa khóa tủ hồ sơ số 3"), [])
    assert minutes.render(facts) == minutes.render(facts)


def test_a_nonconformity_that_passed_can_be_worked_on_by_the_successor(desk, audits):
    it = planned(desk)
    follow(audits, an_event(desk))
    done = {"action_id": it["actions"][0]["id"], "note": "Đã phân công"}
    [it] = desk.ok("secretary", "nonconformities_by_ids", ids=[it["id"]])
    it = desk.on("secretary", "complete_action", it, KEY, **done)
    assert it["actions"][0]["done_by"] == str(desk.province.people["secretary"])
