"""Warnings and lateness on real servers: published once, by business time, for what is due and no more."""

from itertools import pairwise
from uuid import UUID

from services.cases.clocks.tables import clocks
from services.cases.statistics import queries as figures

START = "2026-08-10T07:30+07:00"


def overdue(office, scope):
    return [each for each in office.published("dossier_overdue") if each["scope"] == scope]


def test_a_step_and_a_dossier_are_warned_of_and_found_overdue_each_once(office, business_clock):
    business_clock(START)
    dossier = office.on(office.received())
    assert office.sweep() == 0
    business_clock("2026-08-14T10:00+07:00")
    assert office.sweep() == 1
    [warning] = office.published("dossier_nearing")
    assert (warning["scope"], warning["step_seq"]) == ("step", 2)
    assert warning["agency_id"] == str(office.department)
    assert warning["officer_id"] is not None
    business_clock("2026-08-17T10:00+07:00")
    assert office.sweep() == 1
    [late] = overdue(office, "step")
    assert (late["step_seq"], late["due_at"]) == (2, "2026-08-14T10:30:00Z")
    assert office.published("dossier_changed")[-1]["is_overdue"] is False
    business_clock("2026-08-24T08:00+07:00")
    assert office.sweep() == 1
    [whole] = overdue(office, "dossier")
    assert whole["agency_id"] == str(office.department)
    assert (whole["document_code"], whole["revision_number"]) == ("QTTP-20", 1)
    assert whole["is_synced_history"] is False
    assert office.published("dossier_changed")[-1]["is_overdue"] is True
    for _ in range(3):
        assert office.sweep() == 0
    assert len(office.published("dossier_overdue")) == 2
    assert office.count(clocks) == 0
    [view] = office.ok("dossiers_by_ids", {"ids": [dossier["id"]]})
    assert view["is_overdue"] is True


def test_nothing_is_published_while_a_pause_holds_the_clock(office, business_clock):
    business_clock(START)
    dossier = office.do("pause_dossier", office.received(), reason="supplement")
    assert office.count(clocks) == 0
    business_clock("2027-06-01T08:00+07:00")
    assert office.sweep() == 0
    dossier = office.do("resume_dossier", dossier)
    assert office.published("dossier_overdue") == []
    assert dossier["is_overdue"] is False
    business_clock("2027-12-01T08:00+07:00")
    assert office.sweep() == 1
    assert {each["scope"] for each in office.published("dossier_overdue")} == {"step", "dossier"}


def test_what_a_command_finds_overdue_the_sweep_does_not_publish_again(office, business_clock):
    business_clock(START)
    dossier = office.received()
    business_clock("2026-09-30T08:00+07:00")
    office.do("hand_over", dossier, step=1)
    assert sorted(each["scope"] for each in office.published("dossier_overdue")) == ["dossier", "step"]
    office.sweep()
    assert len(overdue(office, "dossier")) == 1


def test_that_the_sweep_published_a_clock_is_no_conflict_for_the_next_act(office, business_clock):
    business_clock(START)
    seen = office.on(office.received())
    business_clock("2026-08-17T10:00+07:00")
    assert office.sweep() == 1
    moved = office.do("hand_over", seen, step=2)
    assert moved["version"] > seen["version"] + 1
    assert office.cannot("acknowledge_hand_over", seen, step=3) == "changed_meanwhile"
    ahead = moved | {"version": moved["version"] + 1}
    assert office.cannot("acknowledge_hand_over", ahead, step=3) == "changed_meanwhile"


def test_steps_that_share_a_duration_share_its_clock(office, business_clock):
    business_clock(START)
    dossier = office.on(office.received())
    due = dossier["steps"][1]["due_at"]
    business_clock("2026-08-12T08:00+07:00")
    dossier = office.on(dossier)
    assert dossier["steps"][2]["due_at"] == due
    business_clock("2026-08-17T08:00+07:00")
    office.sweep()
    [late] = overdue(office, "step")
    assert late["step_seq"] == 3


def test_a_step_that_is_returned_to_has_only_the_time_it_had_left(office, business_clock):
    business_clock(START)
    above = office.officer(office.root)
    dossier = office.on(office.received())
    business_clock("2026-08-12T07:30+07:00")
    dossier = office.on(office.on(dossier))
    business_clock("2026-08-13T07:30+07:00")
    dossier = office.do("return_step", dossier, above, step=4, reason="Thiếu ý kiến")
    assert dossier["step_seq"] == 2
    # Two of its five days were used up; three remain: 13, 14, 17
    assert dossier["steps"][1]["due_at"] == "2026-08-17T10:30:00Z"


def test_the_sweep_takes_what_is_due_and_leaves_the_rest(office, business_clock):
    business_clock(START)
    made = [office.received() for _ in range(3)]
    business_clock("2026-08-20T07:30+07:00")
    later = [office.received() for _ in range(2)]
    business_clock("2026-08-22T17:29+07:00")
    while office.sweep():
        pass
    assert {each["dossier_id"] for each in overdue(office, "dossier")} == {each["id"] for each in made}
    assert office.count(clocks, clocks.c.dossier_id.in_([UUID(each["id"]) for each in later])) == 2


def test_the_figures_kept_equal_those_rebuilt_from_the_log(office, business_clock):
    business_clock(START)
    made = [office.received() for _ in range(4)]
    office.do("pause_dossier", made[0], reason="supplement")
    office.do("stop_dossier", made[1], reason="Người nộp rút hồ sơ")
    business_clock("2026-10-01T09:00+07:00")
    while office.sweep():
        pass
    office.received()
    with office.database.sessions() as session:
        kept = figures.kept(session)
        assert kept == +figures.rebuilt(session)
        assert {key.month.isoformat() for key, _ in kept} == {"2026-08-01", "2026-10-01"}
        figures.rebuild(session)
        session.commit()
        assert figures.kept(session) == kept
    [shown] = office.ok("figures_of", {})
    assert (shown["received"], shown["open"], shown["overdue_open"], shown["stopped"]) == (5, 4, 2, 1)
    [august] = office.ok("figures_of", {"from_month": "2026-08-01", "to_month": "2026-08-31"})
    assert august["received"] == 4


def test_the_explanation_adds_up_to_the_second_with_a_pause_and_the_holidays(office, business_clock):
    business_clock("2026-08-20T15:20+07:00")
    dossier = office.received()
    business_clock("2026-08-25T10:00+07:00")
    dossier = office.do("pause_dossier", dossier, reason="supplement")
    during = office.ok("deadline_explanation", {"dossier_id": dossier["id"]})
    assert during["due_at"] is None
    assert (
        during["counted_seconds"] + during["remaining_seconds"] == during["allowed_seconds"] == 10 * 8 * 3600
    )
    assert during["segments"][-1]["end"] is None
    business_clock("2026-08-27T14:00+07:00")
    dossier = office.do("resume_dossier", dossier)
    explained = office.ok("deadline_explanation", {"dossier_id": dossier["id"]})
    segments = explained["segments"]
    assert sum(each["counted_seconds"] for each in segments) == 10 * 8 * 3600
    assert explained["remaining_seconds"] == 0
    assert segments[0]["kind"] == "after_cut_off"
    assert segments[0]["start"] == "2026-08-20T08:20:00Z"
    assert segments[-1]["end"] == explained["due_at"] == dossier["due_at"]
    for before, after in pairwise(segments):
        assert before["end"] == after["start"]
    kinds = {each["kind"]: each for each in segments}
    assert "bổ sung" in kinds["paused"]["vi"]
    assert "9441/TB-BNV" in {each["notice"] for each in segments}
    assert explained["warnings"] == []
